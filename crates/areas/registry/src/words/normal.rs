//! One normal form for each kind of number and name, so that the same thing is stored and found
//! however it was written: full-width digits, blanks, +86, small letters.

/// Why a text is not what it should be; the sentence says what to write instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FormatError {
    /// Not a telephone number.
    #[error(
        "not a telephone number: write 11 digits of a mobile, a landline with area code, or + and country code"
    )]
    Phone,
    /// Not a number of a resident identity card.
    #[error(
        "not an identity card number: 18 characters, the last one checks the others (GB 11643)"
    )]
    IdCard,
    /// Not a unified social credit code.
    #[error(
        "not a unified social credit code: 18 characters, the last one checks the others (GB 32100)"
    )]
    CreditCode,
    /// Not an address of electronic mail.
    #[error("not an e-mail address: write name@host.domain")]
    Email,
    /// A code with characters that codes do not have.
    #[error("not a code: up to 40 letters, digits, '-', '_' or '.'")]
    Code,
    /// A text that a spreadsheet would run as a formula.
    #[error("a text must not begin with =, +, - or @: a spreadsheet would run it as a formula")]
    Formula,
    /// Empty or too long.
    #[error("write 1 to {0} characters on one line")]
    Text(usize),
}

/// Full-width letters, digits and signs as their half-width forms; everything else as it is.
#[must_use]
pub fn half_width(text: &str) -> String {
    text.chars().map(half).collect()
}

fn half(c: char) -> char {
    match c {
        '\u{3000}' => ' ',
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        _ => c,
    }
}

/// What counts when names are compared: letters, digits and Chinese characters, in half width and
/// small letters. 《华信（湖北）公司》 and 华信(湖北)公司 fold to the same text.
#[must_use]
pub fn fold(text: &str) -> String {
    text.chars().map(half).flat_map(char::to_lowercase).filter(|c| c.is_alphanumeric()).collect()
}

/// A text for people on one line: half-width signs where Chinese does not need the wide ones are
/// left alone; control characters are refused, blanks at the ends and doubled blanks removed.
///
/// # Errors
/// [`FormatError::Text`] when it is empty or longer than `max` characters, and
/// [`FormatError::Formula`] when a spreadsheet that later opens an export would run it.
pub fn line(text: &str, max: usize) -> Result<String, FormatError> {
    let tidy = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if half_width(&tidy).starts_with(['=', '+', '-', '@']) {
        return Err(FormatError::Formula);
    }
    let fits = !tidy.is_empty() && tidy.chars().count() <= max && !tidy.contains(char::is_control);
    fits.then_some(tidy).ok_or(FormatError::Text(max))
}

/// A telephone number as E.164. Without a country code it is read as one of mainland China:
/// mobiles have 11 digits and start with 1, landlines have an area code that starts with 0;
/// national service numbers (95598, 4008895598) keep +86 as well. Extensions are not kept.
///
/// # Errors
/// [`FormatError::Phone`].
pub fn phone(text: &str) -> Result<String, FormatError> {
    let text = half_width(text);
    let mut digits = String::with_capacity(16);
    for (at, c) in text.trim().char_indices() {
        match c {
            '0'..='9' => digits.push(c),
            '+' if at == 0 => digits.push('+'),
            ' ' | '-' | '(' | ')' | '.' | '\u{2010}'..='\u{2015}' => {}
            _ => return Err(FormatError::Phone),
        }
    }
    let national = match digits.strip_prefix("+86").or_else(|| digits.strip_prefix("0086")) {
        Some(rest) => rest,
        None if digits.len() == 13 && digits.starts_with("861") => &digits[2..],
        None => {
            let foreign = digits.strip_prefix('+').or_else(|| digits.strip_prefix("00"));
            match foreign {
                Some(n) if (7..=15).contains(&n.len()) && !n.starts_with('0') => {
                    return Ok(format!("+{n}"));
                }
                Some(_) => return Err(FormatError::Phone),
                None => &digits,
            }
        }
    };
    china(national).map(|n| format!("+86{n}")).ok_or(FormatError::Phone)
}

