//! SMTP against a real mail server.

use duty::notices::Channel;
use lamplight::channels::{EmailConfig, EmailSender};

use super::{Server, each};

fn sender(port: u16) -> EmailSender {
    let config = EmailConfig {
        server: "127.0.0.1".into(),
        port,
        from: "供电局 <notice@lamplight.example>".into(),
        user: None,
        password: None,
        starttls: false,
        timeout_s: 10,
    };
    EmailSender::new(&config).unwrap()
}

#[test]
fn mail_arrives_with_its_words_and_refusals_are_told_apart() {
    each(|world| async move {
        let Some(mut server) = Server::start("mailbox.py") else { return };
        let email = sender(server.port);
        let notice = world
            .announce(&[
                &[(Channel::Email, "zhang@example.cn")],
                &[(Channel::Email, "nobody@example.cn")],
                &[(Channel::Email, "later@example.cn")],
                &[(Channel::Email, "no address")],
                &[(Channel::Email, "a@example.cn\r\nBcc: b@example.cn")],
            ])
            .await;
        assert_eq!(world.send(&email).await, 5);
        let mail = server.line();
        assert_eq!(mail["to"][0].as_str(), Some("zhang@example.cn"));
        assert_eq!(mail["sender"].as_str(), Some("notice@lamplight.example"));
        assert_eq!(mail["subject"].as_str(), Some("故障停电"));
        let text = mail["text"].as_str().unwrap();
        assert!(text.contains("九里街𠮷号") && text.contains("😀"), "{text}");
        assert!(mail["id"].as_str().unwrap().ends_with("@lamplight.example>"));
        let expected =
            ["sent", "exception refused", "queued", "exception refused", "exception refused"];
        assert_eq!(world.states(notice).await, expected);
    });
}

#[test]
fn a_server_that_is_down_keeps_mail_waiting() {
    each(|world| async move {
        let Some(server) = Server::start("mailbox.py") else { return };
        let email = sender(server.port);
        drop(server);
        let notice = world.announce(&[&[(Channel::Email, "zhang@example.cn")]]).await;
        world.send(&email).await;
        assert_eq!(world.states(notice).await, ["queued"]);
    });
}
