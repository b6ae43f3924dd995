//! Loads many customers at once: the way of imports and of the demo bureau. Registration at the
//! counter is a load of one. What exists already is found again and left as it is.

use std::collections::{BTreeMap, BTreeSet, HashMap, hash_map::Entry};

use kernel::{Id, Instant};
use store::{OnConflict, Tx};

use super::known::Known;
use crate::{
    Channel, ContactPoint, Customer, FieldError, Identity, Mark, Person, RegistryError,
    SubjectKind, network,
    premises::store::{Account, LocationAlias, PlaceName, ServiceLocation, UsagePoint},
    search,
    search::terms::{self, Term},
    words::{mask, normal, pinyin::Reading},
};

/// Customers written together; larger chunks sort more neighbours of the index side by side.
const CHUNK: usize = 5_000;

/// The ids of one loaded customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Loaded {
    /// The person.
    pub person: Id,
    /// The account.
    pub account: Id,
    /// The place.
    pub service_location: Id,
    /// The usage point.
    pub usage_point: Id,
}

/// What became of one customer of a load.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LoadOutcome {
    /// The usage point is new, and perhaps account and person as well.
    Added(Loaded),
    /// This usage point of this account exists; nothing was changed.
    Present(Loaded),
    /// It contradicts what exists; nothing was written for it.
    Refused(Vec<FieldError>),
}

impl LoadOutcome {
    /// The ids, unless it was refused.
    #[must_use]
    pub const fn loaded(&self) -> Option<Loaded> {
        match self {
            Self::Added(loaded) | Self::Present(loaded) => Some(*loaded),
            Self::Refused(_) => None,
        }
    }
}

/// Loads customers, one outcome each, in their order. The same list again adds nothing: accounts
/// are known by their number, usage points by their code, persons by a document or by the account.
/// Checks no right and writes no fact: the door that imports does.
///
/// # Errors
/// The database.
pub async fn load_customers(
    tx: &mut Tx,
    org: Id,
    customers: &[Customer],
) -> Result<Vec<LoadOutcome>, RegistryError> {
    let areas: HashMap<String, Id> =
        network::store::area_codes(tx, org).await?.into_iter().collect();
    let mut outcomes = Vec::with_capacity(customers.len());
    for chunk in customers.chunks(CHUNK) {
        let known = Known::read(tx, org, chunk).await?;
        let mut batch = Batch { org, at: tx.now(), known, areas: &areas, rows: Rows::default() };
        for customer in chunk {
            outcomes.push(batch.add(tx, customer));
        }
        batch.rows.write(tx, org).await?;
    }
    Ok(outcomes)
}

/// One chunk on its way: what is known, and the rows that it adds.
struct Batch<'a> {
    org: Id,
    at: Instant,
    known: Known,
    areas: &'a HashMap<String, Id>,
    rows: Rows,
}

#[derive(Default)]
struct Rows {
    persons: Vec<Person>,
    identities: Vec<Identity>,
    contacts: Vec<ContactPoint>,
    accounts: Vec<Account>,
    places: BTreeMap<String, PlaceName>,
    locations: Vec<ServiceLocation>,
    aliases: Vec<LocationAlias>,
    usage_points: Vec<UsagePoint>,
    marks: Vec<Mark>,
    terms: Vec<Term>,
    /// Persons who existed and may have a new contact point.
    extended: BTreeSet<Id>,
}

