//! What kinds of places, equipment and customers a network knows, with their words in files.

use serde::{Deserialize, Serialize};

/// A small enum that is written in files as a word, with other words that mean the same.
macro_rules! worded {
    ($(#[$about:meta])* $name:ident: $($(#[$doc:meta])* $variant:ident = $code:literal $(| $other:literal)*,)+) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        #[repr(u8)]
        pub enum $name { $($(#[$doc])* $variant,)+ }

        impl $name {
            /// All of them, in the order of their numbers.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The word in files.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }

            /// The Chinese word.
            #[must_use]
            pub fn chinese(self) -> &'static str {
                let words: &[&'static str] = match self { $(Self::$variant => &[$($other,)*],)+ };
                words.iter().copied().find(|word| !word.is_ascii()).unwrap_or(self.code())
            }

            /// Reads the word or one of its other forms, in any case.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                let text = text.trim();
                $(if [$code $(, $other)*].iter().any(|word| word.eq_ignore_ascii_case(text)) {
                    return Some(Self::$variant);
                })+
                None
            }
        }
    };
}

worded! {
    /// What a connectivity node is.
    NodeKind:
    /// Where energy comes in: the higher grid.
    Source = "source" | "电源",
    /// A busbar of a substation or switching station.
    Busbar = "busbar" | "bus" | "母线",
    /// A medium-voltage point: a pole, a joint, a ring-main unit.
    Medium = "mv" | "medium" | "中压",
    /// The low-voltage busbar of a distribution transformer.
    LowBusbar = "lv_bus" | "lvbus" | "低压母线",
    /// A low-voltage point: a pole, a branch box, a meter box.
    Low = "lv" | "low" | "低压" | "表箱",
}

worded! {
    /// What a piece of equipment between two nodes is. Names follow CIM where it has one.
    EdgeKind:
    /// A line section (CIM ACLineSegment).
    Line = "line" | "cable" | "线路" | "电缆",
    /// A transformer between the higher grid and a busbar.
    SubstationTransformer = "substation_transformer" | "主变",
    /// A circuit breaker (CIM Breaker).
    Breaker = "breaker" | "断路器",
    /// A breaker that closes again by itself (CIM Recloser).
    Recloser = "recloser" | "重合器",
    /// A sectionaliser or section switch (CIM Sectionaliser).
    Sectionaliser = "sectionaliser" | "sectionalizer" | "section_switch" | "分段开关" | "分段器",
    /// A switch that can break load (CIM LoadBreakSwitch).
    LoadBreakSwitch = "load_break_switch" | "switch" | "负荷开关",
    /// A switch that cannot break load (CIM Disconnector).
    Disconnector = "disconnector" | "隔离开关" | "刀闸",
    /// A fuse of a line (CIM Fuse).
    Fuse = "fuse" | "熔断器",
    /// The fused cut-out before a transformer.
    Cutout = "cutout" | "跌落式熔断器" | "跌落保险",
    /// A distribution transformer (CIM PowerTransformer).
    Transformer = "transformer" | "distribution_transformer" | "配变" | "变压器",
    /// A voltage regulator.
    Regulator = "regulator" | "调压器",
    /// A low-voltage line.
    LowLine = "lv_line" | "低压线路",
    /// A service drop to a customer.
    Service = "service" | "接户线",
    /// A tie between feeders, normally open.
    Tie = "tie" | "联络开关",
    /// A tie between busbars, normally open.
    BusTie = "bus_tie" | "母联",
    /// Anything that conducts and is none of these: reactor, series capacitor, jumper.
    Other = "other" | "其他",
}

impl EdgeKind {
    /// Whether it can be opened and closed by itself.
    #[must_use]
    pub const fn is_switch(self) -> bool {
        matches!(
            self,
            Self::Breaker
                | Self::Recloser
                | Self::Sectionaliser
                | Self::LoadBreakSwitch
                | Self::Disconnector
                | Self::Fuse
                | Self::Cutout
                | Self::Tie
                | Self::BusTie
        )
    }

    /// Whether it is a transformer of any kind.
    #[must_use]
    pub const fn is_transformer(self) -> bool {
        matches!(self, Self::SubstationTransformer | Self::Transformer | Self::Regulator)
    }

    /// Whether a failure of it is what an outage is put down to: it protects, switches or transforms.
    #[must_use]
    pub const fn is_device(self) -> bool {
        self.is_switch() || self.is_transformer()
    }
}

worded! {
    /// What a customer uses power for.
    CustomerClass:
    /// Homes.
    Residential = "residential" | "居民",
    /// Shops, offices, services.
    Commercial = "commercial" | "商业",
    /// Factories.
    Industrial = "industrial" | "工业" | "大工业",
    /// Farming and irrigation.
    Agricultural = "agricultural" | "农业",
    /// Any other, and not said.
    Other = "other" | "其他",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_both_languages_read_back() {
        for kind in EdgeKind::ALL {
            assert_eq!(EdgeKind::parse(kind.code()), Some(*kind));
            assert_eq!(EdgeKind::parse(kind.chinese()), Some(*kind));
            assert!(!kind.chinese().is_ascii(), "{kind:?}");
        }
        for kind in NodeKind::ALL {
            assert_eq!(NodeKind::parse(kind.chinese()), Some(*kind));
        }
        for class in CustomerClass::ALL {
            assert_eq!(CustomerClass::parse(class.chinese()), Some(*class));
        }
        assert_eq!(EdgeKind::parse(" Breaker "), Some(EdgeKind::Breaker));
        assert_eq!(EdgeKind::parse("magic"), None);
    }
}
