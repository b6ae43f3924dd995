//! Brings a file of customers in. It runs its own transactions, one per chunk, so that a file of a
//! million lines neither holds the database nor is lost when the process ends: what was committed
//! is found again by the next run.

use std::io::Read;

use access::{Ctx, Right};
use kernel::{Fault, FaultKind, Id};
use serde_json::json;
use store::{Db, Fact, Tx};

use super::rules::{CustomerFile, FileError, LineFault};
use crate::{
    Customer, RegistryError,
    premises::{LoadOutcome, load_customers},
};

/// Lines brought in by one transaction.
const CHUNK: usize = 10_000;
/// How many wrong lines a report names; the others are only counted.
const NAMED: usize = 1_000;

/// What to do about wrong lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnFault {
    /// Bring in the good lines and name the others.
    KeepGood,
    /// Bring in nothing unless every line is good.
    RefuseWhole,
    /// Bring in nothing at all: only say what would come of it.
    OnlyCheck,
}

/// What an import did so far, or in the end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportReport {
    /// Lines read, without heading and empty ones.
    pub lines: u64,
    /// Usage points added.
    pub added: u64,
    /// Lines that were there already.
    pub present: u64,
    /// Wrong lines.
    pub refused: u64,
    /// The first thousand of them.
    pub faults: Vec<LineFault>,
}

/// An import stopped.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file.
    #[error(transparent)]
    File(#[from] FileError),
    /// The right or the database.
    #[error(transparent)]
    Registry(#[from] RegistryError),
}

impl Fault for ImportError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::File(inner) => inner.kind(),
            Self::Registry(inner) => inner.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::File(inner) => inner.code(),
            Self::Registry(inner) => inner.code(),
        }
    }
}

impl ImportReport {
    fn refuse(&mut self, fault: LineFault) {
        self.refused += 1;
        if self.faults.len() < NAMED {
            self.faults.push(fault);
        }
    }
}

/// Brings a file in and calls `progress` after every chunk. With [`OnFault::RefuseWhole`] there is
/// one transaction; if any line is wrong it is given up, and the report says so with `added` 0.
/// With [`OnFault::OnlyCheck`] it is always given up.
///
/// # Errors
/// Denied; the file cannot be read; the database.
pub async fn import_customers<R: Read>(
    ctx: &Ctx<'_>,
    db: &Db,
    org: Id,
    mut file: CustomerFile<R>,
    on_fault: OnFault,
    mut progress: impl FnMut(&ImportReport),
) -> Result<ImportReport, ImportError> {
    ctx.require(Right::CustomerWrite, org).map_err(RegistryError::from)?;
    let mut report = ImportReport::default();
    let mut open: Option<Tx> = None;
    loop {
        let chunk = next_chunk(&mut file, &mut report)?;
        if chunk.is_empty() {
            break;
        }
        let mut tx = match open.take() {
            Some(tx) => tx,
            None => db.begin().await.map_err(RegistryError::from)?,
        };
        // After a wrong line the rest is still tried, so that one answer names all of them.
        load(ctx, &mut tx, org, chunk, &mut report).await?;
        match on_fault {
            OnFault::KeepGood => tx.commit().await.map_err(RegistryError::from)?,
            OnFault::RefuseWhole | OnFault::OnlyCheck => open = Some(tx),
        }
        progress(&report);
    }
    if let Some(tx) = open.filter(|_| on_fault == OnFault::RefuseWhole) {
        if report.refused == 0 {
            tx.commit().await.map_err(RegistryError::from)?;
        } else {
            (report.added, report.present) = (0, 0);
        }
    }
    Ok(report)
}

/// The next good lines; wrong ones go into the report. Empty only at the end of the file.
fn next_chunk<R: Read>(
    file: &mut CustomerFile<R>,
    report: &mut ImportReport,
) -> Result<Vec<(u64, Customer)>, FileError> {
    let mut chunk = Vec::new();
    while chunk.len() < CHUNK {
        let Some((line, row)) = file.next_row()? else { break };
        report.lines += 1;
        match row {
            Ok(customer) => chunk.push((line, customer)),
            Err(faults) => report.refuse(LineFault { line, faults }),
        }
    }
    Ok(chunk)
}

async fn load(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    org: Id,
    chunk: Vec<(u64, Customer)>,
    report: &mut ImportReport,
) -> Result<(), RegistryError> {
    tx.lock("registry.register", org).await?;
    let (lines, customers): (Vec<u64>, Vec<Customer>) = chunk.into_iter().unzip();
    let before = report.added;
    for (line, outcome) in lines.into_iter().zip(load_customers(tx, org, &customers).await?) {
        match outcome {
            LoadOutcome::Added(_) => report.added += 1,
            LoadOutcome::Present(_) => report.present += 1,
            LoadOutcome::Refused(faults) => report.refuse(LineFault { line, faults }),
        }
    }
    let added = report.added - before;
    if added > 0 {
        tx.emit(Fact {
            org,
            kind: "registry.customers_loaded",
            subject: org,
            payload: json!({ "added": added }),
            actor: ctx.actor_name(),
            request: ctx.request,
        })
        .await?;
    }
    Ok(())
}
