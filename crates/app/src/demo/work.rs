//! Work that is under way in the demo bureau on the day after its year: meters to be exchanged next
//! quarter, a fault, an error somebody logged, a handheld, a bulletin. Through the same deeds as
//! people's, once.

use access::Ctx;
use jiff::ToSpan;
use kernel::{Date, Id};
use supply::{
    Works,
    alerts::{self, NewError},
    bulletins::{self, BulletinKind, NewBulletin},
    field,
    orders::{self, NewFault, RotationPlan},
};

use super::load::DemoError;

/// Begins the work, unless it was begun before.
pub(super) async fn begin(
    works: &Works,
    ctx: &Ctx<'_>,
    org: Id,
    today: Date,
    points: &[Id],
) -> Result<(), DemoError> {
    let mut tx = works.db.begin().await?;
    if !field::devices(&mut tx, org, Id::from_i64(i64::MAX), 1).await?.is_empty() {
        return Ok(());
    }
    field::register(ctx, &mut tx, org, ("抄表机 01", "演示抄表员")).await?;
    let rules = &works.rules.metering;
    let plan = RotationPlan {
        from: today.first_of_month(),
        to: today.first_of_month().saturating_add(4.months()),
        model: String::new(),
        crew: "计量一班".into(),
    };
    orders::plan_rotation(ctx, &mut tx, org, &plan).await?;
    if let [faulty, misread, ..] = points {
        let fault = NewFault {
            usage_point: *faulty,
            code: "display".into(),
            note: "客户来电：电表不显示".into(),
        };
        orders::open_fault(ctx, &mut tx, org, &fault, (today, &rules.fault)).await?;
        let error = NewError {
            id: tx.next_id(),
            code: "no_access".into(),
            usage_point: *misread,
            note: "大门上锁，未能进入".into(),
        };
        alerts::log_error(ctx, &mut tx, org, &error, &rules.alert).await?;
    }
    let ahead = rules.bulletin.reading_day_notice_days.days();
    let bulletin = NewBulletin {
        kind: BulletinKind::ReadingDay(1),
        transformer_area: None,
        title: ("抄表例日调整".into(), "Another reading day".into()),
        body: (
            "自生效之日起，电能表统一于每月1日零点抄表，电费按自然月结算。".into(),
            "From then on meters are read at midnight of the 1st, and bills follow the calendar month."
                .into(),
        ),
        effective_on: today.saturating_add(ahead).saturating_add(5.days()),
    };
    bulletins::publish(ctx, &mut tx, org, &bulletin, (today, &rules.bulletin)).await?;
    tx.commit().await?;
    Ok(())
}
