//! Statements over accounts, places and usage points.

use kernel::{Date, Id, Instant};

use crate::{UsageClass, words::pinyin::Reading};

store::record! {
    /// An account (户号).
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Account {
        /// Its id.
        pub id: Id,
        /// The organisation.
        pub org: Id,
        /// 户号
        pub account_no: String,
        /// Who holds it.
        pub person: Id,
        /// The first day.
        pub opened_on: Date,
        /// The first day on which it is no longer open.
        pub closed_on: Option<Date>,
        /// Title of the invoice when it is not the name.
        pub invoice_title: Option<String>,
        /// Rises with every change.
        pub version: i64,
    }

    /// Where electricity is used.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct ServiceLocation {
        /// Its id.
        pub id: Id,
        /// The organisation.
        pub org: Id,
        /// The address in one line.
        pub address: String,
        /// Its 拼音.
        pub address_pinyin: String,
        /// The initials of that.
        pub address_initials: String,
        /// Community or village; empty when it has none.
        pub community: String,
        /// Street; empty when it has none.
        pub street: String,
        /// Building; empty when it has none.
        pub building: String,
        /// Unit; empty when it has none.
        pub unit: String,
        /// Rises with every change.
        pub version: i64,
    }

    /// What people call a place.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct LocationAlias {
        /// Its id.
        pub id: Id,
        /// The organisation.
        pub org: Id,
        /// The place.
        pub service_location: Id,
        /// The name.
        pub alias: String,
    }

    /// The name of a place that many locations share.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct PlaceName {
        /// The organisation.
        pub org: Id,
        /// Community, village or street.
        pub name: String,
        /// Its 拼音.
        pub name_pinyin: String,
        /// The initials of that.
        pub name_initials: String,
    }

    /// Where the company's network ends and the customer's begins: what is metered and billed.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct UsagePoint {
        /// Its id.
        pub id: Id,
        /// The organisation.
        pub org: Id,
        /// Its code.
        pub code: String,
        /// Who pays.
        pub account: Id,
        /// Where.
        pub service_location: Id,
        /// 台区, when known.
        pub transformer_area: Option<Id>,
        /// What the electricity is for.
        pub class: UsageClass,
        /// Such as `220V`.
        pub voltage: String,
        /// 专变
        pub dedicated_transformer: bool,
        /// The first day.
        pub opened_on: Date,
        /// The first day on which it is no longer served.
        pub closed_on: Option<Date>,
        /// Rises with every change.
        pub version: i64,
    }

    /// A change of 台区.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct UsagePointMove {
        /// Its id.
        pub id: Id,
        /// The organisation.
        pub org: Id,
        /// What moved.
        pub usage_point: Id,
        /// From where.
        pub area_before: Option<Id>,
        /// To where.
        pub area_after: Option<Id>,
        /// The first day in the new 台区.
        pub moved_on: Date,
        /// Why.
        pub reason: String,
        /// When it was entered.
        pub recorded_at: Instant,
    }
}

impl PlaceName {
    /// A name of a place, read.
    #[must_use]
    pub fn new(org: Id, name: &str) -> Self {
        let reading = Reading::of(name);
        Self {
            org,
            name: name.to_owned(),
            name_pinyin: reading.full(),
            name_initials: reading.initials(),
        }
    }
}

store::statements! {
    /// One account.
    optional account_by_id(org: Id, id: Id) -> Account =
        "SELECT id, org, account_no, person, opened_on, closed_on, invoice_title, version
         FROM account WHERE org = $1 AND id = $2";
    /// The account with this 户号.
    optional account_by_no(org: Id, account_no: &str) -> Account =
        "SELECT id, org, account_no, person, opened_on, closed_on, invoice_title, version
         FROM account WHERE org = $1 AND account_no = $2";
    /// The accounts of a person.
    all accounts_of_person(person: Id) -> Account =
        "SELECT id, org, account_no, person, opened_on, closed_on, invoice_title, version
         FROM account WHERE person = $1 ORDER BY account_no";
    /// Closes an account.
    run close_account(id: Id, version: i64, on: Date) =
        "UPDATE account SET closed_on = $3, version = version + 1
         WHERE id = $1 AND version = $2 AND closed_on IS NULL";
    /// Closes what is still served under an account.
    run close_usage_points(account: Id, on: Date) =
        "UPDATE usage_point SET closed_on = $2, version = version + 1
         WHERE account = $1 AND closed_on IS NULL";
    /// One usage point.
    optional usage_point_by_id(org: Id, id: Id) -> UsagePoint =
        "SELECT id, org, code, account, service_location, transformer_area, class, voltage,
                dedicated_transformer, opened_on, closed_on, version
         FROM usage_point WHERE org = $1 AND id = $2";
    /// The usage point with this code.
    optional usage_point_by_code(org: Id, code: &str) -> UsagePoint =
        "SELECT id, org, code, account, service_location, transformer_area, class, voltage,
                dedicated_transformer, opened_on, closed_on, version
         FROM usage_point WHERE org = $1 AND code = $2";
    /// The usage points of an account.
    all usage_points_of_account(account: Id) -> UsagePoint =
        "SELECT id, org, code, account, service_location, transformer_area, class, voltage,
                dedicated_transformer, opened_on, closed_on, version
         FROM usage_point WHERE account = $1 ORDER BY code";
    /// Codes, ids and accounts of all usage points, for those who match files against them.
    each usage_point_codes(org: Id) -> (String, Id, Id) =
        "SELECT code, id, account FROM usage_point WHERE org = $1 ORDER BY id";
    /// Gives a usage point over to another account.
    run pass_usage_point(org: Id, id: Id, account: Id) =
        "UPDATE usage_point SET account = $3, version = version + 1 WHERE org = $1 AND id = $2";
    /// Moves a usage point to another 台区.
    run move_usage_point(id: Id, version: i64, area: Option<Id>) =
        "UPDATE usage_point SET transformer_area = $3, version = version + 1
         WHERE id = $1 AND version = $2";
    /// How a usage point moved, oldest first.
    all moves_of(usage_point: Id) -> UsagePointMove =
        "SELECT id, org, usage_point, area_before, area_after, moved_on, reason, recorded_at
         FROM usage_point_move WHERE usage_point = $1 ORDER BY moved_on, id";
    /// One place.
    optional location_by_id(org: Id, id: Id) -> ServiceLocation =
        "SELECT id, org, address, address_pinyin, address_initials, community, street, building,
                unit, version
         FROM service_location WHERE org = $1 AND id = $2";
    /// Other names of a place.
    all aliases_of(service_location: Id) -> String =
        "SELECT alias FROM service_location_alias WHERE service_location = $1 ORDER BY alias";
}