/// A number inside China without its trunk 0: a mobile, a landline with its area code (Beijing is
/// 10), or a national service number.
fn china(n: &str) -> Option<&str> {
    let n = n.strip_prefix('0').unwrap_or(n);
    let fits = match n.as_bytes() {
        [b'1', b'0', ..] => n.len() == 10,
        [b'1', b'3'..=b'9', ..] => n.len() == 11,
        [b'9', ..] if n.len() == 5 => true,
        [b'2'..=b'9', ..] => (9..=11).contains(&n.len()),
        _ => false,
    };
    fits.then_some(n)
}

/// The digits that people say: a Chinese number without +86, any other without its +.
#[must_use]
pub fn phone_digits(e164: &str) -> &str {
    e164.strip_prefix("+86").or_else(|| e164.strip_prefix('+')).unwrap_or(e164)
}

/// A resident identity card number in capitals, its check character verified (GB 11643-1999:
/// ISO 7064 MOD 11-2).
///
/// # Errors
/// [`FormatError::IdCard`].
pub fn id_card(text: &str) -> Result<String, FormatError> {
    let number = compact(text);
    let bytes = number.as_bytes();
    let shape = bytes.len() == 18 && bytes[..17].iter().all(u8::is_ascii_digit);
    let month_and_day =
        || Some((number[10..12].parse::<u8>().ok()?, number[12..14].parse::<u8>().ok()?));
    let dated = shape
        && month_and_day().is_some_and(|(m, d)| (1..=12).contains(&m) && (1..=31).contains(&d));
    if !dated {
        return Err(FormatError::IdCard);
    }
    let sum = bytes[..17].iter().fold(0_u32, |sum, b| (sum + u32::from(b - b'0')) * 2 % 11);
    let check = b"0123456789X"[((12 - sum) % 11) as usize];
    (bytes[17] == check).then_some(number).ok_or(FormatError::IdCard)
}

