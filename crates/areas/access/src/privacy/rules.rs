//! Masking: enough left to recognise what one knows already, too little to learn it. What has no
//! known form is hidden whole.

const STAR: char = '*';

/// `王小明` → `王**`, `欧阳修` → `欧**`, `Li Ming` → `L******`. The number of characters stays.
#[must_use]
pub fn mask_name(name: &str) -> String {
    keep(name, 1, 0)
}

/// `13812341234` → `138****1234`, `+86 138 1234 1234` → the same, `0571-87654321` → `057*****4321`
/// and shorter numbers keep their last two digits only.
#[must_use]
pub fn mask_phone(phone: &str) -> String {
    let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
    let digits = match digits.strip_prefix("86") {
        Some(rest) if rest.len() == 11 && rest.starts_with('1') => rest,
        _ => &digits,
    };
    match digits.len() {
        0 => STAR.to_string().repeat(phone.chars().count()),
        1..=6 => keep(digits, 0, 0),
        7..=9 => keep(digits, 0, 2),
        _ => keep(digits, 3, 4),
    }
}

/// `330102199001011234` → `330***********1234`: the region and the last four of an identity card or
/// a uniform social credit code; shorter documents keep their last two characters.
#[must_use]
pub fn mask_identity(number: &str) -> String {
    match number.chars().count() {
        0..=4 => keep(number, 0, 0),
        5..=14 => keep(number, 0, 2),
        _ => keep(number, 3, 4),
    }
}

/// Keeps an address down to its street or village and hides the rest: `杭州市西湖区文三路 12 号 3
/// 幢 501 室` → `杭州市西湖区文三路****`. An address without such a word keeps its first quarter.
#[must_use]
pub fn mask_address(address: &str) -> String {
    const ENDS: [char; 8] = ['路', '街', '道', '巷', '弄', '村', '镇', '乡'];
    let characters: Vec<char> = address.trim().chars().collect();
    let end = characters.iter().position(|c| ENDS.contains(c)).map(|at| at + 1);
    let kept = end.filter(|end| *end < characters.len()).unwrap_or(characters.len() / 4);
    let mut masked: String = characters.iter().take(kept).collect();
    masked.push_str("****");
    masked
}

/// `li.ming@example.com` → `l***@example.com`. What is no address of that form is hidden whole.
#[must_use]
pub fn mask_email(email: &str) -> String {
    match email.trim().split_once('@') {
        Some((name, host)) if !name.is_empty() && !host.is_empty() && !host.contains('@') => {
            let first: String = name.chars().take(1).collect();
            format!("{first}***@{host}")
        }
        _ => STAR.to_string().repeat(email.chars().count()),
    }
}

/// Keeps some characters at the start and the end and stars the others; a text that would stay
/// whole is starred whole.
fn keep(text: &str, first: usize, last: usize) -> String {
    let count = text.chars().count();
    let (first, last) = if first + last < count { (first, last) } else { (0, 0) };
    let stars = |(at, c): (usize, char)| if at < first || at + last >= count { c } else { STAR };
    text.chars().enumerate().map(stars).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_forms_stay_recognisable() {
        assert_eq!(mask_name("王小明"), "王**");
        assert_eq!(mask_name("李"), "*");
        assert_eq!(mask_name("Li Ming"), "L******");
        assert_eq!(mask_name(""), "");
        assert_eq!(mask_phone("13812341234"), "138****1234");
        assert_eq!(mask_phone("+86 138 1234 1234"), "138****1234");
        assert_eq!(mask_phone("0571-87654321"), "057*****4321");
        assert_eq!(mask_phone("87654321"), "******21");
        assert_eq!(mask_phone("95598"), "*****");
        assert_eq!(mask_phone("unknown"), "*******");
        assert_eq!(mask_identity("330102199001011234"), "330***********1234");
        assert_eq!(mask_identity("E12345678"), "*******78");
        assert_eq!(mask_address("杭州市西湖区文三路 12 号 3 幢 501 室"), "杭州市西湖区文三路****");
        assert_eq!(mask_address("12 Long Lane, Ely"), "12 L****");
        assert_eq!(mask_address("王家村"), "****");
        assert_eq!(mask_email("li.ming@example.com"), "l***@example.com");
        assert_eq!(mask_email("li.ming"), "*******");
    }

    proptest! {
        #[test]
        fn nothing_is_ever_shown_whole(text in "[^*\\pC]{1,30}") {
            prop_assert!(mask_name(&text) != text);
            prop_assert!(mask_identity(&text) != text);
            prop_assert!(mask_address(&text).ends_with("****"));
            let shown = mask_phone(&text).chars().filter(char::is_ascii_digit).count();
            let digits = text.chars().filter(char::is_ascii_digit).count();
            prop_assert!(shown == 0 || shown + 3 <= digits);
        }
    }
}