impl Batch<'_> {
    fn add(&mut self, tx: &Tx, customer: &Customer) -> LoadOutcome {
        match self.check(customer) {
            Err(faults) => LoadOutcome::Refused(faults),
            Ok(Some(present)) => LoadOutcome::Present(present),
            Ok(None) => LoadOutcome::Added(self.write(tx, customer)),
        }
    }

    /// Whether it exists already, or contradicts what exists.
    fn check(&self, customer: &Customer) -> Result<Option<Loaded>, Vec<FieldError>> {
        let fault = |field, message| Err(vec![FieldError { field, message }]);
        let account = self.known.accounts.get(&customer.account_no);
        let code = &customer.usage_point_code;
        if let Some((usage_point, holder, service_location)) = self.known.usage_points.get(code) {
            return match account {
                Some((account, person)) if account == holder => Ok(Some(Loaded {
                    person: *person,
                    account: *account,
                    service_location: *service_location,
                    usage_point: *usage_point,
                })),
                _ => {
                    fault("usage_point_code", format!("{code} belongs to another account already"))
                }
            };
        }
        if let Some(area) = &customer.transformer_area
            && !self.areas.contains_key(area)
        {
            return fault(
                "transformer_area",
                format!("there is no 台区 {area}: load the network first"),
            );
        }
        let mut holders: Vec<&String> =
            account.and_then(|(_, person)| self.known.holders.get(person)).into_iter().collect();
        let persons = customer.identities.iter().filter_map(|key| self.known.identities.get(key));
        holders.extend(persons.map(|(_, name)| name));
        match holders.iter().find(|n| normal::fold(n) != normal::fold(&customer.name)) {
            Some(other) => fault(
                "name",
                format!(
                    "this account or document belongs to {}: correct the name, the account or the document",
                    mask::name(customer.kind, other)
                ),
            ),
            None => Ok(None),
        }
    }

    fn write(&mut self, tx: &Tx, customer: &Customer) -> Loaded {
        let (account, person) = match self.known.accounts.get(&customer.account_no).copied() {
            Some((account, person)) => {
                self.rows.extended.insert(person);
                (account, person)
            }
            None => {
                let person = self.person(tx, customer);
                (self.account(tx, customer, person), person)
            }
        };
        self.contacts(tx, customer, person);
        let service_location = self.location(tx, customer);
        let usage_point = self.usage_point(tx, customer, account, service_location);
        Loaded { person, account, service_location, usage_point }
    }

    fn person(&mut self, tx: &Tx, customer: &Customer) -> Id {
        let known = customer.identities.iter().find_map(|key| self.known.identities.get(key));
        let id = match known {
            Some((id, _)) => {
                self.rows.extended.insert(*id);
                *id
            }
            None => {
                let person =
                    Person::new(tx.next_id(), self.org, customer.kind, &customer.name, self.at);
                let id = person.id;
                self.rows.persons.push(Person { language: customer.language.clone(), ..person });
                id
            }
        };
        for (scheme, value) in &customer.identities {
            if let Entry::Vacant(free) = self.known.identities.entry((*scheme, value.clone())) {
                free.insert((id, customer.name.clone()));
                self.rows.identities.push(Identity {
                    id: tx.next_id(),
                    org: self.org,
                    person: id,
                    scheme: *scheme,
                    value: value.clone(),
                    verified_at: None,
                    created_at: self.at,
                });
            }
        }
        self.known.holders.insert(id, customer.name.clone());
        id
    }

    fn contacts(&mut self, tx: &Tx, customer: &Customer, person: Id) {
        let phone = customer.phone.iter().map(|v| (Channel::of_phone(v), v));
        for (channel, value) in phone.chain(customer.email.iter().map(|v| (Channel::Email, v))) {
            self.rows.contacts.push(ContactPoint {
                id: tx.next_id(),
                org: self.org,
                person,
                channel,
                value: value.clone(),
                role: customer.contact_role,
                verified_at: None,
                preferred: channel != Channel::Email,
                bounce_count: 0,
                created_at: self.at,
                version: 1,
            });
        }
    }

    fn account(&mut self, tx: &Tx, customer: &Customer, person: Id) -> Id {
        let id = tx.next_id();
        self.known.accounts.insert(customer.account_no.clone(), (id, person));
        self.rows.accounts.push(Account {
            id,
            org: self.org,
            account_no: customer.account_no.clone(),
            person,
            opened_on: customer.opened_on,
            closed_on: None,
            invoice_title: customer.invoice_title.clone(),
            version: 1,
        });
        id
    }

    fn location(&mut self, tx: &Tx, customer: &Customer) -> Id {
        let id = tx.next_id();
        let place = &customer.place;
        let reading = Reading::of(&place.address);
        for name in [&place.parts.community, &place.parts.street] {
            if !name.is_empty() && !self.rows.places.contains_key(name) {
                self.rows.places.insert(name.clone(), PlaceName::new(self.org, name));
            }
        }
        for alias in &place.aliases {
            let alias = alias.clone();
            let row =
                LocationAlias { id: tx.next_id(), org: self.org, service_location: id, alias };
            self.rows.aliases.push(row);
        }
        self.rows.locations.push(ServiceLocation {
            id,
            org: self.org,
            address: place.address.clone(),
            address_pinyin: reading.full(),
            address_initials: reading.initials(),
            community: place.parts.community.clone(),
            street: place.parts.street.clone(),
            building: place.parts.building.clone(),
            unit: place.parts.unit.clone(),
            version: 1,
        });
        id
    }

    fn usage_point(
        &mut self,
        tx: &Tx,
        customer: &Customer,
        account: Id,
        service_location: Id,
    ) -> Id {
        let id = tx.next_id();
        let code = customer.usage_point_code.clone();
        let area =
            customer.transformer_area.as_ref().and_then(|code| self.areas.get(code)).copied();
        self.known.usage_points.insert(code.clone(), (id, account, service_location));
        let terms = &mut self.rows.terms;
        terms::of_numbers(&customer.account_no, &code, id, terms);
        terms::of_name(customer.kind, &customer.name, id, terms);
        customer.phone.iter().for_each(|phone| terms::of_phone(phone, id, terms));
        customer.place.aliases.iter().for_each(|alias| terms::of_alias(alias, id, terms));
        self.rows.marks.extend(customer.marks.iter().map(|kind| Mark {
            id: tx.next_id(),
            org: self.org,
            subject_kind: SubjectKind::UsagePoint,
            subject: id,
            kind: kind.clone(),
            evidence: String::new(),
            marked_from: customer.opened_on,
            marked_to: None,
            source: "import".to_owned(),
            recorded_at: self.at,
            version: 1,
        }));
        self.rows.usage_points.push(UsagePoint {
            id,
            org: self.org,
            code,
            account,
            service_location,
            transformer_area: area,
            class: customer.class,
            voltage: customer.voltage.clone(),
            dedicated_transformer: customer.dedicated_transformer,
            opened_on: customer.opened_on,
            closed_on: None,
            version: 1,
        });
        id
    }
}

impl Rows {
    async fn write(self, tx: &mut Tx, org: Id) -> Result<(), RegistryError> {
        let places: Vec<PlaceName> = self.places.into_values().collect();
        tx.insert_all("person", &self.persons, OnConflict::Fail).await?;
        tx.insert_all("person_identity", &self.identities, OnConflict::Fail).await?;
        tx.insert_all("contact_point", &self.contacts, OnConflict::Keep).await?;
        tx.insert_all("account", &self.accounts, OnConflict::Fail).await?;
        tx.insert_all("place", &places, OnConflict::Keep).await?;
        tx.insert_all("service_location", &self.locations, OnConflict::Fail).await?;
        tx.insert_all("service_location_alias", &self.aliases, OnConflict::Keep).await?;
        tx.insert_all("usage_point", &self.usage_points, OnConflict::Fail).await?;
        tx.insert_all("mark", &self.marks, OnConflict::Fail).await?;
        search::insert_terms(tx, org, self.terms).await?;
        for person in self.extended {
            search::complete_person(tx, org, person).await?;
        }
        Ok(())
    }
}
