//! The SQL of published tariffs.

use kernel::{Date, Id, Instant};

store::record! {
    /// A version of a tariff as stored.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct TariffRow {
        /// Its id.
        pub id: Id,
        /// The organisation.
        pub org: Id,
        /// Stable across versions.
        pub code: String,
        /// 1, 2, …
        pub version: i64,
        /// Name for lists, in Chinese.
        pub title: String,
        /// Where it applies.
        pub region: String,
        /// First day.
        pub valid_from: Date,
        /// First day no longer.
        pub valid_to: Option<Date>,
        /// The TOML text.
        pub document: String,
        /// Its SHA-256.
        pub document_sha256: String,
        /// `published` or `withdrawn`.
        pub state: String,
        /// When it was stored.
        pub created_at: Instant,
        /// When it was published.
        pub published_at: Option<Instant>,
        /// By whom.
        pub published_by: Option<Id>,
    }
}

store::statements! {
    /// Every version of every tariff, by code and start.
    all tariffs(org: Id) -> TariffRow =
        "SELECT id, org, code, version, title, region, valid_from, valid_to, document,
                document_sha256, state, created_at, published_at, published_by
           FROM tariff_document WHERE org = $1 ORDER BY code, valid_from, version";
    /// One version.
    optional tariff_by_id(org: Id, id: Id) -> TariffRow =
        "SELECT id, org, code, version, title, region, valid_from, valid_to, document,
                document_sha256, state, created_at, published_at, published_by
           FROM tariff_document WHERE org = $1 AND id = $2";
    /// The highest version of a tariff, 0 when there is none.
    one last_version(org: Id, code: &str) -> i64 =
        "SELECT CAST(COALESCE(MAX(version), 0) AS BIGINT) FROM tariff_document WHERE org = $1 AND code = $2";
}
