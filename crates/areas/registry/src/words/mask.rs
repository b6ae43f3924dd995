//! Personal data with its telling parts covered: what lists and search results show. Reading it
//! in clear is another query, which asks for a purpose and leaves a trace.

/// 张伟 as 张*, 欧阳娜娜 as 欧***; Latin names keep their first letter.
#[must_use]
pub fn person_name(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().into_iter().chain(chars.map(|c| if c.is_whitespace() { c } else { '*' })).collect()
}

/// The name of a person masked; the name of a company is public and stays.
#[must_use]
pub fn name(kind: crate::PersonKind, name: &str) -> String {
    match kind {
        crate::PersonKind::Person => person_name(name),
        crate::PersonKind::Company => name.to_owned(),
    }
}

/// A telephone number as 138****5678; short ones keep their last two digits.
#[must_use]
pub fn phone(e164: &str) -> String {
    let digits = super::normal::phone_digits(e164);
    match digits.len() {
        0..=6 => keep(digits, 0, 2),
        7..=9 => keep(digits, 2, 3),
        _ => keep(digits, 3, 4),
    }
}

/// A document number with its first and its last two characters.
#[must_use]
pub fn document(number: &str) -> String {
    keep(number, 1, 2)
}

/// An e-mail address as a***@example.com.
#[must_use]
pub fn email(address: &str) -> String {
    match address.split_once('@') {
        Some((name, host)) => format!("{}@{host}", keep(name, 1, 0)),
        None => keep(address, 1, 0),
    }
}

/// An address with its last number (the room or house) covered.
#[must_use]
pub fn address(text: &str) -> String {
    let digit = |c: char| c.is_ascii_digit();
    let Some(end) = text.rfind(digit) else { return text.to_owned() };
    let start = text[..end]
        .rfind(|c| !digit(c))
        .map_or(0, |at| at + text[at..].chars().next().map_or(1, char::len_utf8));
    format!("{}***{}", &text[..start], &text[end + 1..])
}

/// Any other value: only how it begins.
#[must_use]
pub fn other(value: &str) -> String {
    keep(value, 1, 0)
}

fn keep(text: &str, first: usize, last: usize) -> String {
    let count = text.chars().count();
    let last_from = count.saturating_sub(last);
    let covered = |at: usize| at >= first && at < last_from || count <= first + last;
    text.chars().enumerate().map(|(at, c)| if covered(at) { '*' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn masks_keep_what_staff_need_to_tell_people_apart() {
        assert_eq!(person_name("张伟"), "张*");
        assert_eq!(person_name("John Smith"), "J*** *****");
        assert_eq!(phone("+8613812345678"), "138****5678");
        assert_eq!(phone("+8695598"), "***98");
        assert_eq!(document("11010519491231002X"), "1***************2X");
        assert_eq!(email("zhang@example.com"), "z****@example.com");
        assert_eq!(email("a@example.com"), "*@example.com");
        assert_eq!(address("阳光花园3栋2单元502室"), "阳光花园3栋2单元***室");
        assert_eq!(address("李家村15号"), "李家村***号");
        assert_eq!(address("15号"), "***号");
    }

    proptest! {
        #[test]
        fn a_mask_never_shows_a_whole_value(text in "[a-z0-9\\u{4e00}-\\u{4eff}]{2,20}") {
            prop_assert_ne!(person_name(&text), text.clone());
            prop_assert_ne!(document(&text), text.clone());
            prop_assert_ne!(other(&text), text.clone());
            let _ = (phone(&text), email(&text), address(&text));
        }
    }
}
