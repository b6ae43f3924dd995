//! Statements over persons and what belongs to them.

use kernel::{Id, Instant};

use crate::{Channel, ContactRole, PersonKind, Scheme, words::pinyin::Reading};

store::record! {
    /// A person or company, in clear.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Person {
        /// Its id.
        pub id: Id,
        /// The organisation.
        pub org: Id,
        /// Person or company.
        pub kind: PersonKind,
        /// The name.
        pub name: String,
        /// Its 拼音.
        pub name_pinyin: String,
        /// The initials of that.
        pub name_initials: String,
        /// A note on the identity document.
        pub id_document: Option<String>,
        /// `zh` or `en`.
        pub language: String,
        /// Into whom this person is merged at present.
        pub merged_into: Option<Id>,
        /// When the person was entered.
        pub created_at: Instant,
        /// Rises with every change.
        pub version: i64,
    }

    /// By what a person is known, in clear.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Identity {
        /// Its id.
        pub id: Id,
        /// The organisation.
        pub org: Id,
        /// Whose it is.
        pub person: Id,
        /// What kind of identity.
        pub scheme: Scheme,
        /// In normal form.
        pub value: String,
        /// When it was proved.
        pub verified_at: Option<Instant>,
        /// When it was entered.
        pub created_at: Instant,
    }

    /// How a person is reached, in clear.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct ContactPoint {
        /// Its id.
        pub id: Id,
        /// The organisation.
        pub org: Id,
        /// Whose it is.
        pub person: Id,
        /// By what.
        pub channel: Channel,
        /// In normal form.
        pub value: String,
        /// What for.
        pub role: ContactRole,
        /// When it was proved.
        pub verified_at: Option<Instant>,
        /// Whether the person wants to be reached here first.
        pub preferred: bool,
        /// How many messages came back in a row.
        pub bounce_count: i64,
        /// When it was entered.
        pub created_at: Instant,
        /// Rises with every change.
        pub version: i64,
    }

    /// What a person agreed to.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Consent {
        /// Its id.
        pub id: Id,
        /// The organisation.
        pub org: Id,
        /// Who agreed.
        pub person: Id,
        /// To what.
        pub purpose: String,
        /// When.
        pub given_at: Instant,
        /// When it was taken back.
        pub withdrawn_at: Option<Instant>,
        /// How the company knows: a form, a call, the portal.
        pub source: String,
    }

    /// One person merged into another.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct PersonMerge {
        /// Its id.
        pub id: Id,
        /// The organisation.
        pub org: Id,
        /// Who stays.
        pub survivor: Id,
        /// Who was taken in.
        pub absorbed: Id,
        /// Why they are the same.
        pub reason: String,
        /// When.
        pub merged_at: Instant,
        /// By which user.
        pub merged_by: Option<Id>,
        /// When it was undone.
        pub undone_at: Option<Instant>,
        /// By which user.
        pub undone_by: Option<Id>,
    }

    /// One row that a merge moved.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct PersonMergeItem {
        /// The merge.
        pub merge: Id,
        /// The organisation.
        pub org: Id,
        /// identity, contact, consent, account or mark.
        pub kind: String,
        /// The row.
        pub item: Id,
    }
}

impl Person {
    /// A new person, with the name read.
    #[must_use]
    pub fn new(id: Id, org: Id, kind: PersonKind, name: &str, at: Instant) -> Self {
        let reading = match kind {
            PersonKind::Person => Reading::of_person(name),
            PersonKind::Company => Reading::of(name),
        };
        Self {
            id,
            org,
            kind,
            name: name.to_owned(),
            name_pinyin: reading.full(),
            name_initials: reading.initials(),
            id_document: None,
            language: "zh".to_owned(),
            merged_into: None,
            created_at: at,
            version: 1,
        }
    }
}

