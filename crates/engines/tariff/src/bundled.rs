//! The documents that come with the project, as text compiled into the program: tariffs,
//! power-factor tables and business calendars. A bureau loads its own beside or instead of them.

use crate::{Library, TariffError};

macro_rules! documents {
    ($($path:literal),* $(,)?) => {
        &[$(($path, include_str!(concat!("../../../../", $path)))),*]
    };
}

/// `(path, text)` of every document.
pub const DOCUMENTS: &[(&str, &str)] = documents![
    "rules/calendars/cn-2025.toml",
    "rules/calendars/cn-2026.toml",
    "tariffs/beijing/residential.toml",
    "tariffs/bench/four-register.toml",
    "tariffs/fujian/residential-month.toml",
    "tariffs/guangdong/commercial-tou-2021.toml",
    "tariffs/guangdong/guangzhou-residential-tou.toml",
    "tariffs/guangdong/guangzhou-residential.toml",
    "tariffs/guangdong/residential-month.toml",
    "tariffs/guangdong/shenzhen-residential.toml",
    "tariffs/guizhou/commercial-tou-2023.toml",
    "tariffs/hubei/industrial-single-10kv-2026-01.toml",
    "tariffs/hubei/industrial-two-part-10kv-2026-01.toml",
    "tariffs/jiangsu/commercial-tou-2025.toml",
    "tariffs/jiangsu/residential-month.toml",
    "tariffs/jiangsu/residential-tou.toml",
    "tariffs/jiangsu/residential.toml",
    "tariffs/shandong/commercial-tou-2023.toml",
    "tariffs/shandong/residential.toml",
    "tariffs/shanghai/residential-tou.toml",
    "tariffs/shanghai/residential.toml",
    "tariffs/tables/power-factor-215.toml",
    "tariffs/yunnan/commercial-tou-2024.toml",
    "tariffs/zhejiang/commercial-tou-2024.toml",
    "tariffs/zhejiang/residential-tou.toml",
    "tariffs/zhejiang/residential.toml",
];

/// A library of all of them.
///
/// # Errors
/// [`TariffError`]; a test holds that there is none.
pub fn library() -> Result<Library, TariffError> {
    Library::load(DOCUMENTS.iter().copied())
}
