//! The closed lists of the area: each word is stored as it is written here, and the tables hold
//! the same lists as constraints.

/// Declares an enum that is stored as a word.
macro_rules! words {
    ($(
        $(#[$meta:meta])*
        $name:ident { $( $(#[$variant_meta:meta])* $variant:ident = $word:literal ),* $(,)? }
    )*) => {$(
        $(#[$meta])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash,
            serde::Serialize, serde::Deserialize,
        )]
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

            /// The one with this word.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.word() == word)
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
                Self::from_word(&word).ok_or_else(|| format!("{word:?} is not a known word"))
            }
        }
    )*};
}

pub(crate) use words;
