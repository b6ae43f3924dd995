//! The SQL of bulletins and messages.

use kernel::{Date, Id, Instant};

store::record! {
    /// A bulletin as stored.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct BulletinRow {
        /// Its id.
        pub id: Id,
        /// The organisation.
        pub org: Id,
        /// `reading_day`, `estimation`, `meter_change` or `other`.
        pub kind: String,
        /// The 台区; 0: everybody.
        pub transformer_area: Id,
        /// Title in Chinese.
        pub title_zh: String,
        /// Title in English.
        pub title_en: String,
        /// Text in Chinese.
        pub body_zh: String,
        /// Text in English.
        pub body_en: String,
        /// The first day on which it holds.
        pub effective_on: Date,
        /// The new reading day of the month.
        pub reading_day: Option<i64>,
        /// When it was published.
        pub published_at: Instant,
        /// By whom.
        pub published_by: Id,
        /// When it was withdrawn.
        pub withdrawn_at: Option<Instant>,
    }

    /// A message as stored.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct MessageRow {
        /// Its id.
        pub id: Id,
        /// The organisation.
        pub org: Id,
        /// The account.
        pub account: Id,
        /// `unusual_use`, `use_confirmed`, `meter_change` or `other`.
        pub kind: String,
        /// The row that both sides can name.
        pub event: Id,
        /// In Chinese.
        pub words_zh: String,
        /// In English.
        pub words_en: String,
        /// When.
        pub told_at: Instant,
    }
}

macro_rules! bulletin {
    ($rest:literal) => {
        concat!(
            "SELECT id, org, kind, transformer_area, title_zh, title_en, body_zh, body_en, effective_on,
                    reading_day, published_at, published_by, withdrawn_at
               FROM bulletin ",
            $rest
        )
    };
}

store::statements! {
    /// One bulletin.
    optional bulletin_by_id(org: Id, id: Id) -> BulletinRow = bulletin!("WHERE org = $1 AND id = $2");
    /// Bulletins, newest first.
    all bulletins(org: Id, before: Id, count: i64) -> BulletinRow =
        bulletin!("WHERE org = $1 AND id < $2 ORDER BY id DESC LIMIT $3");
    /// What an account is told: bulletins to everybody or to the 台区 of one of its usage points,
    /// newest first.
    all bulletins_for(org: Id, account: Id, count: i64) -> BulletinRow =
        bulletin!("WHERE org = $1 AND withdrawn_at IS NULL
                     AND (transformer_area = 0 OR transformer_area IN
                          (SELECT u.transformer_area FROM usage_point u
                            WHERE u.account = $2 AND u.transformer_area IS NOT NULL))
                   ORDER BY id DESC LIMIT $3");
    /// Withdraws a bulletin.
    run withdraw_bulletin(org: Id, id: Id, at: Instant) =
        "UPDATE bulletin SET withdrawn_at = $3 WHERE org = $1 AND id = $2 AND withdrawn_at IS NULL";
    /// What an account was told, newest first.
    all messages_of_account(org: Id, account: Id, count: i64) -> MessageRow =
        "SELECT id, org, account, kind, event, words_zh, words_en, told_at
           FROM customer_message WHERE org = $1 AND account = $2 ORDER BY id DESC LIMIT $3";
    /// How often an account was told about an event.
    one message_count(org: Id, account: Id, event: Id) -> i64 =
        "SELECT COUNT(*) FROM customer_message WHERE org = $1 AND account = $2 AND event = $3";
}
