//! A change of account (过户, 销户) as a whole: the agreement ends, the successor's begins, days that
//! were settled for the account before are settled again, and bills that reach over the change
//! and are not issued are taken back, to be made anew.

use std::collections::BTreeMap;

use access::Actor;
use kernel::{Date, Id};
use registry::premises::{account_by_id, pass_usage_point};

use super::{
    AgreementError, BasicCharge, NewAgreement, agreement_by_id, change, end, store::AgreementRow,
};
use crate::{
    Works,
    billing::withdraw_unissued,
    settlement::{rewrite_terms, settle_again},
    tariffs::load_book,
};

/// Who takes a usage point over, and from when.
#[derive(Debug, Clone, Copy)]
pub struct HandOver<'a> {
    /// The agreement that ends, in the version that was looked at.
    pub agreement: (Id, i64),
    /// The account that takes over; nobody when the supply just ends.
    pub to: Option<Id>,
    /// The first day of the new account, or the first without supply.
    pub on: Date,
    /// In words, kept with the agreement.
    pub reason: &'a str,
}

/// Gives a usage point over to another account, or ends its supply, on a day up to today.
///
/// # Errors
/// [`AgreementError::NotYet`], [`AgreementError::NoAccount`], as [`change`] and [`end`], and what
/// stops the settlement: the change itself counts then, and the settlement is made up for by
/// asking again for the days.
pub async fn hand_over(
    works: &Works,
    actor: &Actor,
    org: Id,
    asked: HandOver<'_>,
) -> Result<(), AgreementError> {
    let ctx = works.ctx(actor, "hand over");
    let mut tx = works.db.begin().await?;
    if asked.on > works.rules.zone.date_of(tx.now()) {
        return Err(AgreementError::NotYet(asked.on));
    }
    let (id, _) = asked.agreement;
    let old = agreement_by_id(&mut tx, org, id).await?.ok_or(AgreementError::NotFound)?;
    match asked.to {
        Some(account) => {
            let open = account_by_id(&mut tx, org, account).await?;
            open.filter(|account| account.closed_on.is_none() && account.id != old.account)
                .ok_or(AgreementError::NoAccount)?;
            let new = successor(&old, account, asked.on);
            change(&ctx, &mut tx, org, asked.agreement, &new, asked.reason).await?;
            pass_usage_point(&mut tx, org, old.usage_point, account).await?;
        }
        None => end(&ctx, &mut tx, org, asked.agreement, asked.on, asked.reason).await?,
    }
    let whose = (org, old.usage_point);
    withdraw_unissued(&ctx, &mut tx, whose, asked.on).await.map_err(Box::new)?;
    let book = load_book(&mut tx, org).await?;
    let again = rewrite_terms(&mut tx, &works.lake, whose, asked.on, &book).await;
    let again = again.map_err(Box::new)?;
    tx.commit().await?;
    if again {
        // What follows from the change is the program's work, whoever asked for it.
        let program = Actor::program("hand over");
        let touched = BTreeMap::from([(old.usage_point.get(), asked.on)]);
        settle_again(works, &program, org, "decision", touched).await.map_err(Box::new)?;
    }
    Ok(())
}

/// What is supplied stays; what was granted to the household before does not pass on.
fn successor(old: &AgreementRow, account: Id, on: Date) -> NewAgreement {
    NewAgreement {
        account,
        usage_point: old.usage_point,
        tariff_code: old.tariff_code.clone(),
        valid_from: on,
        capacity: kernel::Demand::from_ukva(old.capacity_ukva),
        contract_demand: kernel::Power::from_ukw(old.contract_demand_ukw),
        basic_charge: BasicCharge::from_word(&old.basic_charge).unwrap_or(BasicCharge::None),
        family_of_five: false,
        low_income: false,
    }
}
