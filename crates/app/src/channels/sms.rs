//! Short messages over SMPP 3.4: one bound session, opened when it is needed, and the delivery
//! receipts and answers that come back over it. A receipt is confirmed to the centre only once it is
//! written down, so that none is lost.

use std::{str::FromStr, time::Duration};

use duty::{
    Works,
    notices::{
        Accepted, Answers, Channel, Outgoing, Receipt, Refusal, Report, Sender, take_reply,
        take_report,
    },
};
use futures_util::{Stream, StreamExt, stream};
use rusmpp::{
    CommandStatus, Pdu,
    pdus::{BindTransceiver, DeliverSm, DeliverSmResp, SubmitSm},
    tlvs::MessageSubmissionRequestTlvValue,
    types::{AnyOctetString, COctetString, OctetString},
    values::{
        DataCoding, InterfaceVersion, IntermediateNotification, MCDeliveryReceipt, MessagePayload,
        Npi, RegisteredDelivery, SmeOriginatedAcknowledgement, Ton,
    },
};
use rusmppc::{Client, ConnectionBuilder, Event, error::Error};
use tokio::{net::TcpStream, sync::Mutex, time::timeout};

use super::config::{ChannelError, SmsConfig, wrong};

/// The longest text that goes into the message itself; longer ones go into its payload.
const SHORT_MAX: usize = 254;

/// Sends short messages.
pub struct SmsSender {
    config: SmsConfig,
    works: Works,
    session: Mutex<Option<Client>>,
}

impl std::fmt::Debug for SmsSender {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SmsSender").field("config", &self.config).finish_non_exhaustive()
    }
}

impl SmsSender {
    /// A sender by this centre; it is asked when the first message goes out.
    ///
    /// # Errors
    /// Names that are longer than the protocol allows.
    pub fn new(works: &Works, config: SmsConfig) -> Result<Self, ChannelError> {
        bind(&config).map_err(|why| wrong("sms", why))?;
        COctetString::<1, 21>::from_str(&config.source)
            .map_err(|error| wrong("sms", format!("source: {error}")))?;
        Ok(Self { config, works: works.clone(), session: Mutex::new(None) })
    }

    /// The open session, or a new one.
    async fn client(&self) -> Result<Client, Refusal> {
        let mut session = self.session.lock().await;
        if let Some(client) = session.as_ref().filter(|client| client.is_active()) {
            return Ok(client.clone());
        }
        let limit = Duration::from_secs(self.config.timeout_s);
        let client = match timeout(limit, self.connect(limit)).await {
            Ok(client) => client?,
            Err(_) => return Err(Refusal::Unavailable("the SMS centre does not answer".into())),
        };
        *session = Some(client.clone());
        Ok(client)
    }

    async fn connect(&self, limit: Duration) -> Result<Client, Refusal> {
        let unavailable = |error: &dyn std::fmt::Display| Refusal::Unavailable(error.to_string());
        let stream =
            TcpStream::connect(&self.config.address).await.map_err(|error| unavailable(&error))?;
        let (client, events) = ConnectionBuilder::new()
            .enquire_link_interval(Duration::from_secs(30))
            .response_timeout(limit)
            .disable_interface_version_check()
            .connected(stream);
        let bind = bind(&self.config).map_err(Refusal::Unavailable)?;
        client.bind_transceiver(bind).await.map_err(|error| unavailable(&error))?;
        tokio::spawn(listen(client.clone(), events, self.works.clone()));
        Ok(client)
    }

    async fn one(&self, client: &Client, message: &Outgoing) -> Result<Accepted, Refusal> {
        let submit = submit(&self.config.source, &message.address, &message.text)?;
        match client.submit_sm(submit).await {
            Ok(answer) => {
                let name = answer.message_id().as_str().trim_end_matches('\0').to_owned();
                let provider_ref = Some(name).filter(|name| !name.is_empty());
                Ok(Accepted { provider_ref, is_delivered: false })
            }
            Err(error) => Err(refusal(&error)),
        }
    }
}

impl Sender for SmsSender {
    fn channel(&self) -> Channel {
        Channel::Sms
    }

    fn is_repeatable(&self) -> bool {
        false
    }

