//! The actor and the context of an operation.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
};

use kernel::{Clock, Id, Instant};

use crate::{AccessError, Denied, Randomness, Right};

/// Where a right is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// At every organisation: the program itself.
    Everywhere,
    /// At these, each of which is listed with all below it.
    At(Arc<BTreeSet<Id>>),
}

impl Scope {
    /// Nowhere.
    #[must_use]
    pub fn nowhere() -> Self {
        Self::At(Arc::default())
    }

    /// Whether it covers an organisation.
    #[must_use]
    pub fn contains(&self, org: Id) -> bool {
        match self {
            Self::Everywhere => true,
            Self::At(orgs) => orgs.contains(&org),
        }
    }

    /// The organisations, in order; `None` for all of them.
    #[must_use]
    pub fn orgs(&self) -> Option<impl Iterator<Item = Id> + '_> {
        match self {
            Self::Everywhere => None,
            Self::At(orgs) => Some(orgs.iter().copied()),
        }
    }

    /// Whether it covers nothing at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::At(orgs) if orgs.is_empty())
    }
}

/// Who asks. Made by this area from a session or a token, or by the program for its own work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    name: String,
    id: Id,
    org: Id,
    account: Option<Id>,
    rights: Rights,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Rights {
    All,
    Some(BTreeMap<Right, Scope>),
}

impl Actor {
    /// The program itself, at work for a purpose: `command`, `demo`, `job:supply.settle_day`. It
    /// may do everything, so it is never made from what a request says.
    #[must_use]
    pub fn program(purpose: &str) -> Self {
        Self {
            name: purpose.to_owned(),
            id: Id::from_i64(0),
            org: Id::from_i64(0),
            account: None,
            rights: Rights::All,
        }
    }

    /// Nobody yet: someone on the sign-in page.
    #[must_use]
    pub fn visitor() -> Self {
        Self {
            name: "visitor".to_owned(),
            rights: Rights::Some(BTreeMap::new()),
            ..Self::program("")
        }
    }

    pub(crate) fn staff(id: Id, org: Id, rights: BTreeMap<Right, Scope>) -> Self {
        Self { name: format!("user:{id}"), id, org, account: None, rights: Rights::Some(rights) }
    }

    pub(crate) fn token(id: Id, org: Id, rights: BTreeMap<Right, Scope>) -> Self {
        Self { name: format!("token:{id}"), id, org, account: None, rights: Rights::Some(rights) }
    }

    pub(crate) fn customer(account: Id, org: Id) -> Self {
        Self {
            name: format!("customer:{account}"),
            id: account,
            org,
            account: Some(account),
            rights: Rights::Some(BTreeMap::new()),
        }
    }

    /// The program at work on what follows from something that this actor was allowed to do: it may
    /// do everything, and facts and audit name the actor. Only for work that the actor's own deed
    /// has already fixed, such as settling again what a decision changed.
    #[must_use]
    pub fn on_behalf(&self) -> Self {
        Self { rights: Rights::All, ..self.clone() }
    }

    /// The stable name, for facts and audit: `user:123`, `customer:45`, `token:6`, `job:…`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The user, account or token; 0 for the program.
    #[must_use]
    pub const fn id(&self) -> Id {
        self.id
    }

    /// The organisation that they belong to; 0 for the program.
    #[must_use]
    pub const fn org(&self) -> Id {
        self.org
    }

    /// The account of a customer in the portal.
    #[must_use]
    pub const fn account(&self) -> Option<Id> {
        self.account
    }

    /// The member of staff, if it is one.
    #[must_use]
    pub fn staff_id(&self) -> Option<Id> {
        self.name.starts_with("user:").then_some(self.id)
    }

    /// Where they hold a right.
    #[must_use]
    pub fn scope(&self, right: Right) -> Scope {
        match &self.rights {
            Rights::All => Scope::Everywhere,
            Rights::Some(rights) => rights.get(&right).cloned().unwrap_or_else(Scope::nowhere),
        }
    }

    /// Whether they hold a right at an organisation.
    #[must_use]
    pub fn may(&self, right: Right, org: Id) -> bool {
        match &self.rights {
            Rights::All => true,
            Rights::Some(rights) => rights.get(&right).is_some_and(|scope| scope.contains(org)),
        }
    }

    /// The rights that they hold anywhere, for menus and for the guards of routes.
    #[must_use]
    pub fn rights(&self) -> Vec<Right> {
        match &self.rights {
            Rights::All => Right::ALL.to_vec(),
            Rights::Some(rights) => {
                let held = rights.iter().filter(|(_, scope)| !scope.is_empty());
                held.map(|(right, _)| *right).collect()
            }
        }
    }
}

/// What every operation is given beside its transaction and its command.
pub struct Ctx<'a> {
    /// The present comes from here.
    pub clock: &'a dyn Clock,
    /// Randomness comes from here.
    pub random: &'a Randomness,
    /// Who asks.
    pub actor: &'a Actor,
    /// Which request it is, for facts, audit and logs.
    pub request: &'a str,
    refusals: Mutex<Vec<Denied>>,
}

impl std::fmt::Debug for Ctx<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ctx")
            .field("actor", &self.actor.name)
            .field("request", &self.request)
            .finish_non_exhaustive()
    }
}

impl<'a> Ctx<'a> {
    /// The context of one request, job or command.
    #[must_use]
    pub fn new(
        clock: &'a dyn Clock,
        random: &'a Randomness,
        actor: &'a Actor,
        request: &'a str,
    ) -> Self {
        Self { clock, random, actor, request, refusals: Mutex::default() }
    }

    /// The present instant.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.clock.now()
    }

    /// The actor's stable name, for facts and audit.
    #[must_use]
    pub fn actor_name(&self) -> &'a str {
        &self.actor.name
    }

    /// The user, account or token that asks; 0 for the program.
    #[must_use]
    pub const fn actor_id(&self) -> Id {
        self.actor.id
    }

    /// Every operation asks here first. A refusal is kept, so that the door can write it into the
    /// audit trail ([`crate::write_refusals`]).
    ///
    /// # Errors
    /// [`AccessError::Denied`].
    pub fn require(&self, right: Right, org: Id) -> Result<(), AccessError> {
        if self.actor.may(right, org) {
            return Ok(());
        }
        Err(self.refuse(right, org).into())
    }

    /// For what a customer may see of their own account and staff with the right may see too.
    ///
    /// # Errors
    /// [`AccessError::Denied`].
    pub fn require_own(&self, right: Right, org: Id, account: Id) -> Result<(), AccessError> {
        if self.actor.account == Some(account) {
            return Ok(());
        }
        self.require(right, org)
    }

    /// Where the actor holds a right, for lists that span organisations.
    #[must_use]
    pub fn scope(&self, right: Right) -> Scope {
        self.actor.scope(right)
    }

    /// The refusals so far, handed over once.
    #[must_use]
    pub fn take_refusals(&self) -> Vec<Denied> {
        std::mem::take(&mut self.refusals.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn refuse(&self, right: Right, org: Id) -> Denied {
        let denied = Denied { actor: self.actor.name.clone(), right, org, at: self.now() };
        self.refusals.lock().unwrap_or_else(PoisonError::into_inner).push(denied.clone());
        denied
    }
}
