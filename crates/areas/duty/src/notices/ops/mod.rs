//! What people and jobs do with notices.

mod announce;
mod answer;
mod calls;
mod claim;
mod correct;
mod hand;
mod report;
mod told;

pub use announce::announce;
pub(super) use answer::{give_up_on, record};
pub use calls::{CallProof, complete_call, miss_call};
pub(super) use claim::{claim, write_again};
pub use correct::everybody_told;
pub(super) use correct::{correct, record_now};
pub use hand::{reroute, resolve, set_preference};
pub use report::{acknowledge, take_reply, take_report};
pub use told::{Changed, Told, note_told, record_changed};

use access::Ctx;
use kernel::Id;
use store::{Fact, Tx};

use super::NoticeError;

async fn emit(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    (org, subject): (Id, Id),
    kind: &'static str,
    payload: serde_json::Value,
) -> Result<(), NoticeError> {
    let (actor, request) = (ctx.actor_name(), ctx.request);
    tx.emit(Fact { org, kind, subject, payload, actor, request }).await?;
    Ok(())
}