    fn send<'a>(&'a self, messages: &'a [Outgoing]) -> Answers<'a> {
        Box::pin(async move {
            if messages.is_empty() {
                return Vec::new();
            }
            let client = match self.client().await {
                Ok(client) => client,
                Err(refusal) => return messages.iter().map(|_| Err(refusal.clone())).collect(),
            };
            let all: Vec<_> = messages.iter().map(|message| self.one(&client, message)).collect();
            stream::iter(all).buffered(self.config.window.clamp(1, 1_000)).collect().await
        })
    }
}

fn bind(config: &SmsConfig) -> Result<BindTransceiver, String> {
    let long = |what: &str, error: &dyn std::fmt::Display| format!("{what}: {error}");
    Ok(BindTransceiver::builder()
        .system_id(COctetString::from_str(&config.system_id).map_err(|e| long("system_id", &e))?)
        .password(COctetString::from_str(&config.password).map_err(|e| long("password", &e))?)
        .interface_version(InterfaceVersion::Smpp3_4)
        .build())
}

fn submit(source: &str, to: &str, text: &str) -> Result<SubmitSm, Refusal> {
    let rejected = |what: &str| Refusal::Rejected(what.to_owned());
    let (ton, digits) = match to.strip_prefix('+') {
        Some(digits) => (Ton::International, digits),
        None => (Ton::Unknown, to),
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(rejected("no telephone number"));
    }
    let (coding, bytes) = encode(text);
    let builder = SubmitSm::builder()
        .source_addr_ton(Ton::Unknown)
        .source_addr_npi(Npi::Unknown)
        .source_addr(COctetString::from_str(source).map_err(|_| rejected("source"))?)
        .dest_addr_ton(ton)
        .dest_addr_npi(Npi::Isdn)
        .destination_addr(COctetString::from_str(digits).map_err(|_| rejected("number"))?)
        .registered_delivery(final_receipt())
        .data_coding(coding);
    if bytes.len() <= SHORT_MAX {
        let text = OctetString::from_vec(bytes).map_err(|_| rejected("text"))?;
        return Ok(builder.short_message(text).build());
    }
    let payload = MessagePayload::new(AnyOctetString::from_vec(bytes));
    Ok(builder.push_tlv(MessageSubmissionRequestTlvValue::MessagePayload(payload)).build())
}

/// One receipt, when it is known whether the message arrived.
fn final_receipt() -> RegisteredDelivery {
    RegisteredDelivery::new(
        MCDeliveryReceipt::McDeliveryReceiptRequestedWhereFinalDeliveryOutcomeIsSuccessOrFailure,
        SmeOriginatedAcknowledgement::default(),
        IntermediateNotification::default(),
        0,
    )
}

/// Letters that mean the same in the centre's own alphabet (GSM 03.38) as in ASCII are sent as
/// such; everything else, Chinese above all, in UTF-16.
fn encode(text: &str) -> (DataCoding, Vec<u8>) {
    let is_plain = |c: char| {
        c.is_ascii_alphanumeric() || matches!(c, ' ' | '\n' | '!' | '"' | '#' | '%'..='?')
    };
    if text.chars().all(is_plain) {
        return (DataCoding::McSpecific, text.as_bytes().to_vec());
    }
    (DataCoding::Ucs2, text.encode_utf16().flat_map(u16::to_be_bytes).collect())
}

/// What the centre's refusal means: a number or text that it will never take, or a moment in which
/// it took nothing. A request without an answer may have been taken.
fn refusal(error: &Error) -> Refusal {
    let why = match error {
        Error::UnexpectedResponse { response } => format!("{:?}", response.status()),
        other => other.to_string(),
    };
    match error {
        Error::UnexpectedResponse { response } => match response.status() {
            CommandStatus::EsmeRthrottled
            | CommandStatus::EsmeRmsgqful
            | CommandStatus::EsmeRsyserr
            | CommandStatus::EsmeRinvbndsts => Refusal::Unavailable(why),
            _ => Refusal::Rejected(why),
        },
        Error::Connect(_) | Error::Encode(_) => Refusal::Unavailable(why),
        _ => Refusal::Uncertain(why),
    }
}

