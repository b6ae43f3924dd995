//! The configuration of channels: a TOML file with the addresses and passwords of servers.

use std::path::{Path, PathBuf};

use kernel::{Fault, FaultKind};
use serde::Deserialize;

/// Which servers carry notices.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChannelsConfig {
    /// The SMS centre.
    pub sms: Option<SmsConfig>,
    /// The mail server.
    pub email: Option<EmailConfig>,
    /// Customers' own systems.
    pub webhook: Option<WebhookConfig>,
}

/// An SMS centre that speaks SMPP 3.4.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmsConfig {
    /// Host and port.
    pub address: String,
    /// Who we are to it.
    pub system_id: String,
    /// At most eight characters, as the protocol has it.
    pub password: String,
    /// The number or name that messages come from, such as 95598.
    pub source: String,
    /// Messages that may wait for an answer at a time.
    #[serde(default = "window")]
    pub window: usize,
    /// Seconds after which an answer is no longer expected.
    #[serde(default = "timeout_s")]
    pub timeout_s: u64,
}

/// A mail server that takes mail for others.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmailConfig {
    /// Its host.
    pub server: String,
    /// Its port.
    pub port: u16,
    /// The sender of all mail, such as `供电局 <notice@example.cn>`.
    pub from: String,
    /// Who we are to it; none: it takes mail from our address without.
    pub user: Option<String>,
    /// With the user.
    pub password: Option<String>,
    /// Whether the connection is encrypted (STARTTLS). Needs a build with the feature `tls`.
    #[serde(default)]
    pub starttls: bool,
    /// Seconds after which an answer is no longer expected.
    #[serde(default = "timeout_s")]
    pub timeout_s: u64,
}

/// Signed requests to customers' own systems.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebhookConfig {
    /// The secret that requests are signed with, at least 32 characters.
    pub secret: String,
    /// Hosts, each with its port where it is not the usual one, that requests may go to: an address
    /// that a customer writes must not reach into our own network.
    pub hosts: Vec<String>,
    /// Requests that may wait for an answer at a time.
    #[serde(default = "window")]
    pub window: usize,
    /// Seconds after which an answer is no longer expected.
    #[serde(default = "timeout_s")]
    pub timeout_s: u64,
}

// Passwords do not appear in logs.
macro_rules! secretive {
    ($($name:ident { $shown:ident })*) => {$(
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($name)).field(stringify!($shown), &self.$shown)
                    .finish_non_exhaustive()
            }
        }
    )*};
}

secretive! {
    SmsConfig { address }
    EmailConfig { server }
    WebhookConfig { hosts }
}

const fn window() -> usize {
    16
}

const fn timeout_s() -> u64 {
    20
}

/// A configuration of channels that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ChannelError {
    /// The file.
    #[error("{path}: {message}")]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        message: String,
    },
    /// A value.
    #[error("channel {channel}: {reason}")]
    Value {
        /// Of which channel.
        channel: &'static str,
        /// What is wrong and what to do.
        reason: String,
    },
}

impl Fault for ChannelError {
    fn kind(&self) -> FaultKind {
        FaultKind::Invalid
    }

    fn code(&self) -> &'static str {
        match self {
            Self::File { .. } => "channels.file",
            Self::Value { .. } => "channels.value",
        }
    }
}

impl ChannelsConfig {
    /// Reads a file.
    ///
    /// # Errors
    /// [`ChannelError::File`].
    pub fn read(path: &Path) -> Result<Self, ChannelError> {
        let wrong = |message: String| ChannelError::File { path: path.to_owned(), message };
        let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
        // The words of the reader show lines of the file, and with them passwords.
        toml::from_str(&text).map_err(|error: toml::de::Error| wrong(error.message().to_owned()))
    }
}

pub(super) fn wrong(channel: &'static str, reason: impl Into<String>) -> ChannelError {
    ChannelError::Value { channel, reason: reason.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_not_shown_and_unknown_fields_are_refused() {
        let text = "[sms]\naddress = \"a:2775\"\nsystem_id = \"x\"\npassword = \"geheim\"\nsource = \"95598\"";
        let config: ChannelsConfig = toml::from_str(text).unwrap();
        assert!(!format!("{config:?}").contains("geheim"));
        assert!(toml::from_str::<ChannelsConfig>(&format!("{text}\npasword = \"y\"")).is_err());
    }
}
