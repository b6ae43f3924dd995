//! 拼音 of names and addresses: lower case, without tones, ü as v (as every input method types it).
//! The reading of single characters comes from the `pinyin` crate; what is ours is the readings
//! that a name needs (a surname 曾 is *zeng*, a bank is *yinhang*).

use pinyin::ToPinyin;

/// How a text is read: one unit per Chinese character, or per Latin letter or digit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    units: Vec<Unit>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Unit {
    text: String,
    /// Whether a search may start here: at a Chinese character, or where a Latin word begins.
    starts: bool,
}

/// Characters whose reading as a surname differs from the usual one. Source: Xiandai Hanyu Cidian.
const SURNAMES: &[(&str, &[&str])] = &[
    ("万俟", &["mo", "qi"]),
    ("尉迟", &["yu", "chi"]),
    ("澹台", &["tan", "tai"]),
    ("单于", &["chan", "yu"]),
    ("长孙", &["zhang", "sun"]),
    ("曾", &["zeng"]),
    ("单", &["shan"]),
    ("解", &["xie"]),
    ("仇", &["qiu"]),
    ("区", &["ou"]),
    ("查", &["zha"]),
    ("盖", &["ge"]),
    ("乐", &["yue"]),
    ("翟", &["zhai"]),
    ("覃", &["qin"]),
    ("朴", &["piao"]),
    ("员", &["yun"]),
    ("缪", &["miao"]),
    ("宓", &["mi"]),
    ("折", &["she"]),
    ("黑", &["he"]),
    ("秘", &["bi"]),
    ("冼", &["xian"]),
    ("重", &["chong"]),
];

/// Words in which a character is not read in its usual way, common in names of firms and places.
const WORDS: &[(&str, &[&str])] = &[
    ("银行", &["yin", "hang"]),
    ("商行", &["shang", "hang"]),
    ("车行", &["che", "hang"]),
    ("分行", &["fen", "hang"]),
    ("支行", &["zhi", "hang"]),
    ("重庆", &["chong", "qing"]),
    ("厦门", &["xia", "men"]),
    ("长江", &["chang", "jiang"]),
    ("长沙", &["chang", "sha"]),
    ("长春", &["chang", "chun"]),
    ("长安", &["chang", "an"]),
    ("长城", &["chang", "cheng"]),
    ("长兴", &["chang", "xing"]),
    ("长虹", &["chang", "hong"]),
    ("长乐", &["chang", "le"]),
    ("长宁", &["chang", "ning"]),
    ("长丰", &["chang", "feng"]),
    ("长岭", &["chang", "ling"]),
    ("长阳", &["chang", "yang"]),
    ("长寿", &["chang", "shou"]),
    ("音乐", &["yin", "yue"]),
    ("大厦", &["da", "sha"]),
    ("朝阳", &["chao", "yang"]),
    ("六安", &["lu", "an"]),
    ("蚌埠", &["beng", "bu"]),
    ("东莞", &["dong", "guan"]),
    ("都市", &["du", "shi"]),
    ("成都", &["cheng", "du"]),
    ("石家庄", &["shi", "jia", "zhuang"]),
];

