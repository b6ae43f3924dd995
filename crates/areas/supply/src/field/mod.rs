//! Readings taken in the field with registered handhelds (抄表机), and nothing else: no page takes such
//! a reading from a keyboard. Tables: `field_device`, `field_reading`. Invariants: a device's token is
//! kept as a hash and shown once; a reading keeps the time of the device however late it comes; sent
//! twice, it counts once; what does not fit (a clock that is off, a later reading that shows less)
//! counts as read and raises an alert.

mod error;
mod jobs;
mod model;
mod ops;
mod queries;
mod rules;
mod store;

pub use error::FieldError;
pub use jobs::{attach_photo, deliver};
pub use model::{FieldReading, Position, Taken};
pub use ops::{IssuedDevice, register, revoke};
pub use queries::recognise;
pub use rules::photo_type;
pub use store::{
    DeviceRow, FieldReadingRow, STATEMENTS, devices, field_reading_by_id, field_readings_of_point,
};
