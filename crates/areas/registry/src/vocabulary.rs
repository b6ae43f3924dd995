//! The closed lists of the registry: each word is stored as it is written here, and the tables
//! hold the same lists as constraints. Marks are an open list, because areas add their own.

/// Declares an enum that is stored as a word.
macro_rules! words {
    ($(
        $(#[$meta:meta])*
        $name:ident { $( $(#[$variant_meta:meta])* $variant:ident = $word:literal ),* $(,)? }
    )*) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
        pub enum $name {
            $( $(#[$variant_meta])* #[serde(rename = $word)] $variant, )*
        }

        impl $name {
            /// All of them, in the order of the list.
            pub const ALL: &[Self] = &[$( Self::$variant ),*];

            /// The stored word.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $( Self::$variant => $word, )* }
            }
        }

        impl std::str::FromStr for $name {
            type Err = UnknownWord;
            fn from_str(text: &str) -> Result<Self, UnknownWord> {
                Self::ALL.iter().copied().find(|w| w.word() == text)
                    .ok_or(UnknownWord { known: &[$($word),*] })
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.word())
            }
        }

        impl store::Param for $name {
            const KIND: store::Kind = store::Kind::Text;
            fn value(&self) -> store::Value<'_> {
                store::Value::Text(self.word().into())
            }
        }

        impl store::Column for $name {
            const KIND: store::Kind = store::Kind::Text;
            fn from_stored(stored: store::Stored) -> Result<Self, String> {
                let word = <String as store::Column>::from_stored(stored)?;
                word.parse().map_err(|e: UnknownWord| format!("{word:?}: {e}"))
            }
        }
    )*};
}

/// A word that is not in its list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a known word: write one of {}", known.join(", "))]
pub struct UnknownWord {
    /// The words of the list.
    pub known: &'static [&'static str],
}

words! {
    /// What kind of person in the eyes of the law.
    PersonKind {
        /// 自然人
        Person = "person",
        /// 法人 or other organisation
        Company = "company",
    }

    /// By what a person is known.
    Scheme {
        /// Telephone number, E.164.
        Phone = "phone",
        /// 居民身份证
        IdCard = "id_card",
        /// 统一社会信用代码
        CreditCode = "credit_code",
        /// 护照
        Passport = "passport",
        /// WeChat open id.
        Wechat = "wechat",
        /// E-mail address.
        Email = "email",
        /// Any other document or id.
        Other = "other",
    }

    /// How a contact point is reached.
    Channel {
        /// Short message.
        Sms = "sms",
        /// Telephone call.
        Phone = "phone",
        /// E-mail.
        Email = "email",
        /// WeChat.
        Wechat = "wechat",
        /// Letter.
        Post = "post",
    }

    /// What a contact point is for.
    ContactRole {
        /// Who pays the bill.
        Payer = "payer",
        /// Who uses the electricity.
        User = "user",
        /// Who is called when something happens.
        Emergency = "emergency",
    }

    /// 用电类别, the coarse class by which work is divided; the tariff has its own, finer ones.
    UsageClass {
        /// 居民生活
        Residential = "residential",
        /// 商业
        Commercial = "commercial",
        /// 工业
        Industrial = "industrial",
        /// 农业生产
        Agricultural = "agricultural",
        /// 其他
        Other = "other",
    }

    /// What a mark is on.
    SubjectKind {
        /// A person.
        Person = "person",
        /// An account.
        Account = "account",
        /// A usage point.
        UsagePoint = "usage_point",
    }

    /// How a usage point can be named in a search.
    TermKind {
        /// 户号 from its start.
        Account = "account",
        /// Code of the usage point from its start.
        Code = "code",
        /// Meter asset number from its start.
        Meter = "meter",
        /// Telephone number from its start, as people say it.
        Phone = "phone",
        /// Telephone number from its end, reversed.
        PhoneTail = "phone_tail",
        /// Meter asset number from its end, reversed.
        MeterTail = "meter_tail",
        /// Name from its start.
        Name = "name",
        /// 拼音 of the name from its start.
        Pinyin = "pinyin",
        /// Initials of the name from its start.
        Initials = "initials",
        /// Name from a later character.
        NamePart = "name_part",
        /// 拼音 of the name from a later character.
        PinyinPart = "pinyin_part",
        /// Initials of the name from a later character.
        InitialsPart = "initials_part",
        /// What people call the place, from any character.
        Alias = "alias",
    }
}

impl Channel {
    /// By what a telephone number is reached first: mobiles by message, landlines by a call.
    #[must_use]
    pub fn of_phone(e164: &str) -> Self {
        let mobile = e164.strip_prefix("+861").is_some_and(|rest| rest.len() == 10);
        if mobile || !e164.starts_with("+86") { Self::Sms } else { Self::Phone }
    }

    /// Whether its value is a telephone number.
    #[must_use]
    pub const fn is_telephone(self) -> bool {
        matches!(self, Self::Sms | Self::Phone)
    }
}

/// The marks that the registry itself knows (domain.md 2.14, 3.1; national standard GB/T 29328 for
/// important customers). Other areas may set more.
pub mod marks {
    /// 特级重要用户
    pub const IMPORTANT_SPECIAL: &str = "important_special";
    /// 一级重要用户
    pub const IMPORTANT_1: &str = "important_1";
    /// 二级重要用户
    pub const IMPORTANT_2: &str = "important_2";
    /// 临时性重要用户
    pub const IMPORTANT_TEMPORARY: &str = "important_temporary";
    /// Needs electricity to live (呼吸机 and the like).
    pub const LIFE_SUPPORT: &str = "life_support";
    /// 低保户, 特困户: a free monthly quota.
    pub const LOW_INCOME: &str = "low_income";
    /// 一户多人口: higher limits of the tiers.
    pub const FAMILY_OF_FIVE: &str = "family_of_five";
    /// 残疾人
    pub const DISABLED: &str = "disabled";
    /// Elderly, living alone.
    pub const ELDERLY_ALONE: &str = "elderly_alone";

    /// All of them.
    pub const ALL: [&str; 9] = [
        IMPORTANT_SPECIAL,
        IMPORTANT_1,
        IMPORTANT_2,
        IMPORTANT_TEMPORARY,
        LIFE_SUPPORT,
        LOW_INCOME,
        FAMILY_OF_FIVE,
        DISABLED,
        ELDERLY_ALONE,
    ];
}
