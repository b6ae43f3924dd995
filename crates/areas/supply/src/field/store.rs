//! The SQL of handhelds and what they delivered.

use kernel::{Id, Instant};

store::record! {
    /// A handheld as stored.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct DeviceRow {
        /// Its id.
        pub id: Id,
        /// The organisation.
        pub org: Id,
        /// What it is called.
        pub name: String,
        /// Who carries it.
        pub holder: String,
        /// When it was registered.
        pub registered_at: Instant,
        /// By whom.
        pub registered_by: Id,
        /// When it was last heard of.
        pub seen_at: Option<Instant>,
        /// When it was revoked.
        pub revoked_at: Option<Instant>,
    }

    /// A handheld as it is registered.
    #[derive(Debug, Clone)]
    pub(super) struct NewDeviceRow {
        pub id: Id,
        pub org: Id,
        pub name: String,
        pub holder: String,
        pub token_hash: String,
        pub registered_at: Instant,
        pub registered_by: Id,
    }

    /// A reading as a handheld delivered it.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct FieldReadingRow {
        /// Its id.
        pub id: Id,
        /// The organisation.
        pub org: Id,
        /// The handheld.
        pub device: Id,
        /// Chosen by the handheld.
        pub client_key: String,
        /// The usage point.
        pub usage_point: Id,
        /// The meter.
        pub meter: Id,
        /// When it was read, by the clock of the handheld.
        pub device_at: Instant,
        /// When it came.
        pub received_at: Instant,
        /// Millionths of a degree.
        pub latitude_udeg: Option<i64>,
        /// Millionths of a degree.
        pub longitude_udeg: Option<i64>,
        /// JSON: what the meter showed, by register.
        pub registers: String,
        /// What else was seen.
        pub note: String,
        /// The media type of its photo.
        pub photo_type: Option<String>,
    }
}

macro_rules! reading {
    ($rest:literal) => {
        concat!(
            "SELECT id, org, device, client_key, usage_point, meter, device_at, received_at, latitude_udeg,
                    longitude_udeg, registers, note, photo_type
               FROM field_reading ",
            $rest
        )
    };
}

store::statements! {
    /// The handheld with this token.
    optional device_by_token(token_hash: &str) -> DeviceRow =
        "SELECT id, org, name, holder, registered_at, registered_by, seen_at, revoked_at
           FROM field_device WHERE token_hash = $1 AND revoked_at IS NULL";
    /// One handheld.
    optional device_by_id(org: Id, id: Id) -> DeviceRow =
        "SELECT id, org, name, holder, registered_at, registered_by, seen_at, revoked_at
           FROM field_device WHERE org = $1 AND id = $2";
    /// The handhelds of an organisation, newest first.
    all devices(org: Id, before: Id, count: i64) -> DeviceRow =
        "SELECT id, org, name, holder, registered_at, registered_by, seen_at, revoked_at
           FROM field_device WHERE org = $1 AND id < $2 ORDER BY id DESC LIMIT $3";
    /// Notes that a handheld was heard of.
    run set_seen(org: Id, id: Id, at: Instant) =
        "UPDATE field_device SET seen_at = $3 WHERE org = $1 AND id = $2";
    /// Revokes a handheld.
    run set_revoked(org: Id, id: Id, at: Instant) =
        "UPDATE field_device SET revoked_at = $3 WHERE org = $1 AND id = $2 AND revoked_at IS NULL";
    /// The reading that a handheld sent under this key.
    optional reading_by_key(org: Id, device: Id, client_key: &str) -> FieldReadingRow =
        reading!("WHERE org = $1 AND device = $2 AND client_key = $3");
    /// One reading.
    optional field_reading_by_id(org: Id, id: Id) -> FieldReadingRow =
        reading!("WHERE org = $1 AND id = $2");
    /// The readings of a usage point, newest first.
    all field_readings_of_point(org: Id, usage_point: Id, count: i64) -> FieldReadingRow =
        reading!("WHERE org = $1 AND usage_point = $2 ORDER BY id DESC LIMIT $3");
    /// Says that a reading has a photo.
    run set_photo(org: Id, id: Id, device: Id, photo_type: &str) =
        "UPDATE field_reading SET photo_type = $4
          WHERE org = $1 AND id = $2 AND device = $3 AND photo_type IS NULL";
}
