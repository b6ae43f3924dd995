//! The database handle: opening either engine, transactions, ids. No statement of any area.

use std::{
    path::PathBuf,
    str::FromStr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use kernel::{Clock, Id, IdGenerator, Instant};
use sqlx::{
    ConnectOptions, Connection, PgPool, SqlitePool,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use tokio::sync::Notify;

use crate::{Migration, StoreError, Tx, migrate, node};

/// How long a writer waits for its turn before it is told that the database is busy.
pub(crate) const WRITER_WAIT: Duration = Duration::from_secs(60);

/// The largest amount, in either direction, that a column which is ever summed may hold: 2^52.
/// A sum of fewer than 2 048 such amounts always fits 63 bits; SQLite would turn a larger sum
/// into a float without a word, so areas keep each stored amount below this bound with a `CHECK`
/// and sums of many rows in `i128` or by month.
pub const AMOUNT_MAX: i64 = 1 << 52;

/// What a committed transaction survives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Durability {
    /// A killed process and a power cut: SQLite syncs its log at every commit.
    #[default]
    PowerCut,
    /// A killed process only, for tests and generated demo data: no sync at commit.
    ProcessKill,
}

/// A job to enqueue whenever a fact of this kind is emitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subscription {
    /// The kind of fact, for example `supply.bill_issued`.
    pub fact: &'static str,
    /// The job, for example `duty.notify_bill`.
    pub job: &'static str,
}

/// How a database is opened; [`Options::default`] is right for production.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Which jobs follow which facts.
    pub subscriptions: Vec<Subscription>,
    /// What a commit survives (SQLite; PostgreSQL has its own configuration).
    pub durability: Durability,
    /// The seed of the retry jitter.
    pub seed: u64,
    /// Connections for reading on SQLite, all connections on PostgreSQL; 0 means 8.
    pub max_connections: u32,
}

/// Which engine a database runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// Embedded, one file, one writer.
    Sqlite,
    /// A server, many writers.
    Postgres,
}

/// An open database. Cloning it is cheap and shares the connections.
#[derive(Clone)]
pub struct Db {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) pools: Pools,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) options: Options,
    /// Woken when a committed transaction enqueued a job.
    pub(crate) wake: Notify,
    node: u16,
    /// Tells this process's leases from those of every other.
    pub(crate) lessee: String,
    ids: Mutex<IdGenerator>,
}

pub(crate) enum Pools {
    Sqlite { writer: SqlitePool, readers: SqlitePool, path: PathBuf },
    Postgres(PgPool),
}

impl std::fmt::Debug for Db {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Db")
            .field("engine", &self.engine())
            .field("node", &self.inner.node)
            .finish_non_exhaustive()
    }
}

impl Db {
    /// Opens `sqlite:FILE` (made when it does not exist) or `postgres://…`, brings the platform's
    /// own tables up to date, and leases a node number for ids.
    ///
    /// # Errors
    /// An address of no known form, a database that does not answer, tables newer than this
    /// program.
    pub async fn open(url: &str, clock: Arc<dyn Clock>) -> Result<Self, StoreError> {
        Self::open_with(url, clock, Options::default()).await
    }

    /// As [`Db::open`], with options.
    ///
    /// # Errors
    /// As [`Db::open`].
    pub async fn open_with(
        url: &str,
        clock: Arc<dyn Clock>,
        options: Options,
    ) -> Result<Self, StoreError> {
        let pools = Pools::open(url, &options).await?;
        migrate::apply(&pools, clock.as_ref(), crate::MIGRATIONS).await?;
        let lessee = node::lessee(clock.as_ref());
        let number = node::lease(&pools, clock.as_ref(), &lessee).await?;
        let ids = IdGenerator::new(number)
            .ok_or_else(|| StoreError::Limit(format!("node number {number} is too large")))?;
        let inner = Inner {
            pools,
            clock,
            options,
            wake: Notify::new(),
            node: number,
            lessee,
            ids: Mutex::new(ids),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Which engine this is.
    #[must_use]
    pub fn engine(&self) -> Engine {
        self.inner.pools.engine()
    }

    /// The clock that was passed in.
    #[must_use]
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.inner.clock
    }

    /// The present instant.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.inner.clock.now()
    }

    /// A new id.
    #[must_use]
    pub fn next_id(&self) -> Id {
        let mut ids = self.inner.ids.lock().unwrap_or_else(PoisonError::into_inner);
        ids.next(self.inner.clock.now())
    }

    /// Starts a transaction that writes. On SQLite there is one at a time and others wait their
    /// turn (up to a minute, then [`StoreError::Busy`]); on PostgreSQL they run side by side, read
    /// what is committed at each statement, and take [`Tx::lock`] where two must not interleave.
    /// Dropped without a commit, it leaves nothing behind.
    ///
    /// # Errors
    /// [`StoreError::Busy`], [`StoreError::Unreachable`].
    pub async fn begin(&self) -> Result<Tx, StoreError> {
        Tx::write(self).await
    }

