//! What every page of the portal begins with: whose account it is, what it is supplied with, and
//! the days and bills behind it. A customer reaches nothing but their own account: the account
//! comes from their session, never from the address.

use std::sync::Arc;

use access::Right;
use jiff::ToSpan as _;
use kernel::{Date, DatePeriod, Id};
use lake::tables::{ReadingRow, StateRow};
use registry::{UsagePoint, premises};
use store::Tx;
use supply::{
    billing::{self, BillRow},
    readings, settlement,
    tariffs::{TariffBook, load_book},
};

use crate::http::{Failure, Visit, Web};

/// How many bills are looked at: thirteen months of several usage points.
const BILLS_MAX: i64 = 400;

/// The signed-in customer's account.
pub(super) struct Own {
    /// The organisation that serves it.
    pub org: Id,
    /// The account.
    pub account: Id,
    /// What it is supplied with.
    pub points: Vec<UsagePoint>,
    /// The last settled day; none before the first settlement.
    pub last: Option<Date>,
}

/// The settled days of one usage point.
pub(super) struct PointDays {
    /// Where.
    pub point: UsagePoint,
    /// The days in order.
    pub days: Vec<(Date, StateRow)>,
    /// What was delivered for them, by moment.
    pub readings: Vec<ReadingRow>,
}

impl Own {
    /// The account of the visitor.
    pub(super) async fn open(visit: &Visit, tx: &mut Tx) -> Result<Self, Failure> {
        let actor = visit.actor();
        let account = actor.account().ok_or_else(Failure::denied)?;
        let org = actor.org();
        visit.ctx().require_own(Right::BillRead, org, account)?;
        let mut points = premises::usage_points_of_account(tx, account).await?;
        points.retain(|point| point.org == org);
        let last = settlement::last_settled(tx, org).await?.map(|row| row.day);
        Ok(Self { org, account, points, last })
    }

    /// The issued bills, newest first.
    pub(super) async fn bills(&self, tx: &mut Tx) -> Result<Vec<BillRow>, Failure> {
        let end = Date::constant(9999, 1, 1);
        let mut bills =
            billing::bills_of_account(tx, self.org, self.account, end, BILLS_MAX).await?;
        bills.retain(|bill| bill.state == "issued");
        Ok(bills)
    }

    /// One issued bill of this account. Any other is not found, so that nobody learns what exists.
    pub(super) async fn bill(&self, tx: &mut Tx, id: &str) -> Result<BillRow, Failure> {
        let id = id.parse().map_err(|_| Failure::not_found())?;
        billing::bill_by_id(tx, self.org, id)
            .await?
            .filter(|bill| bill.account == self.account)
            .filter(|bill| matches!(bill.state.as_str(), "issued" | "replaced"))
            .ok_or_else(Failure::not_found)
    }

    /// The published tariffs.
    pub(super) async fn book(&self, tx: &mut Tx) -> Result<Arc<TariffBook>, Failure> {
        Ok(load_book(tx, self.org).await?)
    }

    /// The settled days and readings of one usage point on days `[from, to)`.
    pub(super) async fn days_of(
        &self,
        web: &Web,
        point: &UsagePoint,
        (from, to): (Date, Date),
    ) -> Result<PointDays, Failure> {
        let (days, readings) = if DatePeriod::new(from, to).is_ok() && from < to {
            readings::history(&web.works, self.org, point.id, (from, to)).await?
        } else {
            (Vec::new(), Vec::new())
        };
        // The days of who was supplied here before are nobody else's business.
        let mut days = days;
        days.retain(|(_, row)| row.account == self.account.get());
        let first = days.first().map(|(day, _)| *day);
        let readings = match first.and_then(|day| web.zone.day(day).ok()) {
            Some(day) => readings.into_iter().filter(|row| row.at >= day.from().micros()).collect(),
            None => Vec::new(),
        };
        Ok(PointDays { point: point.clone(), days, readings })
    }

    /// As [`Own::days_of`], of every usage point.
    pub(super) async fn days(
        &self,
        web: &Web,
        period: (Date, Date),
    ) -> Result<Vec<PointDays>, Failure> {
        let mut all = Vec::with_capacity(self.points.len());
        for point in &self.points {
            all.push(self.days_of(web, point, period).await?);
        }
        Ok(all)
    }

    /// The days `[from, to)` that end with the last settled one; empty before the first.
    pub(super) fn latest(&self, days: i32) -> (Date, Date) {
        let Some(last) = self.last else {
            return (Date::constant(2000, 1, 1), Date::constant(2000, 1, 1));
        };
        let from = last.checked_sub((days - 1).days()).unwrap_or(last);
        (from, next(last))
    }
}

/// The day after; the last day there is stays.
pub(super) fn next(day: Date) -> Date {
    day.tomorrow().unwrap_or(day)
}
