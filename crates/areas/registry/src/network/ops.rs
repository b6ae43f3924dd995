//! Loads stations, feeders and 台区, each referring to the one above by its code.

use std::collections::HashMap;

use kernel::Id;
use store::{OnConflict, Tx};

use super::store::{self as sql, Feeder, Substation, TransformerArea};
use crate::{FieldError, RegistryError, words::normal};

/// A station to load.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSubstation {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
}

/// A line to load.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFeeder {
    /// Code of its station.
    pub substation: String,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Nominal voltage in volts.
    pub voltage_v: Option<i64>,
}

/// A 台区 to load.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTransformerArea {
    /// Code of its line.
    pub feeder: String,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Rated capacity in millionths of a kVA.
    pub capacity_ukva: i64,
    /// 台区经理, a user.
    pub manager_user: Option<Id>,
}

/// A network to load.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Network {
    /// Stations.
    pub substations: Vec<NewSubstation>,
    /// Lines of these stations or of stations that exist.
    pub feeders: Vec<NewFeeder>,
    /// 台区 of these lines or of lines that exist.
    pub areas: Vec<NewTransformerArea>,
}

/// Adds what is new; what has a known code stays as it is. Gives every 台区 of the organisation by
/// its code. Checks no right: the door that imports does.
///
/// # Errors
/// [`RegistryError::Invalid`] naming every code that is malformed or refers to nothing.
pub async fn load_network(
    tx: &mut Tx,
    org: Id,
    network: &Network,
) -> Result<HashMap<String, Id>, RegistryError> {
    let mut faults = Vec::new();
    let mut rows = Vec::new();
    for new in &network.substations {
        if let Some((code, name)) = named("substation", &new.code, &new.name, &mut faults) {
            rows.push(Substation { id: tx.next_id(), org, code, name });
        }
    }
    tx.insert_all("substation", &rows, OnConflict::Keep).await?;
    let substations: HashMap<String, Id> =
        sql::substation_codes(tx, org).await?.into_iter().collect();

    let mut rows = Vec::new();
    for new in &network.feeders {
        let above = find("feeder", &new.code, &new.substation, &substations, &mut faults);
        let named = named("feeder", &new.code, &new.name, &mut faults);
        if let (Some(substation), Some((code, name))) = (above, named) {
            rows.push(Feeder {
                id: tx.next_id(),
                org,
                substation,
                code,
                name,
                voltage_v: new.voltage_v,
            });
        }
    }
    tx.insert_all("feeder", &rows, OnConflict::Keep).await?;
    let feeders: HashMap<String, Id> = sql::feeder_codes(tx, org).await?.into_iter().collect();

    let mut rows = Vec::new();
    for new in &network.areas {
        let above = find("transformer_area", &new.code, &new.feeder, &feeders, &mut faults);
        let named = named("transformer_area", &new.code, &new.name, &mut faults);
        if let (Some(feeder), Some((code, name))) = (above, named) {
            let id = tx.next_id();
            let (capacity_ukva, manager_user) = (new.capacity_ukva, new.manager_user);
            rows.push(TransformerArea { id, org, feeder, code, name, capacity_ukva, manager_user });
        }
    }
    if !faults.is_empty() {
        return Err(RegistryError::Invalid(faults));
    }
    tx.insert_all("transformer_area", &rows, OnConflict::Keep).await?;
    Ok(sql::area_codes(tx, org).await?.into_iter().collect())
}

fn named(
    field: &'static str,
    code: &str,
    name: &str,
    faults: &mut Vec<FieldError>,
) -> Option<(String, String)> {
    let found = normal::code(code).and_then(|code| Ok((code, normal::line(name, 100)?)));
    found
        .map_err(|e| faults.push(FieldError { field, message: format!("{code:?} {name:?}: {e}") }))
        .ok()
}

fn find(
    field: &'static str,
    code: &str,
    above: &str,
    known: &HashMap<String, Id>,
    faults: &mut Vec<FieldError>,
) -> Option<Id> {
    let id = normal::code(above).ok().and_then(|above| known.get(&above).copied());
    if id.is_none() {
        let message = format!("{code:?} refers to {above:?}, which does not exist: load it first");
        faults.push(FieldError { field, message });
    }
    id
}
