//! Statements over stations, feeders and 台区.

use kernel::Id;

store::record! {
    /// A station (变电站).
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Substation {
        /// Its id.
        pub id: Id,
        /// The organisation.
        pub org: Id,
        /// Its code.
        pub code: String,
        /// Its name.
        pub name: String,
    }

    /// A medium-voltage line (线路).
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Feeder {
        /// Its id.
        pub id: Id,
        /// The organisation.
        pub org: Id,
        /// The station that feeds it.
        pub substation: Id,
        /// Its code.
        pub code: String,
        /// Its name.
        pub name: String,
        /// Nominal voltage in volts.
        pub voltage_v: Option<i64>,
    }

    /// A 台区.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct TransformerArea {
        /// Its id.
        pub id: Id,
        /// The organisation.
        pub org: Id,
        /// The line that feeds it.
        pub feeder: Id,
        /// Its code.
        pub code: String,
        /// Its name.
        pub name: String,
        /// Rated capacity in millionths of a kVA.
        pub capacity_ukva: i64,
        /// 台区经理, a user.
        pub manager_user: Option<Id>,
    }

    /// A 台区 with the names above it and what hangs on it.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct AreaSummary {
        /// The 台区.
        pub id: Id,
        /// Its code.
        pub code: String,
        /// Its name.
        pub name: String,
        /// Rated capacity in millionths of a kVA.
        pub capacity_ukva: i64,
        /// 台区经理, a user.
        pub manager_user: Option<Id>,
        /// The line.
        pub feeder: Id,
        /// Name of the line.
        pub feeder_name: String,
        /// The station.
        pub substation: Id,
        /// Name of the station.
        pub substation_name: String,
        /// Usage points in service.
        pub usage_points: i64,
    }

    /// A usage point in the list of its 台区.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct AreaUsagePointRow {
        /// The usage point.
        pub id: Id,
        /// Its code.
        pub code: String,
        /// The account.
        pub account: Id,
        /// 户号
        pub account_no: String,
        /// The person.
        pub person: Id,
        /// What kind of person.
        pub person_kind: crate::PersonKind,
        /// Name in clear: masked by the query.
        pub name: String,
        /// Address in clear: masked by the query.
        pub address: String,
        /// What it uses electricity for.
        pub class: crate::UsageClass,
        /// Whether it is closed, and since when.
        pub closed_on: Option<kernel::Date>,
    }
}

store::statements! {
    /// Codes of the stations of an organisation.
    all substation_codes(org: Id) -> (String, Id) =
        "SELECT code, id FROM substation WHERE org = $1";
    /// Codes of the lines of an organisation.
    all feeder_codes(org: Id) -> (String, Id) =
        "SELECT code, id FROM feeder WHERE org = $1";
    /// Codes of the 台区 of an organisation.
    all area_codes(org: Id) -> (String, Id) =
        "SELECT code, id FROM transformer_area WHERE org = $1";
    /// The 台区 with this code.
    optional area_by_code(org: Id, code: &str) -> TransformerArea =
        "SELECT id, org, feeder, code, name, capacity_ukva, manager_user FROM transformer_area
         WHERE org = $1 AND code = $2";
    /// One 台区.
    optional area_by_id(org: Id, id: Id) -> TransformerArea =
        "SELECT id, org, feeder, code, name, capacity_ukva, manager_user FROM transformer_area
         WHERE org = $1 AND id = $2";
    /// One line.
    optional feeder_by_id(org: Id, id: Id) -> Feeder =
        "SELECT id, org, substation, code, name, voltage_v FROM feeder WHERE org = $1 AND id = $2";
    /// One station.
    optional substation_by_id(org: Id, id: Id) -> Substation =
        "SELECT id, org, code, name FROM substation WHERE org = $1 AND id = $2";
    /// 台区 by code, with what hangs on them.
    all area_page(org: Id, after_code: &str, limit: i64) -> AreaSummary =
        "SELECT a.id AS id, a.code AS code, a.name AS name, a.capacity_ukva AS capacity_ukva,
                a.manager_user AS manager_user,
                f.id AS feeder, f.name AS feeder_name, s.id AS substation, s.name AS substation_name,
                (SELECT COUNT(*) FROM usage_point u WHERE u.org = a.org
                 AND u.transformer_area = a.id AND u.closed_on IS NULL) AS usage_points
         FROM transformer_area a
         JOIN feeder f ON f.id = a.feeder
         JOIN substation s ON s.id = f.substation
         WHERE a.org = $1 AND a.code > $2
         ORDER BY a.code LIMIT $3";
    /// Usage points of a 台区 by code.
    all area_usage_points(org: Id, area: Id, after_code: &str, limit: i64) -> AreaUsagePointRow =
        "SELECT u.id AS id, u.code AS code, a.id AS account, a.account_no AS account_no,
                p.id AS person, p.kind AS person_kind, p.name AS name, l.address AS address,
                u.class AS class, u.closed_on AS closed_on
         FROM usage_point u
         JOIN account a ON a.id = u.account
         JOIN person p ON p.id = a.person
         JOIN service_location l ON l.id = u.service_location
         WHERE u.org = $1 AND u.transformer_area = $2 AND u.code > $3
         ORDER BY u.code LIMIT $4";
}