    /// Starts a transaction that only reads, from one snapshot. It waits for no writer.
    ///
    /// # Errors
    /// [`StoreError::Busy`], [`StoreError::Unreachable`].
    pub async fn read(&self) -> Result<Tx, StoreError> {
        Tx::read(self).await
    }

    /// Applies the migrations that this database does not have yet, in the order given, all or
    /// none. Safe to call from many processes at once.
    ///
    /// # Errors
    /// [`StoreError::Migration`] when an applied one was changed since or the program is older
    /// than the database, and whatever a statement of them runs into.
    pub async fn migrate(&self, migrations: &[Migration]) -> Result<usize, StoreError> {
        migrate::apply(&self.inner.pools, self.inner.clock.as_ref(), migrations).await
    }

    /// Keeps this process's node number for another day. The worker calls it.
    ///
    /// # Errors
    /// A database that does not answer; [`StoreError::Conflict`] when the number was given away,
    /// after which this process must be restarted.
    pub async fn renew_node(&self) -> Result<(), StoreError> {
        node::renew(self, self.inner.node, &self.inner.lessee).await
    }

    /// Gives the node number back and closes all connections, after the work in progress.
    pub async fn close(&self) {
        // A number that is not given back runs out by itself.
        let _ = node::release(self, self.inner.node, &self.inner.lessee).await;
        match &self.inner.pools {
            Pools::Sqlite { writer, readers, .. } => {
                readers.close().await;
                writer.close().await;
            }
            Pools::Postgres(pool) => pool.close().await,
        }
    }
}

impl Pools {
    pub(crate) const fn engine(&self) -> Engine {
        match self {
            Self::Sqlite { .. } => Engine::Sqlite,
            Self::Postgres(_) => Engine::Postgres,
        }
    }

    async fn open(url: &str, options: &Options) -> Result<Self, StoreError> {
        let connections = if options.max_connections == 0 { 8 } else { options.max_connections };
        if let Some(path) = url.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            if path.is_empty() {
                return Err(StoreError::Address(url.to_owned()));
            }
            Self::open_sqlite(PathBuf::from(path), connections, options.durability).await
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            let connect = PgConnectOptions::from_str(url)
                .map_err(|_| StoreError::Address(without_password(url)))?
                .application_name("lamplight");
            let fail = |e| StoreError::from_sqlx("open", e);
            // The pool would try a server that is not there for a minute; say so at once.
            connect.connect().await.map_err(fail)?.close().await.map_err(fail)?;
            let pool = PgPoolOptions::new()
                .max_connections(connections)
                .acquire_timeout(WRITER_WAIT)
                .connect_with(connect)
                .await
                .map_err(fail)?;
            Ok(Self::Postgres(pool))
        } else {
            Err(StoreError::Address(without_password(url)))
        }
    }

    async fn open_sqlite(
        path: PathBuf,
        readers: u32,
        durability: Durability,
    ) -> Result<Self, StoreError> {
        // A commit in the write-ahead log survives a killed process either way, since the
        // operating system holds the written pages. FULL also syncs the log at each commit, so
        // that money acknowledged to a customer survives a power cut; NORMAL would not.
        let synchronous = match durability {
            Durability::PowerCut => SqliteSynchronous::Full,
            Durability::ProcessKill => SqliteSynchronous::Normal,
        };
        let connect = SqliteConnectOptions::new()
            .filename(&path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(synchronous)
            .foreign_keys(true)
            .busy_timeout(WRITER_WAIT)
            .pragma("cache_size", "-32768")
            .pragma("temp_store", "MEMORY");
        let open = |max: u32, connect: SqliteConnectOptions| {
            SqlitePoolOptions::new()
                .max_connections(max)
                .min_connections(1)
                .idle_timeout(None)
                .max_lifetime(None)
                // An embedded connection cannot go away between two uses.
                .test_before_acquire(false)
                .acquire_timeout(WRITER_WAIT)
                .connect_with(connect)
        };
        let fail = |e| StoreError::from_sqlx("open", e);
        let writer = open(1, connect.clone()).await.map_err(fail)?;
        let readers = open(readers, connect.pragma("query_only", "ON")).await.map_err(fail)?;
        Ok(Self::Sqlite { writer, readers, path })
    }
}

/// The address without what must not reach a log.
fn without_password(url: &str) -> String {
    match (url.find("://"), url.rfind('@')) {
        (Some(scheme), Some(at)) if at > scheme => {
            format!("{}://…{}", &url[..scheme], &url[at..])
        }
        _ => url.to_owned(),
    }
}
