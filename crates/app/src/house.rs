//! A running installation: where its data lie, opened once in the program's outermost layer.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use access::{AccessError, Actor, Randomness, organisation_by_code, root_organisation};
use clap::Args;
use kernel::{Clock, Fault, FaultKind, Id};
use lake::{Lake, LakeError};
use store::{Db, Durability, Migration, Options, StoreError};
use supply::{AreaRules, RulesError, Works};

/// Where an installation's data lie. Every command that works on one takes these.
#[derive(Debug, Clone, Args)]
pub struct HouseArgs {
    /// The folder for database and lake.
    #[arg(long, env = "LAMPLIGHT_DATA", default_value = "lamplight-data")]
    pub data: PathBuf,
    /// The database, when it is not the one in the data folder: sqlite:FILE or postgres://…
    #[arg(long, env = "LAMPLIGHT_DATABASE")]
    pub database: Option<String>,
    /// The time zone whose midnight ends a business day.
    #[arg(long, env = "LAMPLIGHT_ZONE", default_value = "Asia/Shanghai")]
    pub zone: String,
    /// The code of the organisation, when it is not the topmost one.
    #[arg(long, env = "LAMPLIGHT_ORG")]
    pub org: Option<String>,
}

/// An opened installation.
#[derive(Debug)]
pub struct House {
    /// What jobs and operations work with.
    pub works: Works,
    /// Who acts when a command does.
    pub actor: Actor,
    /// The data folder.
    pub data: PathBuf,
}

/// An installation that cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum HouseError {
    /// The data folder.
    #[error("{path}: {error}")]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// The operating system gives no randomness.
    #[error("the operating system gives no randomness: {0}")]
    Randomness(getrandom::Error),
    /// There is no such organisation.
    #[error(
        "there is no organisation {0}; start a bureau with `lamplight demo` or `lamplight serve`"
    )]
    NoOrganisation(String),
    /// A rule document.
    #[error(transparent)]
    Rules(#[from] RulesError),
    /// The lake.
    #[error(transparent)]
    Lake(#[from] LakeError),
    /// Users and organisations.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Fault for HouseError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Folder { .. } | Self::Randomness(_) => FaultKind::Unavailable,
            Self::NoOrganisation(_) => FaultKind::NotFound,
            Self::Rules(error) => error.kind(),
            Self::Lake(error) => error.kind(),
            Self::Access(error) => error.kind(),
            Self::Store(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Folder { .. } => "house.folder",
            Self::Randomness(_) => "house.randomness",
            Self::NoOrganisation(_) => "house.no_organisation",
            Self::Rules(error) => error.code(),
            Self::Lake(error) => error.code(),
            Self::Access(error) => error.code(),
            Self::Store(error) => error.code(),
        }
    }
}

/// The tables of every area, in the order in which they build on each other.
#[must_use]
pub fn migrations() -> Vec<Migration> {
    [access::MIGRATIONS, registry::MIGRATIONS, duty::MIGRATIONS, supply::MIGRATIONS].concat()
}

impl House {
    /// Opens an installation, making it when it does not exist, and brings its tables up to date.
    ///
    /// # Errors
    /// A folder that cannot be made, a database that does not answer or is newer than the program.
    pub async fn open(
        args: &HouseArgs,
        clock: Arc<dyn Clock>,
        durability: Durability,
    ) -> Result<Self, HouseError> {
        make_folder(&args.data)?;
        let url = args
            .database
            .clone()
            .unwrap_or_else(|| format!("sqlite:{}", args.data.join("lamplight.db").display()));
        let subscriptions = crate::work::subscriptions();
        let options = Options { durability, subscriptions, ..Options::default() };
        let db = Db::open_with(&url, clock, options).await?;
        db.migrate(&migrations()).await?;
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).map_err(HouseError::Randomness)?;
        Ok(Self {
            works: Works {
                db,
                lake: Lake::in_folder(&args.data.join("lake"))?,
                rules: Arc::new(AreaRules::bundled(&args.zone)?),
                random: Arc::new(Randomness::from_seed(seed)),
            },
            actor: Actor::program("command"),
            data: args.data.clone(),
        })
    }

    /// The organisation that a command works for: the one named, else the topmost.
    ///
    /// # Errors
    /// [`HouseError::NoOrganisation`].
    pub async fn org(&self, args: &HouseArgs) -> Result<Id, HouseError> {
        let mut tx = self.works.db.read().await?;
        let found = match &args.org {
            Some(code) => organisation_by_code(&mut tx, code).await?,
            None => root_organisation(&mut tx).await?,
        };
        let named = args.org.clone().unwrap_or_default();
        found.map(|org| org.id).ok_or(HouseError::NoOrganisation(named))
    }
}

fn make_folder(path: &Path) -> Result<(), HouseError> {
    std::fs::create_dir_all(path)
        .map_err(|error| HouseError::Folder { path: path.to_owned(), error })
}
