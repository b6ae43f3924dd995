//! E-mail over SMTP. The Message-ID is made of our own id, so that bounces can be told apart.

use std::time::Duration;

use duty::notices::{Accepted, Answers, Channel, Outgoing, Refusal, Sender};
use futures_util::{StreamExt, stream};
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Mailbox, header::ContentType},
    transport::smtp::{Error, authentication::Credentials},
};

use super::config::{ChannelError, EmailConfig, wrong};

/// Mails handed over side by side.
const WINDOW: usize = 8;

/// Sends e-mail.
pub struct EmailSender {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl std::fmt::Debug for EmailSender {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EmailSender").field("from", &self.from).finish_non_exhaustive()
    }
}

impl EmailSender {
    /// A sender by this server.
    ///
    /// # Errors
    /// An address that is none, encryption that this build does not have.
    pub fn new(config: &EmailConfig) -> Result<Self, ChannelError> {
        let from = config.from.parse().map_err(|e| wrong("email", format!("from: {e}")))?;
        let mut builder =
            builder(config)?.port(config.port).timeout(Some(Duration::from_secs(config.timeout_s)));
        if let (Some(user), Some(password)) = (&config.user, &config.password) {
            builder = builder.credentials(Credentials::new(user.clone(), password.clone()));
        }
        Ok(Self { transport: builder.build(), from })
    }

    async fn one(&self, message: &Outgoing) -> Result<Accepted, Refusal> {
        let rejected = |why: String| Refusal::Rejected(why);
        let to: Mailbox = message.address.parse().map_err(|_| rejected("no address".into()))?;
        let domain = self.from.email.domain();
        let name = format!("<{}@{domain}>", message.send);
        let mail = Message::builder()
            .from(self.from.clone())
            .to(to)
            .message_id(Some(name.clone()))
            .subject(&message.subject)
            .header(ContentType::TEXT_PLAIN)
            .body(message.text.clone())
            .map_err(|error| rejected(error.to_string()))?;
        match self.transport.send(mail).await {
            Ok(_) => Ok(Accepted { provider_ref: Some(name), is_delivered: false }),
            Err(error) => Err(refusal(&error)),
        }
    }
}

#[cfg(feature = "tls")]
fn builder(
    config: &EmailConfig,
) -> Result<lettre::transport::smtp::AsyncSmtpTransportBuilder, ChannelError> {
    if config.starttls {
        return AsyncSmtpTransport::<Tokio1Executor>::starttls_relay(&config.server)
            .map_err(|error| wrong("email", error.to_string()));
    }
    Ok(AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&config.server))
}

#[cfg(not(feature = "tls"))]
fn builder(
    config: &EmailConfig,
) -> Result<lettre::transport::smtp::AsyncSmtpTransportBuilder, ChannelError> {
    if config.starttls {
        return Err(wrong("email", "this program is built without encryption; build with tls"));
    }
    Ok(AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&config.server))
}

/// A server that answered did not take the mail; one that never answered may have.
fn refusal(error: &Error) -> Refusal {
    let why = error.to_string();
    if error.is_permanent() {
        Refusal::Rejected(why)
    } else if error.is_timeout() {
        Refusal::Uncertain(why)
    } else {
        Refusal::Unavailable(why)
    }
}

impl Sender for EmailSender {
    fn channel(&self) -> Channel {
        Channel::Email
    }

    fn is_repeatable(&self) -> bool {
        false
    }

    fn send<'a>(&'a self, messages: &'a [Outgoing]) -> Answers<'a> {
        let all = stream::iter(messages).map(|message| self.one(message));
        Box::pin(all.buffered(WINDOW).collect())
    }
}
