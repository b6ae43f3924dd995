//! What a question asks: its words, and for each word the ranges of terms that can answer it.

use super::terms;
use crate::{
    TermKind,
    words::{address::Wanted, normal},
};

/// How many words of a question count.
const WORDS: usize = 6;
/// Longer questions are cut.
const CHARS: usize = 80;

/// One word of a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// Letters, digits and characters only, in small letters.
    pub folded: String,
    /// The same as it was said, for addresses: 3-2-502.
    pub said: String,
    /// What it looks like.
    pub kind: WordKind,
}

/// What a word looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WordKind {
    /// Digits only: a number of something.
    Digits,
    /// Latin letters and perhaps digits: a code or 拼音.
    Letters,
    /// Anything with Chinese in it: a name or an address.
    Chinese,
}

/// One range of terms to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// Which list.
    pub kind: TermKind,
    /// What the terms start with.
    pub prefix: String,
}

/// Splits a question into words. Blanks inside a number (138 1234 5678) are no separators.
#[must_use]
pub fn words(question: &str) -> Vec<Word> {
    let tidy: String = normal::half_width(question).chars().take(CHARS).collect();
    let digits_only =
        tidy.chars().all(|c| c.is_ascii_digit() || matches!(c, ' ' | '-' | '+' | '(' | ')'));
    if digits_only && let Ok(phone) = normal::phone(&tidy) {
        let digits = normal::phone_digits(&phone).to_owned();
        return vec![Word { said: digits.clone(), folded: digits, kind: WordKind::Digits }];
    }
    tidy.split_whitespace().filter_map(word).take(WORDS).collect()
}

fn word(said: &str) -> Option<Word> {
    let folded = normal::fold(said);
    let kind = if folded.is_empty() {
        return None;
    } else if folded.bytes().all(|b| b.is_ascii_digit()) {
        WordKind::Digits
    } else if folded.is_ascii() {
        WordKind::Letters
    } else {
        WordKind::Chinese
    };
    Some(Word { said: said.to_lowercase(), folded, kind })
}

impl Word {
    /// The ranges that can answer it, the most telling first.
    #[must_use]
    pub fn probes(&self) -> Vec<Probe> {
        use TermKind as K;
        let text = self.folded.as_str();
        let probe = |kind, prefix: String| Probe { kind, prefix };
        match self.kind {
            WordKind::Digits => {
                let mut probes: Vec<Probe> = [K::Account, K::Code, K::Meter, K::Phone]
                    .map(|k| probe(k, text.to_owned()))
                    .into();
                if text.len() >= 4 {
                    let tail: String = text.chars().rev().collect();
                    probes.extend([K::PhoneTail, K::MeterTail].map(|k| probe(k, tail.clone())));
                }
                probes
            }
            WordKind::Letters => {
                let letters = terms::letters_prefix(text);
                let numbers = [K::Code, K::Meter, K::Account].map(|k| probe(k, text.to_owned()));
                let names = [K::Initials, K::Pinyin, K::Alias, K::InitialsPart, K::PinyinPart];
                numbers.into_iter().chain(names.map(|k| probe(k, letters.clone()))).collect()
            }
            WordKind::Chinese => {
                let code = terms::name_prefix(text);
                [K::Name, K::Alias, K::NamePart].map(|k| probe(k, code.clone())).into()
            }
        }
    }

    /// The part that can be the name of a place, and the rest of the address that it says:
    /// 阳光花园3栋502 is 阳光花园 and 3, 502.
    #[must_use]
    pub fn place(&self) -> Option<(String, Wanted)> {
        let end = self.said.find(|c: char| c.is_ascii_digit()).unwrap_or(self.said.len());
        let head = normal::fold(&self.said[..end]);
        let enough = match self.kind {
            WordKind::Digits => false,
            WordKind::Letters => head.len() >= 2,
            WordKind::Chinese => head.chars().count() >= 2,
        };
        enough.then(|| (head, Wanted::parse(&self.said[end..])))
    }

    /// Whether a name or an address says it, given as text, 拼音 and initials: for the words of a
    /// question that did not find the row themselves.
    #[must_use]
    pub fn is_said_by(&self, (text, pinyin, initials): (&str, &str, &str)) -> bool {
        match self.kind {
            WordKind::Digits => Wanted::parse(&self.said).matches(text),
            WordKind::Letters => {
                pinyin.contains(&self.folded)
                    || initials.contains(&self.folded)
                    || normal::fold(text).contains(&self.folded)
            }
            WordKind::Chinese => {
                normal::fold(text).contains(&self.folded) || Wanted::parse(&self.said).matches(text)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::pinyin::Reading;

    fn kinds(question: &str) -> Vec<(String, WordKind)> {
        words(question).into_iter().map(|w| (w.folded, w.kind)).collect()
    }

    #[test]
    fn a_question_is_read_as_it_was_meant() {
        assert_eq!(kinds("138 1234-5678"), [("13812345678".into(), WordKind::Digits)]);
        assert_eq!(kinds("+8613812345678"), [("13812345678".into(), WordKind::Digits)]);
        assert_eq!(
            kinds("张伟　５０２"),
            [("张伟".into(), WordKind::Chinese), ("502".into(), WordKind::Digits)]
        );
        assert_eq!(kinds("ZW"), [("zw".into(), WordKind::Letters)]);
        assert_eq!(kinds(" ，。 "), []);
        assert_eq!(words(&"长".repeat(500))[0].folded.chars().count(), CHARS);
    }

    #[test]
    fn an_address_is_a_place_and_the_rest() {
        let place = |text: &str| words(text)[0].place();
        assert_eq!(place("阳光花园3栋502"), Some(("阳光花园".into(), Wanted::parse("3栋502"))));
        assert_eq!(place("yghy3-502"), Some(("yghy".into(), Wanted::parse("3 502"))));
        assert_eq!(place("502"), None);
        assert_eq!(place("张"), None);
    }

    #[test]
    fn a_word_is_said_by_a_name_or_an_address() {
        let said = |word: &str| {
            let address = "阳光花园3栋2单元502室";
            let read = Reading::of(address);
            words(word)[0].is_said_by(("张伟民", "zhangweimin", "zwm"))
                || words(word)[0].is_said_by((address, &read.full(), &read.initials()))
        };
        for yes in ["伟民", "weimin", "wm", "阳光花园", "yghy", "502", "3栋502", "阳光花园3幢"]
        {
            assert!(said(yes), "{yes}");
        }
        for no in ["李", "50", "li", "阳光花园4栋"] {
            assert!(!said(no), "{no}");
        }
    }
}