impl Reading {
    /// The reading of an address, a firm or any other text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        Self::read(text, false)
    }

    /// The reading of a person's name: the surname is read as a surname.
    #[must_use]
    pub fn of_person(name: &str) -> Self {
        Self::read(name, true)
    }

    fn read(text: &str, surname_first: bool) -> Self {
        let chars: Vec<char> = super::normal::half_width(text).chars().collect();
        let mut units = Vec::with_capacity(chars.len());
        let mut in_word = false;
        let mut at = 0;
        while let Some(c) = chars.get(at) {
            let rest = &chars[at..];
            let special = if surname_first && units.is_empty() {
                find(SURNAMES, rest).or_else(|| find(WORDS, rest))
            } else {
                find(WORDS, rest)
            };
            if let Some(syllables) = special {
                units
                    .extend(syllables.iter().map(|s| Unit { text: (*s).to_owned(), starts: true }));
                at += syllables.len();
                in_word = false;
                continue;
            }
            if let Some(pinyin) = c.to_pinyin() {
                units.push(Unit { text: pinyin.plain().replace('ü', "v"), starts: true });
                in_word = false;
            } else if c.is_ascii_alphanumeric() {
                let text = c.to_ascii_lowercase().to_string();
                units.push(Unit { text, starts: !in_word });
                in_word = true;
            } else {
                in_word = false;
            }
            at += 1;
        }
        Self { units }
    }

    /// All syllables run together: 张伟 is `zhangwei`.
    #[must_use]
    pub fn full(&self) -> String {
        self.units.iter().map(|u| u.text.as_str()).collect()
    }

    /// The first letters: 张伟 is `zw`.
    #[must_use]
    pub fn initials(&self) -> String {
        self.units.iter().filter_map(|u| u.text.chars().next()).collect()
    }

    /// How many characters were read.
    #[must_use]
    pub fn len(&self) -> usize {
        self.units.len()
    }

    /// Whether nothing in the text could be read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.units.is_empty()
    }

    /// The readings from every later place where a search may start, with at least two units left.
    pub fn parts(&self) -> impl Iterator<Item = Self> + '_ {
        (1..self.units.len().saturating_sub(1))
            .filter(|at| self.units[*at].starts)
            .map(|at| Self { units: self.units[at..].to_vec() })
    }
}

fn find<'a>(table: &[(&str, &'a [&'a str])], rest: &[char]) -> Option<&'a [&'a str]> {
    table
        .iter()
        .find(|(word, _)| {
            let mut rest = rest.iter();
            word.chars().all(|c| rest.next() == Some(&c))
        })
        .map(|(_, syllables)| *syllables)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn person(name: &str) -> (String, String) {
        let reading = Reading::of_person(name);
        (reading.full(), reading.initials())
    }

    #[test]
    fn names_are_read_as_people_type_them() {
        for (name, full, initials) in [
            ("张伟", "zhangwei", "zw"),
            ("曾国藩", "zengguofan", "zgf"),
            ("单雄信", "shanxiongxin", "sxx"),
            ("尉迟恭", "yuchigong", "ycg"),
            ("吕布", "lvbu", "lb"),
            ("欧阳 修", "ouyangxiu", "oyx"),
            ("阿依古丽·买买提", "ayigulimaimaiti", "ayglmmt"),
            ("John Smith", "johnsmith", "johnsmith"),
        ] {
            assert_eq!(person(name), (full.to_owned(), initials.to_owned()), "{name}");
        }
        assert_eq!(
            Reading::of("中国工商银行重庆分行").full(),
            "zhongguogongshangyinhangchongqingfenhang"
        );
        assert_eq!(Reading::of("阳光花园3栋").initials(), "yghy3d");
        assert_eq!(Reading::of("１０２室").full(), "102shi");
    }

    #[test]
    fn a_search_may_start_at_every_character_or_latin_word() {
        let parts = |t| Reading::of(t).parts().map(|r| r.full()).collect::<Vec<_>>();
        assert_eq!(parts("华信机械"), ["xinjixie", "jixie"]);
        assert_eq!(parts("张伟"), Vec::<String>::new());
        assert_eq!(parts("John Smith"), ["smith"]);
    }

    #[test]
    fn every_word_in_the_tables_has_one_syllable_per_character() {
        for (word, syllables) in SURNAMES.iter().chain(WORDS) {
            assert_eq!(word.chars().count(), syllables.len(), "{word}");
        }
    }

    proptest! {
        #[test]
        fn a_reading_holds_only_small_letters_and_digits(text in "[\\u{20}-\\u{7e}\\u{3000}-\\u{303f}\\u{4e00}-\\u{9fff}\\u{ff01}-\\u{ff5e}]{0,30}") {
            let reading = Reading::of_person(&text);
            let ok = |s: &str| s.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
            prop_assert!(ok(&reading.full()), "{}", reading.full());
            prop_assert_eq!(reading.initials().len(), reading.len());
        }
    }
}
