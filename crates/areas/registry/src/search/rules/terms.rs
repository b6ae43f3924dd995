//! What a usage point can be found by, as terms of small letters and digits. One index over
//! `(org, kind, term, usage_point)` answers every question by a range, in both databases alike.

use kernel::Id;

use crate::{
    PersonKind, TermKind,
    words::{normal, pinyin::Reading},
};

/// Terms are cut to this many characters of the name: enough to tell names apart, and short
/// enough that a long name of a firm does not fill the index.
const NAME_CHARS: usize = 12;
const LETTERS: usize = 32;
/// Where the name of a firm stops saying anything: no term starts inside these.
const GENERIC_TAILS: [&str; 6] =
    ["有限责任公司", "股份有限公司", "集团有限公司", "有限公司", "分公司", "公司"];

/// One row of `search_term`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Term {
    /// Which list it belongs to.
    pub kind: TermKind,
    /// Small letters and digits.
    pub term: String,
    /// What it leads to.
    pub usage_point: Id,
}

/// Writes a folded text so that ranges over it mean the same in every collation: each character
/// as three base-36 digits (characters from U+B130 on, which no common Chinese name uses, as `z`
/// and four). A prefix of the text is a prefix of its code.
#[must_use]
pub fn encode(folded: &str) -> String {
    const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    const THREE_DIGITS_BELOW: u32 = 35 * 36 * 36;
    let mut code = String::with_capacity(folded.len());
    for c in folded.chars() {
        let value = u32::from(c);
        let units: &[u32] = if value < THREE_DIGITS_BELOW {
            &[36 * 36, 36, 1]
        } else {
            code.push('z');
            &[36 * 36 * 36, 36 * 36, 36, 1]
        };
        code.extend(units.iter().map(|unit| char::from(DIGITS[(value / unit % 36) as usize])));
    }
    code
}

/// The first term after all those that start with `prefix`; `None` when there is no such term.
/// Its alphabet is that of terms, so no collation can disagree.
#[must_use]
pub fn after_prefix(prefix: &str) -> Option<String> {
    let kept = prefix.trim_end_matches('z');
    let last = kept.chars().next_back()?;
    let next = if last == '9' { 'a' } else { char::from_u32(u32::from(last) + 1)? };
    Some(format!("{}{next}", &kept[..kept.len() - last.len_utf8()]))
}

/// A number or code as a term: small letters and digits only.
#[must_use]
pub fn number(text: &str) -> String {
    normal::half_width(text)
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect()
}

fn reversed(text: &str) -> String {
    text.chars().rev().collect()
}

/// The terms of a 户号, and of the code of a usage point where it is another number.
pub fn of_numbers(account_no: &str, code: &str, usage_point: Id, terms: &mut Vec<Term>) {
    let (account_no, code) = (number(account_no), number(code));
    if code != account_no {
        push(terms, TermKind::Code, code, usage_point);
    }
    push(terms, TermKind::Account, account_no, usage_point);
}

/// The terms of a telephone number in E.164.
pub fn of_phone(e164: &str, usage_point: Id, terms: &mut Vec<Term>) {
    let digits = number(normal::phone_digits(e164));
    push(terms, TermKind::PhoneTail, reversed(&digits), usage_point);
    push(terms, TermKind::Phone, digits, usage_point);
}

/// The terms of a meter's asset number.
pub fn of_meter(asset_no: &str, usage_point: Id, terms: &mut Vec<Term>) {
    let asset_no = number(asset_no);
    push(terms, TermKind::MeterTail, reversed(&asset_no), usage_point);
    push(terms, TermKind::Meter, asset_no, usage_point);
}

/// The terms of a name, in characters, 拼音 and initials: from its start, and from every later
/// character that says something (张伟民: 张伟民, 伟民; a firm: not from inside 有限公司).
pub fn of_name(kind: PersonKind, name: &str, usage_point: Id, terms: &mut Vec<Term>) {
    let folded = normal::fold(name);
    push(terms, TermKind::Name, cut_code(&folded, NAME_CHARS), usage_point);
    let telling = telling_chars(kind, &folded);
    for (at, _) in folded.char_indices().take(telling).skip(1) {
        if folded[at..].chars().nth(1).is_some() {
            push(terms, TermKind::NamePart, cut_code(&folded[at..], NAME_CHARS), usage_point);
        }
    }
    let reading = match kind {
        PersonKind::Person => Reading::of_person(name),
        PersonKind::Company => Reading::of(name),
    };
    push(terms, TermKind::Pinyin, cut(reading.full()), usage_point);
    push(terms, TermKind::Initials, cut(reading.initials()), usage_point);
    let last_start = telling.saturating_sub(1);
    for part in reading.parts().take_while(|p| reading.len() - p.len() <= last_start) {
        push(terms, TermKind::PinyinPart, cut(part.full()), usage_point);
        if kind == PersonKind::Company {
            push(terms, TermKind::InitialsPart, cut(part.initials()), usage_point);
        }
    }
}

