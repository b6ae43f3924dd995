//! Editing: a person's decision stands beside the original; nothing is overwritten.

use kernel::{Fault, FaultKind, Id, Instant};
use serde::{Deserialize, Serialize};

use crate::reading::{Mark, Method, Validity};

/// Why an edit is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// No reason was given.
    #[error("write down why the value is changed: the reason is shown on the bill's evidence")]
    NoReason,
    /// There is nothing to confirm.
    #[error("there is no value to confirm: enter one, or let it be estimated")]
    NothingToConfirm,
    /// There is nothing to take back.
    #[error("the value is as it was delivered: there is no edit to take back")]
    NothingToRevert,
}

impl Fault for EditError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::NoReason => FaultKind::Invalid,
            Self::NothingToConfirm | Self::NothingToRevert => FaultKind::Conflict,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NoReason => "metering.edit_without_reason",
            Self::NothingToConfirm => "metering.nothing_to_confirm",
            Self::NothingToRevert => "metering.nothing_to_revert",
        }
    }
}

/// One decision about a value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edit {
    /// The value that was decided.
    pub value: Option<i64>,
    /// Its mark.
    pub mark: Mark,
    /// Who decided.
    pub by: Id,
    /// When.
    pub at: Instant,
    /// Why, in the person's words.
    pub reason: String,
}

/// A value with everything that was decided about it, the original first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EditedValue {
    original: Option<i64>,
    original_mark: Mark,
    edits: Vec<Edit>,
}

impl EditedValue {
    /// A value as it was delivered.
    #[must_use]
    pub const fn delivered(original: Option<i64>, mark: Mark) -> Self {
        Self { original, original_mark: mark, edits: Vec::new() }
    }

    /// What was delivered, and its mark: never changes.
    #[must_use]
    pub const fn original(&self) -> (Option<i64>, Mark) {
        (self.original, self.original_mark)
    }

    /// What counts now.
    #[must_use]
    pub fn current(&self) -> (Option<i64>, Mark) {
        self.edits.last().map_or((self.original, self.original_mark), |e| (e.value, e.mark))
    }

    /// All decisions in order.
    #[must_use]
    pub fn edits(&self) -> &[Edit] {
        &self.edits
    }

    /// Sets another value.
    ///
    /// # Errors
    /// [`EditError::NoReason`].
    pub fn set(&mut self, value: i64, by: Id, at: Instant, reason: &str) -> Result<(), EditError> {
        let mark = Mark { validity: Validity::Edited, method: Method::Manual };
        self.decide(Some(value), mark, by, at, reason)
    }

    /// Confirms the present value although a check failed.
    ///
    /// # Errors
    /// [`EditError::NoReason`], [`EditError::NothingToConfirm`].
    pub fn confirm(&mut self, by: Id, at: Instant, reason: &str) -> Result<(), EditError> {
        let (value, mark) = self.current();
        let value = value.ok_or(EditError::NothingToConfirm)?;
        let mark = Mark { validity: Validity::Confirmed, method: mark.method };
        self.decide(Some(value), mark, by, at, reason)
    }

    /// Goes back to what was delivered.
    ///
    /// # Errors
    /// [`EditError::NoReason`], [`EditError::NothingToRevert`].
    pub fn revert(&mut self, by: Id, at: Instant, reason: &str) -> Result<(), EditError> {
        if self.current() == self.original() {
            return Err(EditError::NothingToRevert);
        }
        self.decide(self.original, self.original_mark, by, at, reason)
    }

    fn decide(
        &mut self,
        value: Option<i64>,
        mark: Mark,
        by: Id,
        at: Instant,
        reason: &str,
    ) -> Result<(), EditError> {
        let reason = reason.trim();
        if reason.is_empty() {
            return Err(EditError::NoReason);
        }
        self.edits.push(Edit { value, mark, by, at, reason: reason.to_owned() });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_original_is_kept_whatever_is_decided() {
        let (clerk, at) = (Id::from_i64(7), Instant::from_micros(1));
        let mut value = EditedValue::delivered(Some(99_999), Mark::RAW);
        assert_eq!(value.set(15_000, clerk, at, "  "), Err(EditError::NoReason));
        value.set(15_000, clerk, at, "召测 150.00").unwrap();
        assert_eq!(value.current().0, Some(15_000));
        assert_eq!(value.current().1.iec_quality(), "3.7.0");
        value.confirm(clerk, at, "photo").unwrap();
        value.revert(clerk, at, "the photo shows another meter").unwrap();
        assert_eq!(value.current(), value.original());
        assert_eq!(value.edits().len(), 3);
        assert_eq!(value.revert(clerk, at, "again"), Err(EditError::NothingToRevert));
    }

    #[test]
    fn nothing_cannot_be_confirmed() {
        let mut gap = EditedValue::delivered(None, Mark::MISSING);
        let error = gap.confirm(Id::from_i64(7), Instant::from_micros(1), "seen");
        assert_eq!(error, Err(EditError::NothingToConfirm));
    }
}