/// Takes what comes back over a session until it ends.
async fn listen(client: Client, mut events: impl Stream<Item = Event> + Unpin, works: Works) {
    while let Some(event) = events.next().await {
        let command = match event {
            Event::Incoming(command) => command,
            Event::Error(error) => {
                tracing::warn!(%error, "the session with the SMS centre");
                continue;
            }
        };
        let Some(Pdu::DeliverSm(deliver)) = command.pdu() else { continue };
        let status = match keep(&works, deliver).await {
            Ok(()) => CommandStatus::EsmeRok,
            Err(error) => {
                tracing::warn!(%error, "a report of the SMS centre is not written down yet");
                // It will bring it again.
                CommandStatus::EsmeRxTAppn
            }
        };
        let answer = DeliverSmResp::default();
        if let Err(error) =
            client.status(status).deliver_sm_resp(command.sequence_number(), answer).await
        {
            tracing::warn!(%error, "a report of the SMS centre is not confirmed");
        }
    }
}

/// Writes down a receipt or an answer.
async fn keep(works: &Works, deliver: &DeliverSm) -> Result<(), duty::notices::NoticeError> {
    let bytes: &[u8] = deliver.short_message().as_ref();
    let text = decode(deliver.data_coding, bytes);
    let mut tx = works.db.begin().await?;
    match read_receipt(&text) {
        Some((name, Some(receipt))) => {
            let (channel, at) = (Channel::Sms, tx.now());
            let report = Report { channel, provider_ref: &name, receipt, at, detail: &text };
            take_report(&mut tx, &works.notices, report).await?;
        }
        // Under way, or a word that says nothing about the end.
        Some((_, None)) => return Ok(()),
        None => {
            let trim = |text: &str| text.trim_end_matches('\0').to_owned();
            let from = trim(deliver.source_addr.as_str());
            let to = trim(deliver.destination_addr.as_str());
            take_reply(&mut tx, Channel::Sms, (&from, &to), &text).await?;
        }
    }
    Ok(tx.commit().await?)
}

fn decode(coding: DataCoding, bytes: &[u8]) -> String {
    if coding == DataCoding::Ucs2 {
        let units = bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
        return char::decode_utf16(units).map(|c| c.unwrap_or('\u{fffd}')).collect();
    }
    String::from_utf8_lossy(bytes).into_owned()
}

/// Reads a delivery receipt (SMPP 3.4, appendix B): `id:… stat:…`. None when it is not one.
fn read_receipt(text: &str) -> Option<(String, Option<Receipt>)> {
    let field = |name: &str| {
        let at = text.find(name)?;
        let rest = &text[at + name.len()..];
        rest.split([' ', '\r', '\n', '\0']).next().filter(|word| !word.is_empty())
    };
    let (name, status) = (field("id:")?, field("stat:")?);
    let receipt = match status {
        "DELIVRD" => Some(Receipt::Delivered),
        "UNDELIV" | "EXPIRED" | "DELETED" | "REJECTD" => Some(Receipt::Failed),
        _ => None,
    };
    Some((name.to_owned(), receipt))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_and_emoji_are_sent_in_utf_16_and_plain_letters_as_they_are() {
        assert_eq!(
            encode("Power is back at 19:42."),
            (DataCoding::McSpecific, b"Power is back at 19:42.".to_vec())
        );
        assert_eq!(encode("停"), (DataCoding::Ucs2, vec![0x50, 0x5c]));
        // 𠮷 lies outside the first plane; @ and _ mean something else in GSM 03.38.
        assert_eq!(encode("𠮷").1, [0xd8, 0x42, 0xdf, 0xb7]);
        assert_eq!(encode("a@b_c").0, DataCoding::Ucs2);
        assert_eq!(decode(DataCoding::Ucs2, &encode("𠮷停@").1), "𠮷停@");
    }

    #[test]
    fn receipts_are_read_and_answers_are_not_taken_for_them() {
        let text = "id:abc-1 sub:001 dlvrd:001 submit date:2603101942 done date:2603101943 stat:DELIVRD err:000 text:x";
        assert_eq!(read_receipt(text), Some(("abc-1".to_owned(), Some(Receipt::Delivered))));
        let failed = text.replace("DELIVRD", "UNDELIV");
        assert_eq!(read_receipt(&failed).unwrap().1, Some(Receipt::Failed));
        assert_eq!(read_receipt(&text.replace("DELIVRD", "ENROUTE")).unwrap().1, None);
        assert_eq!(read_receipt("家里有制氧机"), None);
    }

    #[test]
    fn what_is_no_number_is_refused_before_it_is_sent() {
        assert!(submit("95598", "+8613800000001", "x").is_ok());
        assert!(submit("95598", "javascript:1", "x").is_err());
        assert!(submit("95598", "+", "x").is_err());
        assert!(submit("95598", &"1".repeat(40), "x").is_err());
    }
}
