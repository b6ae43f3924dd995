//! The header of the customer page: everything that the registry knows of a person, masked, and
//! the same in clear for those who say why. Bills, meters and readings are other areas' parts.

use access::{Clearance, Ctx, Reveal, Right, reveal};
use kernel::{Id, Instant};
use store::Tx;

use crate::{
    Account, Channel, Consent, ContactPoint, ContactRole, Feeder, Identity, Mark, Person,
    PersonKind, PersonMerge, RegistryError, Scheme, ServiceLocation, SubjectKind, Substation,
    TransformerArea, UsagePoint, marks, network, people,
    people::{masked_contact, masked_identity},
    premises,
    words::mask,
};

/// A customer, masked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerPage {
    /// The person.
    pub person: PersonView,
    /// By what the person is known, masked.
    pub identities: Vec<IdentityView>,
    /// How the person is reached, masked.
    pub contacts: Vec<ContactView>,
    /// What the person agreed to, withdrawn consents included.
    pub consents: Vec<Consent>,
    /// Accounts, each with its usage points.
    pub accounts: Vec<AccountView>,
    /// Marks on the person, its accounts and its usage points, ended ones included.
    pub marks: Vec<Mark>,
    /// Merges in which the person took part, newest first.
    pub merges: Vec<PersonMerge>,
}

/// A person, masked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonView {
    /// Its id.
    pub id: Id,
    /// The organisation.
    pub org: Id,
    /// Person or company.
    pub kind: PersonKind,
    /// The name; masked for a person.
    pub name: String,
    /// `zh` or `en`.
    pub language: String,
    /// Into whom this person is merged at present.
    pub merged_into: Option<Id>,
    /// When the person was entered.
    pub created_at: Instant,
    /// For changes.
    pub version: i64,
}

/// An identity, masked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityView {
    /// Its id.
    pub id: Id,
    /// What kind.
    pub scheme: Scheme,
    /// Masked.
    pub value: String,
    /// When it was proved.
    pub verified_at: Option<Instant>,
}

/// A contact point, masked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContactView {
    /// Its id.
    pub id: Id,
    /// By what.
    pub channel: Channel,
    /// Masked.
    pub value: String,
    /// What for.
    pub role: ContactRole,
    /// When it was proved.
    pub verified_at: Option<Instant>,
    /// Reached here first.
    pub preferred: bool,
    /// How many messages came back in a row.
    pub bounce_count: i64,
    /// For changes.
    pub version: i64,
}

/// An account with what it serves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountView {
    /// The account.
    pub account: Account,
    /// Its usage points by code.
    pub usage_points: Vec<UsagePointView>,
}

/// A usage point with its place and what feeds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsagePointView {
    /// The usage point.
    pub usage_point: UsagePoint,
    /// The address, masked.
    pub address: String,
    /// Community or village.
    pub community: String,
    /// What people call the place.
    pub aliases: Vec<String>,
    /// 台区, line and station.
    pub supply: Option<SupplyPath>,
}

/// What feeds a usage point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SupplyPath {
    /// 台区
    pub area: TransformerArea,
    /// Line.
    pub feeder: Feeder,
    /// Station.
    pub substation: Substation,
}

/// Everything about a person, for staff who may see customers.
///
/// # Errors
/// Denied or not found.
pub async fn customer_page(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    org: Id,
    person: Id,
) -> Result<CustomerPage, RegistryError> {
    ctx.require(Right::CustomerRead, org)?;
    let accounts = premises::store::accounts_of_person(tx, person).await?;
    page(tx, org, person, accounts).await
}

/// The same for one account: for the customer of that account, and for staff.
///
/// # Errors
/// Denied or not found.
pub async fn account_page(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    org: Id,
    account: Id,
) -> Result<CustomerPage, RegistryError> {
    ctx.require_own(Right::CustomerRead, org, account)?;
    let row = premises::store::account_by_id(tx, org, account)
        .await?
        .ok_or_else(|| RegistryError::not_found("account", account))?;
    let mut page = page(tx, org, row.person, vec![row]).await?;
    if ctx.actor.account().is_some() {
        // How the company sorted out its records is no business of the portal.
        page.merges.clear();
    }
    Ok(page)
}

async fn page(
    tx: &mut Tx,
    org: Id,
    person: Id,
    accounts: Vec<Account>,
) -> Result<CustomerPage, RegistryError> {
    let row = people::store::person_by_id(tx, org, person)
        .await?
        .ok_or_else(|| RegistryError::not_found("person", person))?;
    let mut marks = marks::store::marks_on(tx, SubjectKind::Person, person).await?;
    let mut views = Vec::with_capacity(accounts.len());
    for account in accounts {
        marks.extend(marks::store::marks_on(tx, SubjectKind::Account, account.id).await?);
        let mut usage_points = Vec::new();
        for point in premises::store::usage_points_of_account(tx, account.id).await? {
            marks.extend(marks::store::marks_on(tx, SubjectKind::UsagePoint, point.id).await?);
            usage_points.push(usage_point_view(tx, org, point).await?);
        }
        views.push(AccountView { account, usage_points });
    }
    let identities = people::store::identities_of(tx, person).await?;
    let contacts = people::store::contacts_of(tx, person).await?;
    Ok(CustomerPage {
        person: person_view(&row),
        identities: identities.iter().map(identity_view).collect(),
        contacts: contacts.iter().map(contact_view).collect(),
        consents: people::store::consents_of(tx, person).await?,
        accounts: views,
        marks,
        merges: people::store::merges_of(tx, person).await?,
    })
}

