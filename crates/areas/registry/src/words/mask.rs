//! What lists and search results show of personal data. Names, telephones and documents are masked
//! by the rules of `access`; ours are two: the name of a company is public, and an address keeps
//! its building, because a clerk must tell 3栋 from 13栋 before asking for the data in clear.

use super::normal;

/// The name of a person masked; the name of a company stays.
#[must_use]
pub fn name(kind: crate::PersonKind, name: &str) -> String {
    match kind {
        crate::PersonKind::Person => access::mask_name(name),
        crate::PersonKind::Company => name.to_owned(),
    }
}

/// A telephone number in E.164 as people write it, masked: 138****5678.
#[must_use]
pub fn phone(e164: &str) -> String {
    access::mask_phone(normal::phone_digits(e164))
}

/// Any other value: only how it begins.
#[must_use]
pub fn other(value: &str) -> String {
    access::mask_name(value)
}

/// An address with its last number (the room or house) covered, and all after it.
#[must_use]
pub fn address(text: &str) -> String {
    let digit = |c: char| c.is_ascii_digit();
    let Some(end) = text.rfind(digit) else { return access::mask_address(text) };
    let start = text[..end]
        .rfind(|c| !digit(c))
        .map_or(0, |at| at + text[at..].chars().next().map_or(1, char::len_utf8));
    format!("{}***", &text[..start])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PersonKind;
    use proptest::prelude::*;

    #[test]
    fn masks_keep_what_staff_need_to_tell_people_apart() {
        assert_eq!(name(PersonKind::Person, "张伟"), "张*");
        assert_eq!(name(PersonKind::Company, "华信有限公司"), "华信有限公司");
        assert_eq!(phone("+8613812345678"), "138****5678");
        assert_eq!(address("阳光花园3栋2单元502室"), "阳光花园3栋2单元***");
        assert_eq!(address("李家村15号"), "李家村***");
        assert_eq!(address("15号"), "***");
    }

    proptest! {
        #[test]
        fn a_masked_address_never_shows_the_last_number(text in "[a-z\\u{4e00}-\\u{4eff}0-9]{1,20}") {
            let masked = address(&text);
            prop_assert!(masked.ends_with("***") && masked.trim_end_matches('*') != text);
        }
    }
}
