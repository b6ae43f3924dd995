//! Senders: how notices leave the house. Each carries the messages of one channel of
//! [`duty::notices`] to a server and its reports back. Sockets are opened here and nowhere below:
//! an area knows the trait, not the protocol. What is sent to whom, when and how often is decided in
//! `duty`; nothing here decides it.

mod config;
mod email;
mod sms;
mod webhook;

use std::sync::Arc;

use duty::{
    Works,
    notices::{PortalBox, Sender},
};

pub use config::{ChannelError, ChannelsConfig, EmailConfig, SmsConfig, WebhookConfig};
pub use email::EmailSender;
pub use sms::SmsSender;
pub use webhook::WebhookSender;

/// The senders of an installation: the portal always, the others as configured. A channel without
/// a sender keeps its messages until it has one.
///
/// # Errors
/// [`ChannelError`] for a configuration that cannot be used; no server is asked yet.
pub fn senders(
    works: &Works,
    config: ChannelsConfig,
) -> Result<Vec<Arc<dyn Sender>>, ChannelError> {
    let mut all: Vec<Arc<dyn Sender>> = vec![Arc::new(PortalBox)];
    if let Some(sms) = config.sms {
        all.push(Arc::new(SmsSender::new(works, sms)?));
    }
    if let Some(email) = config.email {
        all.push(Arc::new(EmailSender::new(&email)?));
    }
    if let Some(webhook) = config.webhook {
        all.push(Arc::new(WebhookSender::new(works, webhook)?));
    }
    Ok(all)
}
