//! Which handheld a token is that of.

use store::Tx;

use super::{
    FieldError,
    rules::token_hash,
    store::{DeviceRow, device_by_token},
};

/// The handheld of a token, with the organisation it belongs to.
///
/// # Errors
/// [`FieldError::UnknownDevice`] for an unknown or revoked one.
pub async fn recognise(tx: &mut Tx, token: &str) -> Result<DeviceRow, FieldError> {
    device_by_token(tx, &token_hash(token)).await?.ok_or(FieldError::UnknownDevice)
}