/// The terms of a name that people give to a place.
pub fn of_alias(alias: &str, usage_point: Id, terms: &mut Vec<Term>) {
    let folded = normal::fold(alias);
    let count = folded.chars().count();
    for (at, _) in folded.char_indices().take(count.saturating_sub(1).max(1)) {
        push(terms, TermKind::Alias, cut_code(&folded[at..], NAME_CHARS), usage_point);
    }
    let reading = Reading::of(alias);
    push(terms, TermKind::Alias, cut(reading.full()), usage_point);
    push(terms, TermKind::Alias, cut(reading.initials()), usage_point);
}

/// How many characters of the folded name come before its generic tail.
fn telling_chars(kind: PersonKind, folded: &str) -> usize {
    let count = folded.chars().count();
    let tail = GENERIC_TAILS.iter().find(|t| kind == PersonKind::Company && folded.ends_with(**t));
    count - tail.map_or(0, |t| t.chars().count())
}

fn cut(mut letters: String) -> String {
    letters.truncate(LETTERS);
    letters
}

fn cut_code(folded: &str, chars: usize) -> String {
    let end = folded.char_indices().nth(chars).map_or(folded.len(), |(at, _)| at);
    encode(&folded[..end])
}

/// A question cut as terms are, so that a long name still finds itself.
#[must_use]
pub fn name_prefix(folded: &str) -> String {
    cut_code(folded, NAME_CHARS)
}

/// Letters of a question cut as terms are.
#[must_use]
pub fn letters_prefix(letters: &str) -> String {
    cut(letters.to_owned())
}

fn push(terms: &mut Vec<Term>, kind: TermKind, term: String, usage_point: Id) {
    if !term.is_empty() {
        terms.push(Term { kind, term, usage_point });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(kind: PersonKind, name: &str) -> Vec<(TermKind, String)> {
        let mut terms = Vec::new();
        of_name(kind, name, Id::from_i64(1), &mut terms);
        terms.into_iter().map(|t| (t.kind, t.term)).collect()
    }

    #[test]
    fn a_person_is_found_by_name_given_name_pinyin_and_initials() {
        assert_eq!(
            of(PersonKind::Person, "张伟民"),
            [
                (TermKind::Name, encode("张伟民")),
                (TermKind::NamePart, encode("伟民")),
                (TermKind::Pinyin, "zhangweimin".into()),
                (TermKind::Initials, "zwm".into()),
                (TermKind::PinyinPart, "weimin".into()),
            ]
        );
        assert_eq!(of(PersonKind::Person, "张伟").len(), 3);
    }

    #[test]
    fn a_firm_is_found_by_what_tells_it_apart_only() {
        let terms = of(PersonKind::Company, "湖北华信机械有限公司");
        assert!(terms.contains(&(TermKind::NamePart, encode("华信机械有限公司"))));
        assert!(terms.contains(&(TermKind::InitialsPart, "hxjxyxgs".into())));
        assert!(terms.contains(&(TermKind::PinyinPart, "huaxinjixieyouxiangongsi".into())));
        assert!(!terms.iter().any(|(_, t)| *t == encode("有限公司") || t == "youxiangongsi"));
        assert!(terms.iter().all(|(_, t)| t.len() <= 36));
    }

    #[test]
    fn rare_characters_have_codes_of_their_own() {
        assert_eq!(encode("张"), "isg");
        assert_eq!(encode("𠮷").len(), 5);
        assert_eq!(after_prefix("ab"), Some("ac".into()));
        assert_eq!(after_prefix("a9"), Some("aa".into()));
        assert_eq!(after_prefix("azz"), Some("b".into()));
        assert_eq!((after_prefix("zz"), after_prefix("")), (None, None));
    }

    proptest! {
        #[test]
        fn codes_keep_prefixes_and_only_those(a in "\\PC{0,6}", b in "\\PC{0,6}") {
            let (a, b) = (normal::fold(&a), normal::fold(&b));
            let both = format!("{a}{b}");
            prop_assert!(encode(&both).starts_with(&encode(&a)));
            prop_assert_eq!(encode(&b).starts_with(&encode(&a)), b.starts_with(&a));
        }

        #[test]
        fn a_range_holds_exactly_what_starts_with_its_prefix(prefix in "[0-9a-z]{1,4}", term in "[0-9a-z]{1,6}") {
            let inside = term >= prefix && after_prefix(&prefix).is_none_or(|end| term < end);
            prop_assert_eq!(inside, term.starts_with(&prefix));
        }
    }
}
