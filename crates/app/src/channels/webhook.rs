//! Signed requests to customers' own systems. The body is signed with a secret that both know
//! (HMAC-SHA256 over time and body), and carries our id as its idempotency key: repeated, it is the
//! same message.

use std::{sync::Arc, time::Duration};

use duty::{
    Works,
    notices::{Accepted, Answers, Channel, Outgoing, Refusal, Sender},
};
use futures_util::{StreamExt, stream};
use hmac::{Hmac, KeyInit, Mac};
use kernel::Clock;
use serde_json::json;
use sha2::Sha256;
use ureq::Agent;
use url::Url;

use super::config::{ChannelError, WebhookConfig, wrong};

const SECRET_MIN: usize = 32;

/// Sends signed requests.
pub struct WebhookSender {
    inner: Arc<Inner>,
    window: usize,
}

struct Inner {
    agent: Agent,
    secret: String,
    hosts: Vec<String>,
    clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for WebhookSender {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WebhookSender").field("hosts", &self.inner.hosts).finish_non_exhaustive()
    }
}

/// The signature of a body at a time: hexadecimal HMAC-SHA256 of `seconds.body`.
#[must_use]
pub fn sign(secret: &str, seconds: i64, body: &[u8]) -> String {
    // A key of any length is allowed.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else {
        return String::new();
    };
    mac.update(seconds.to_string().as_bytes());
    mac.update(b".");
    mac.update(body);
    mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

impl WebhookSender {
    /// A sender with this secret to these hosts.
    ///
    /// # Errors
    /// A secret that is too short, no hosts.
    pub fn new(works: &Works, config: WebhookConfig) -> Result<Self, ChannelError> {
        if config.secret.len() < SECRET_MIN {
            return Err(wrong(
                "webhook",
                format!("the secret has at least {SECRET_MIN} characters"),
            ));
        }
        if config.hosts.is_empty() {
            return Err(wrong("webhook", "name the hosts that requests may go to"));
        }
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            // A redirect would lead around the list of hosts.
            .max_redirects(0)
            .timeout_connect(Some(Duration::from_secs(config.timeout_s.min(10))))
            .timeout_global(Some(Duration::from_secs(config.timeout_s)))
            .build()
            .into();
        let (secret, hosts, clock) = (config.secret, config.hosts, works.db.clock().clone());
        let window = config.window.clamp(1, 256);
        Ok(Self { inner: Arc::new(Inner { agent, secret, hosts, clock }), window })
    }

    async fn one(&self, message: &Outgoing) -> Result<Accepted, Refusal> {
        let (inner, message) = (self.inner.clone(), message.clone());
        match tokio::task::spawn_blocking(move || inner.post(&message)).await {
            Ok(answer) => answer,
            Err(error) => Err(Refusal::Uncertain(error.to_string())),
        }
    }
}

impl Inner {
    fn post(&self, message: &Outgoing) -> Result<Accepted, Refusal> {
        let url = self.allowed(&message.address)?;
        let body = json!({
            "id": message.send, "notice": message.notice, "person": message.person,
            "language": message.language, "subject": message.subject, "text": message.text,
            "variables": message.variables,
        });
        let body = body.to_string();
        let seconds = self.clock.now().micros() / 1_000_000;
        let request = self
            .agent
            .post(url.as_str())
            .header("Content-Type", "application/json")
            .header("Idempotency-Key", message.send.to_string())
            .header("Lamplight-Timestamp", seconds.to_string())
            .header("Lamplight-Signature", sign(&self.secret, seconds, body.as_bytes()));
        let status = match request.send(body.as_bytes()) {
            Ok(answer) => answer.status().as_u16(),
            Err(ureq::Error::ConnectionFailed | ureq::Error::HostNotFound) => {
                return Err(Refusal::Unavailable("cannot connect".to_owned()));
            }
            Err(ureq::Error::Io(error))
                if error.kind() == std::io::ErrorKind::ConnectionRefused =>
            {
                return Err(Refusal::Unavailable(error.to_string()));
            }
            Err(error) => return Err(Refusal::Uncertain(error.to_string())),
        };
        match status {
            200..=299 => Ok(Accepted { provider_ref: None, is_delivered: true }),
            // Wait, too early, too many: said to be tried again.
            408 | 425 | 429 | 500..=599 => Err(Refusal::Unavailable(format!("status {status}"))),
            _ => Err(Refusal::Rejected(format!("status {status}"))),
        }
    }

    fn allowed(&self, address: &str) -> Result<Url, Refusal> {
        let rejected = |why: &str| Refusal::Rejected(why.to_owned());
        let url = Url::parse(address).map_err(|_| rejected("no address"))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(rejected("only http and https"));
        }
        let host = url.host_str().ok_or_else(|| rejected("no host"))?;
        let host = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        if self.hosts.contains(&host) {
            Ok(url)
        } else {
            Err(rejected("this host is not on the list of hosts"))
        }
    }
}

impl Sender for WebhookSender {
    fn channel(&self) -> Channel {
        Channel::Webhook
    }

    fn is_repeatable(&self) -> bool {
        true
    }

    fn send<'a>(&'a self, messages: &'a [Outgoing]) -> Answers<'a> {
        let all = stream::iter(messages).map(|message| self.one(message));
        Box::pin(all.buffered(self.window).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::sign;

    #[test]
    fn signatures_are_those_that_openssl_makes() {
        // printf '1700000000.{"a":1}' | openssl dgst -sha256 -hmac 0123456789abcdef0123456789abcdef
        let expected = "f05f2539e3ae1c49aec5f8cfdad75ef6b06480b133973ffbb7ec9e18827af177";
        let secret = "0123456789abcdef0123456789abcdef";
        assert_eq!(sign(secret, 1_700_000_000, br#"{"a":1}"#), expected);
    }
}
