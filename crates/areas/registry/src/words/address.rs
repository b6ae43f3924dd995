//! Addresses as they are written in China, from the large to the small: which part is the street,
//! the community (小区 or 村), the building, the unit; and whether an address is the one meant.
//! A guess for search and grouping: what a person enters in its own field always wins.

use super::normal::half_width;

/// The parts of an address that people search by. Empty where the address has none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parts {
    /// 珞喻路
    pub street: String,
    /// 阳光花园, 李家村
    pub community: String,
    /// 3栋, 2组
    pub building: String,
    /// 1单元
    pub unit: String,
}

/// Ends of the names of regions above a town, in the order in which they nest.
const REGIONS: [&[&str]; 3] =
    [&["省", "自治区"], &["市", "州", "盟", "地区"], &["区", "县", "旗", "市"]];
/// Ends that look like a region but are a place.
const NOT_REGIONS: [&str; 7] = ["小区", "社区", "园区", "厂区", "校区", "家属区", "生活区"];
const TOWNS: [&str; 5] = ["街道办事处", "街道", "镇", "乡", "苏木"];
const STREETS: [&str; 7] = ["大道", "公路", "路", "街", "巷", "弄", "胡同"];
const BUILDINGS: [&str; 7] = ["号楼", "栋", "幢", "座", "组", "楼", "队"];

/// An address in half width without blanks at its ends or doubled inside.
#[must_use]
pub fn tidy(text: &str) -> String {
    half_width(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Finds the parts of a tidy address.
#[must_use]
pub fn parts(address: &str) -> Parts {
    let mut rest = local(address);
    let mut found = Parts::default();
    if let Some((name, after)) = take_street(rest) {
        name.clone_into(&mut found.street);
        rest = after.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '-' | ' '));
        rest = rest.strip_prefix('号').filter(|r| !r.starts_with('楼')).unwrap_or(rest);
    }
    let (community, after) =
        rest.split_at(rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len()));
    community.trim_matches([' ', '-', ',']).clone_into(&mut found.community);
    let (building, after) = take_numbered(after, &BUILDINGS);
    building.clone_into(&mut found.building);
    take_numbered(after, &["单元"]).0.clone_into(&mut found.unit);
    found
}

/// The address without province, city, county and town.
#[must_use]
pub fn local(address: &str) -> &str {
    let mut rest = address.trim();
    for ends in REGIONS {
        if let Some(end) = earliest_end(rest, ends, 8) {
            let name = &rest[..end];
            if end < rest.len() && !NOT_REGIONS.iter().any(|n| name.ends_with(n)) {
                rest = rest[end..].trim_start();
            }
        }
    }
    match earliest_end(rest, &TOWNS, 8) {
        Some(end) if end < rest.len() => rest[end..].trim_start(),
        _ => rest,
    }
}

/// Where the earliest of these endings stops, if it follows at least one and at most `within`
/// characters that are no digits.
fn earliest_end(text: &str, ends: &[&str], within: usize) -> Option<usize> {
    let head = text.char_indices().take(within + 1).take_while(|(_, c)| !c.is_ascii_digit());
    for (at, _) in head.skip(1) {
        if let Some(end) = ends.iter().find(|e| text[at..].starts_with(**e)) {
            return Some(at + end.len());
        }
    }
    None
}

fn take_street(text: &str) -> Option<(&str, &str)> {
    let end = earliest_end(text, &STREETS, 10)?;
    let (name, after) = text.split_at(end);
    // 建设路社区 is a community, 建设路小学 a place; a street is followed by its number or a blank.
    after.starts_with(|c: char| c.is_ascii_digit() || c == ' ').then_some((name, after))
}

fn take_numbered<'a>(text: &'a str, ends: &[&str]) -> (&'a str, &'a str) {
    let text = text.trim_start_matches([' ', '-', ',']);
    let digits = text.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(text.len());
    match ends.iter().find(|e| digits > 0 && text[digits..].starts_with(**e)) {
        Some(end) => text.split_at(digits + end.len()),
        None => ("", text),
    }
}

/// What a search says about an address, in the order said: words and whole numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted(Vec<String>);