async fn usage_point_view(
    tx: &mut Tx,
    org: Id,
    usage_point: UsagePoint,
) -> Result<UsagePointView, RegistryError> {
    let place = location(tx, org, usage_point.service_location).await?;
    let aliases = premises::store::aliases_of(tx, place.id).await?;
    let supply = match usage_point.transformer_area {
        Some(area) => supply_path(tx, org, area).await?,
        None => None,
    };
    let address = mask::address(&place.address);
    Ok(UsagePointView { usage_point, address, community: place.community, aliases, supply })
}

async fn location(tx: &mut Tx, org: Id, id: Id) -> Result<ServiceLocation, RegistryError> {
    premises::store::location_by_id(tx, org, id)
        .await?
        .ok_or_else(|| RegistryError::not_found("service location", id))
}

async fn supply_path(tx: &mut Tx, org: Id, area: Id) -> Result<Option<SupplyPath>, RegistryError> {
    let Some(area) = network::store::area_by_id(tx, org, area).await? else { return Ok(None) };
    let Some(feeder) = network::store::feeder_by_id(tx, org, area.feeder).await? else {
        return Ok(None);
    };
    let station = network::store::substation_by_id(tx, org, feeder.substation).await?;
    Ok(station.map(|substation| SupplyPath { area, feeder, substation }))
}

fn person_view(row: &Person) -> PersonView {
    PersonView {
        id: row.id,
        org: row.org,
        kind: row.kind,
        name: mask::name(row.kind, &row.name),
        language: row.language.clone(),
        merged_into: row.merged_into,
        created_at: row.created_at,
        version: row.version,
    }
}

fn identity_view(row: &Identity) -> IdentityView {
    let value = masked_identity(row.scheme, &row.value);
    IdentityView { id: row.id, scheme: row.scheme, value, verified_at: row.verified_at }
}

fn contact_view(row: &ContactPoint) -> ContactView {
    ContactView {
        id: row.id,
        channel: row.channel,
        value: masked_contact(row.channel, &row.value),
        role: row.role,
        verified_at: row.verified_at,
        preferred: row.preferred,
        bounce_count: row.bounce_count,
        version: row.version,
    }
}

/// Personal data in clear; what was not asked for is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PersonalData {
    /// The name.
    pub name: Option<String>,
    /// Documents and numbers.
    pub identities: Vec<Identity>,
    /// Telephones and addresses of mail.
    pub contacts: Vec<ContactPoint>,
    /// Where the person uses electricity.
    pub addresses: Vec<ServiceLocation>,
}

/// The fields that [`personal_data`] knows.
pub const PERSONAL_FIELDS: [&str; 4] = ["name", "identities", "contacts", "addresses"];

/// Reads personal data in clear. It needs a right of its own and a purpose, and every look is in
/// the audit trail, so it runs in a transaction that is committed.
///
/// # Errors
/// Denied, no purpose, no such field, or not found.
pub async fn personal_data(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    org: Id,
    person: Id,
    fields: &[&str],
    purpose: &str,
) -> Result<PersonalData, RegistryError> {
    if let Some(unknown) = fields.iter().find(|f| !PERSONAL_FIELDS.contains(f)) {
        let message = format!("{unknown:?} is no field: ask for {}", PERSONAL_FIELDS.join(", "));
        return Err(RegistryError::Invalid(vec![crate::FieldError { field: "fields", message }]));
    }
    let object = format!("person:{person}");
    let clearance = reveal(ctx, tx, Reveal { org, object: &object, fields, purpose }).await?;
    let row = people::store::person_by_id(tx, org, person)
        .await?
        .ok_or_else(|| RegistryError::not_found("person", person))?;
    read_clear(tx, &clearance, &object, row).await
}

async fn read_clear(
    tx: &mut Tx,
    clearance: &Clearance,
    object: &str,
    person: Person,
) -> Result<PersonalData, RegistryError> {
    let covers = |field| clearance.covers(object, field);
    let mut data = PersonalData::default();
    let id = person.id;
    if covers("identities") {
        data.identities = people::store::identities_of(tx, id).await?;
    }
    if covers("contacts") {
        data.contacts = people::store::contacts_of(tx, id).await?;
    }
    if covers("addresses") {
        for account in premises::store::accounts_of_person(tx, id).await? {
            for point in premises::store::usage_points_of_account(tx, account.id).await? {
                let place = location(tx, person.org, point.service_location).await?;
                if !data.addresses.contains(&place) {
                    data.addresses.push(place);
                }
            }
        }
    }
    data.name = covers("name").then_some(person.name);
    Ok(data)
}