/// A unified social credit code in capitals, its check character verified (GB 32100-2015).
///
/// # Errors
/// [`FormatError::CreditCode`].
pub fn credit_code(text: &str) -> Result<String, FormatError> {
    const ALPHABET: &[u8] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
    const WEIGHTS: [usize; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
    let code = compact(text);
    let place = |b: u8| ALPHABET.iter().position(|a| *a == b);
    let values: Option<Vec<usize>> = code.bytes().map(place).collect();
    let values = values.filter(|v| v.len() == 18).ok_or(FormatError::CreditCode)?;
    let sum: usize = values.iter().zip(WEIGHTS).map(|(v, w)| v * w).sum();
    (values[17] == (31 - sum % 31) % 31).then_some(code).ok_or(FormatError::CreditCode)
}

/// An e-mail address in small letters. Only its shape is checked; a code sent to it proves it.
///
/// # Errors
/// [`FormatError::Email`].
pub fn email(text: &str) -> Result<String, FormatError> {
    let address = half_width(text).trim().to_lowercase();
    let good = |part: &str| {
        !part.is_empty()
            && part
                .chars()
                .all(|c| !c.is_whitespace() && !c.is_control() && !"@,;<>\"()".contains(c))
    };
    let fits = address.len() <= 254
        && address.split_once('@').is_some_and(|(name, host)| {
            good(name) && host.contains('.') && host.split('.').all(good)
        });
    fits.then_some(address).ok_or(FormatError::Email)
}

/// A 户号, a code of a usage point, 台区, feeder or station, in capitals and half width.
///
/// # Errors
/// [`FormatError::Code`].
pub fn code(text: &str) -> Result<String, FormatError> {
    let code = half_width(text).trim().to_ascii_uppercase();
    let fits = (1..=40).contains(&code.len())
        && code.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
        && code.bytes().any(|b| b.is_ascii_alphanumeric());
    fits.then_some(code).ok_or(FormatError::Code)
}

fn compact(text: &str) -> String {
    half_width(text)
        .chars()
        .filter(|c| !matches!(c, ' ' | '-'))
        .collect::<String>()
        .to_ascii_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn telephone_numbers_become_e164() {
        for (written, e164) in [
            ("13812345678", "+8613812345678"),
            ("+86 138-1234-5678", "+8613812345678"),
            ("008613812345678", "+8613812345678"),
            ("8613812345678", "+8613812345678"),
            ("１３８１２３４５６７８", "+8613812345678"),
            ("027-87654321", "+862787654321"),
            ("(0717) 6543210", "+867176543210"),
            ("95598", "+8695598"),
            ("010-87654321", "+861087654321"),
            ("400-889-5598", "+864008895598"),
            ("+1 (212) 555-0123", "+12125550123"),
            ("+852 2345 6789", "+85223456789"),
        ] {
            assert_eq!(phone(written).as_deref(), Ok(e164), "{written}");
        }
        for bad in [
            "",
            "12345",
            "138123456789",
            "1381234567a",
            "13812345678 or 139",
            "+",
            "+0123456789",
            "10000000000",
        ] {
            assert_eq!(phone(bad), Err(FormatError::Phone), "{bad}");
        }
    }

    #[test]
    fn documents_are_checked_by_their_last_character() {
        // The printed example of GB 11643-1999, and one of a company register.
        assert_eq!(id_card("11010519491231002x").as_deref(), Ok("11010519491231002X"));
        assert_eq!(id_card("440524 18800101 0014").as_deref(), Ok("440524188001010014"));
        assert_eq!(id_card("110105194912310021"), Err(FormatError::IdCard));
        assert_eq!(id_card("110105194913310021"), Err(FormatError::IdCard));
        assert_eq!(credit_code("91350100M000100Y43").as_deref(), Ok("91350100M000100Y43"));
        assert_eq!(credit_code("91350100M000100Y44"), Err(FormatError::CreditCode));
        assert_eq!(credit_code("9135"), Err(FormatError::CreditCode));
    }

    #[test]
    fn names_fold_to_what_counts() {
        assert_eq!(fold("《华信（湖北）公司》"), fold("华信(湖北)公司"));
        assert_eq!(fold("ＡＢＣ Co., Ltd."), "abccoltd");
        assert_eq!(line("  a \t b ", 9).as_deref(), Ok("a b"));
        assert!(line("a\u{7}b", 9).is_err() && line(" ", 9).is_err() && line("abc", 2).is_err());
        assert_eq!(line("=HYPERLINK(1)", 40), Err(FormatError::Formula));
        assert_eq!(line(" ＝1+1", 40), Err(FormatError::Formula));
        assert_eq!(email(" A.B@Example.COM ").as_deref(), Ok("a.b@example.com"));
        assert!(email("a@b").is_err() && email("a b@c.d").is_err() && email("a@.d").is_err());
        assert_eq!(code("ｔ-12").as_deref(), Ok("T-12"));
        assert!(code("=1+1").is_err() && code("--").is_err() && code("户号").is_err());
    }

    proptest! {
        #[test]
        fn a_normal_phone_stays_as_it_is(text in "(\\+|00)?[0-9]{4,16}") {
            if let Ok(e164) = phone(&text) {
                prop_assert_eq!(phone(&e164), Ok(e164.clone()));
                prop_assert!(e164.len() <= 17);
            }
        }

        #[test]
        fn separators_and_width_never_matter(digits in "1[3-9][0-9]{9}", at in 1_usize..10) {
            let wide: String = digits.chars().filter_map(|c| char::from_u32(u32::from(c) + 0xfee0)).collect();
            let spaced = format!("{} -{}", &digits[..at], &digits[at..]);
            prop_assert_eq!(phone(&wide), phone(&digits));
            prop_assert_eq!(phone(&spaced), phone(&digits));
            prop_assert_eq!(phone(&digits), Ok(format!("+86{digits}")));
        }

        #[test]
        fn nothing_makes_the_parsers_stumble(text in "\\PC{0,40}") {
            let _ = (phone(&text), id_card(&text), credit_code(&text), email(&text), code(&text), line(&text, 40));
            prop_assert_eq!(fold(&fold(&text)), fold(&text));
        }
    }
}
