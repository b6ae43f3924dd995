//! The SQL of published tariffs.

use kernel::{Date, Id, Instant};

store::record! {
    /// A document as stored.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct TariffRow {
        /// Its id.
        pub id: Id,
        /// The organisation.
        pub org: Id,
        /// `tariff`, `power_factor_table` or `calendar`.
        pub kind: String,
        /// Stable across versions.
        pub code: String,
        /// 1, 2, …
        pub version: i64,
        /// Name for lists, in Chinese.
        pub title: String,
        /// Where it applies.
        pub region: String,
        /// First day; none for tables and calendars.
        pub valid_from: Option<Date>,
        /// First day no longer.
        pub valid_to: Option<Date>,
        /// The TOML text.
        pub document: String,
        /// Its SHA-256.
        pub document_sha256: String,
        /// When it was published.
        pub published_at: Instant,
        /// By whom.
        pub published_by: Id,
    }
}

store::statements! {
    /// Every document, in the order of publication.
    all documents(org: Id) -> TariffRow =
        "SELECT id, org, kind, code, version, title, region, valid_from, valid_to, document,
                document_sha256, published_at, published_by
           FROM tariff_document WHERE org = $1 ORDER BY id";
    /// One document.
    optional document_by_id(org: Id, id: Id) -> TariffRow =
        "SELECT id, org, kind, code, version, title, region, valid_from, valid_to, document,
                document_sha256, published_at, published_by
           FROM tariff_document WHERE org = $1 AND id = $2";
}
