//! Where electricity comes from: stations, feeders and 台区, as far as serving a customer needs
//! them. Tables: `substation`, `feeder`, `transformer_area`. Each is known by its code, which is
//! unique in an organisation; loading the same list again changes nothing.

mod ops;
mod queries;
pub(crate) mod store;

pub use ops::{Network, NewFeeder, NewSubstation, NewTransformerArea, load_network};
pub use queries::{AreaSummary, AreaUsagePoint, transformer_areas, usage_points_of_area};
pub use store::{Feeder, Substation, TransformerArea, area_by_id};