/// Counting words that people leave out or vary (3栋, 3幢, 3号楼, 3-1-502): numbers stand for them.
const COUNTERS: [&str; 12] =
    ["单元", "号楼", "栋", "幢", "座", "号", "室", "组", "层", "楼", "户", "房"];

impl Wanted {
    /// Reads a search text: runs of digits, and runs of other letters without counting words.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let folded = half_width(text).to_lowercase();
        let mut words: Vec<String> = Vec::new();
        let mut last = ' ';
        for c in folded.chars() {
            let kind = |c: char| {
                if c.is_ascii_digit() {
                    'd'
                } else if c.is_alphanumeric() {
                    'w'
                } else {
                    ' '
                }
            };
            match words.last_mut() {
                Some(word) if kind(c) == kind(last) && kind(c) != ' ' => word.push(c),
                _ if kind(c) != ' ' => words.push(c.to_string()),
                _ => {}
            }
            last = c;
        }
        words.retain(|w| !COUNTERS.contains(&w.as_str()));
        Self(words)
    }

    /// Whether nothing is asked.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Its words and numbers, in order.
    #[must_use]
    pub fn words(&self) -> &[String] {
        &self.0
    }

    /// Whether the address says all of it, in this order; 3 is not found in 13, and a word with a
    /// counting word at its end (3号楼东) needs only the word.
    #[must_use]
    pub fn matches(&self, address: &str) -> bool {
        let address = half_width(address).to_lowercase();
        let mut rest = address.as_str();
        self.0.iter().all(|word| match find_word(rest, word) {
            Some(end) => {
                rest = &rest[end..];
                true
            }
            None => false,
        })
    }
}

fn find_word(text: &str, word: &str) -> Option<usize> {
    let digits = word.as_bytes().first().is_some_and(u8::is_ascii_digit);
    text.match_indices(word)
        .find(|(at, _)| {
            let before = text[..*at].chars().next_back();
            let after = text[at + word.len()..].chars().next();
            let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
            !digits || !digit(before) && !digit(after)
        })
        .map(|(at, _)| at + word.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_parts_of_an_address_are_found() {
        for (address, street, community, building, unit) in [
            (
                "湖北省武汉市洪山区珞喻路128号阳光花园3栋2单元502室",
                "珞喻路",
                "阳光花园",
                "3栋",
                "2单元",
            ),
            ("武汉市洪山区阳光小区3号楼502", "", "阳光小区", "3号楼", ""),
            ("青山县柳河镇李家村2组15号", "", "李家村", "2组", ""),
            ("柳河镇人民大道 66号", "人民大道", "", "", ""),
            ("建设路社区12栋101", "", "建设路社区", "12栋", ""),
            ("工业园区B座", "", "工业园区B座", "", ""),
            ("阳光花园", "", "阳光花园", "", ""),
            ("", "", "", "", ""),
        ] {
            let expected = Parts {
                street: street.into(),
                community: community.into(),
                building: building.into(),
                unit: unit.into(),
            };
            assert_eq!(parts(&tidy(address)), expected, "{address}");
        }
    }

    #[test]
    fn an_address_is_recognised_however_the_numbers_are_said() {
        let address = "湖北省武汉市洪山区珞喻路128号阳光花园3栋2单元502室";
        for said in [
            "阳光花园3栋502",
            "阳光花园 3幢2单元502室",
            "阳光花园3-2-502",
            "珞喻路128号",
            "３栋５０２",
        ] {
            assert!(Wanted::parse(said).matches(address), "{said}");
        }
        for other in ["阳光花园502-3", "阳光花园12栋", "阳光花园50", "月光花园3栋"]
        {
            assert!(!Wanted::parse(other).matches(address), "{other}");
        }
        assert!(Wanted::parse(" 栋 ").is_empty());
    }

    proptest! {
        #[test]
        fn no_text_makes_it_stumble_and_every_address_matches_itself(text in "[省市区县镇乡路街村组栋号单元室小园阳光 0-9a-zA-Z-]{0,30}") {
            let address = tidy(&text);
            let found = parts(&address);
            for part in [&found.street, &found.community, &found.building, &found.unit] {
                prop_assert!(address.contains(part.as_str()));
            }
            prop_assert!(Wanted::parse(&address).matches(&address));
        }
    }
}