store::statements! {
    /// One person.
    optional person_by_id(org: Id, id: Id) -> Person =
        "SELECT id, org, kind, name, name_pinyin, name_initials, id_document, language, merged_into,
                created_at, version
         FROM person WHERE org = $1 AND id = $2";
    /// The persons who share an identity.
    all persons_by_identity(org: Id, scheme: Scheme, value: &str) -> Person =
        "SELECT p.id AS id, p.org AS org, p.kind AS kind, p.name AS name,
                p.name_pinyin AS name_pinyin, p.name_initials AS name_initials,
                p.id_document AS id_document, p.language AS language,
                p.merged_into AS merged_into, p.created_at AS created_at, p.version AS version
         FROM person_identity i JOIN person p ON p.id = i.person
         WHERE i.org = $1 AND i.scheme = $2 AND i.value = $3 ORDER BY p.id";
    /// Renames a person.
    run update_name(id: Id, version: i64, name: &str, pinyin: &str, initials: &str) =
        "UPDATE person SET name = $3, name_pinyin = $4, name_initials = $5, version = version + 1
         WHERE id = $1 AND version = $2";
    /// Marks a person as merged, or as itself again.
    run update_merged_into(id: Id, into: Option<Id>) =
        "UPDATE person SET merged_into = $2, version = version + 1 WHERE id = $1";
    /// The identities of a person.
    all identities_of(person: Id) -> Identity =
        "SELECT id, org, person, scheme, value, verified_at, created_at
         FROM person_identity WHERE person = $1 ORDER BY id";
    /// Adds an identity, or proves the one that is there; its id.
    one add_identity(
        id: Id, org: Id, person: Id, scheme: Scheme, value: &str, verified_at: Option<Instant>,
        now: Instant
    ) -> Id =
        "INSERT INTO person_identity (id, org, person, scheme, value, verified_at, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (org, scheme, value, person)
         DO UPDATE SET verified_at = COALESCE(excluded.verified_at, person_identity.verified_at)
         RETURNING id";
    /// Removes an identity.
    run delete_identity(person: Id, scheme: Scheme, value: &str) =
        "DELETE FROM person_identity WHERE person = $1 AND scheme = $2 AND value = $3";
    /// The contact points of a person.
    all contacts_of(person: Id) -> ContactPoint =
        "SELECT id, org, person, channel, value, role, verified_at, preferred, bounce_count,
                created_at, version
         FROM contact_point WHERE person = $1 ORDER BY id";
    /// One contact point.
    optional contact_by_id(org: Id, id: Id) -> ContactPoint =
        "SELECT id, org, person, channel, value, role, verified_at, preferred, bounce_count,
                created_at, version
         FROM contact_point WHERE org = $1 AND id = $2";
    /// Changes a contact point.
    run update_contact(
        id: Id, version: i64, channel: Channel, value: &str, role: ContactRole, preferred: bool,
        verified_at: Option<Instant>
    ) =
        "UPDATE contact_point SET channel = $3, value = $4, role = $5, preferred = $6,
                verified_at = $7, bounce_count = 0, version = version + 1
         WHERE id = $1 AND version = $2";
    /// Removes a contact point.
    run delete_contact(id: Id, version: i64) =
        "DELETE FROM contact_point WHERE id = $1 AND version = $2";
    /// Whether a person has other contact points with this value.
    one contacts_with_value(person: Id, value: &str) -> i64 =
        "SELECT COUNT(*) FROM contact_point WHERE person = $1 AND value = $2";
    /// What a person agreed to.
    all consents_of(person: Id) -> Consent =
        "SELECT id, org, person, purpose, given_at, withdrawn_at, source
         FROM consent WHERE person = $1 ORDER BY id";
    /// Takes a consent back.
    run withdraw_consent(person: Id, purpose: &str, at: Instant) =
        "UPDATE consent SET withdrawn_at = $3
         WHERE person = $1 AND purpose = $2 AND withdrawn_at IS NULL";
    /// One merge.
    optional merge_by_id(org: Id, id: Id) -> PersonMerge =
        "SELECT id, org, survivor, absorbed, reason, merged_at, merged_by, undone_at, undone_by
         FROM person_merge WHERE org = $1 AND id = $2";
    /// Merges in which a person took part, newest first.
    all merges_of(person: Id) -> PersonMerge =
        "SELECT id, org, survivor, absorbed, reason, merged_at, merged_by, undone_at, undone_by
         FROM person_merge WHERE survivor = $1 OR absorbed = $1 ORDER BY id DESC";
    /// Marks a merge as undone.
    run update_merge_undone(id: Id, at: Instant, by: Option<Id>) =
        "UPDATE person_merge SET undone_at = $2, undone_by = $3 WHERE id = $1 AND undone_at IS NULL";
    /// What a merge moved.
    all merge_items(merge: Id) -> PersonMergeItem =
        "SELECT merge, org, kind, item FROM person_merge_item WHERE merge = $1 ORDER BY kind, item";
    /// Gives an identity to another person.
    run give_identity(id: Id, from: Id, to: Id) =
        "UPDATE person_identity SET person = $3 WHERE id = $1 AND person = $2";
    /// Gives a contact point to another person.
    run give_contact(id: Id, from: Id, to: Id) =
        "UPDATE contact_point SET person = $3, version = version + 1 WHERE id = $1 AND person = $2";
    /// Gives a consent to another person.
    run give_consent(id: Id, from: Id, to: Id) =
        "UPDATE consent SET person = $3 WHERE id = $1 AND person = $2";
    /// Gives an account to another person.
    run give_account(id: Id, from: Id, to: Id) =
        "UPDATE account SET person = $3, version = version + 1 WHERE id = $1 AND person = $2";
    /// Gives a mark to another person.
    run give_mark(id: Id, from: Id, to: Id) =
        "UPDATE mark SET subject = $3, version = version + 1
         WHERE id = $1 AND subject = $2 AND subject_kind = 'person'";
}
