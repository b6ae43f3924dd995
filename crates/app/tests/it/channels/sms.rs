//! SMPP against a real SMS centre.

use duty::notices::Channel;
use kernel::Id;
use lamplight::channels::{SmsConfig, SmsSender};

use super::{Server, World, each};

fn sender(world: &World, port: u16, password: &str) -> SmsSender {
    let config = SmsConfig {
        address: format!("127.0.0.1:{port}"),
        system_id: "lamplight".into(),
        password: password.into(),
        source: "95598".into(),
        window: 4,
        timeout_s: 10,
    };
    SmsSender::new(&world.works, config).unwrap()
}

const TEXT: &str = "【供电】九里街𠮷号于3月10日19:42发生故障停电，原因：支线跳闸😀。抢修人员正在处理，预计20:10至21:10恢复供电。";

#[test]
fn messages_reach_the_centre_and_its_reports_reach_us() {
    each(|world| async move {
        let Some(mut centre) = Server::start("smsc.cjs") else { return };
        let sms = sender(&world, centre.port, "geheim");
        let notice = world
            .announce(&[
                &[(Channel::Sms, "+8613800000001")],
                &[(Channel::Sms, "+8613800000002")],
                &[(Channel::Sms, "+8613800000003"), (Channel::Portal, "3")],
                &[(Channel::Sms, "+8613800000005")],
                &[(Channel::Sms, "+8613800000008")],
            ])
            .await;
        assert_eq!(world.send(&sms).await, 5);
        let taken = centre.line_with("to");
        assert_eq!(
            (taken["to"].as_str(), taken["from"].as_str()),
            (Some("8613800000001"), Some("95598"))
        );
        assert_eq!(taken["text"].as_str(), Some(TEXT));
        assert_eq!((taken["coding"].as_u64(), taken["wants_receipt"].as_u64()), (Some(8), Some(1)));
        // Confirmed is what is written down: two of the first, one of the third and the fourth.
        let mut confirmed: Vec<String> = (0..4)
            .map(|_| {
                let line = centre.line_with("confirmed");
                assert_eq!(line["status"].as_u64(), Some(0), "{line}");
                format!("{} {}", line["confirmed"], line["stat"])
            })
            .collect();
        confirmed.sort();
        assert_eq!(confirmed.len(), 4);
        let expected = ["delivered", "exception refused", "queued", "delivered", "sent"];
        assert_eq!(world.states(notice).await, expected);
        world.send(&duty::notices::PortalBox).await;
        assert_eq!(world.states(notice).await[2], "delivered");
    });
}

#[test]
fn a_throttled_message_is_tried_again_and_one_without_an_answer_is_not() {
    each(|world| async move {
        let Some(mut centre) = Server::start("smsc.cjs") else { return };
        let sms = sender(&world, centre.port, "geheim");
        let people: [&[(Channel, &str)]; 2] =
            [&[(Channel::Sms, "+8613800000004")], &[(Channel::Sms, "+8613800000016")]];
        let notice = world.announce(&people).await;
        world.send(&sms).await;
        assert_eq!(world.states(notice).await, ["queued", "exception uncertain"]);
        world.test.clock.advance_seconds(60);
        // The session is gone with the centre that hung up: a new one is opened.
        assert_eq!(world.send(&sms).await, 1);
        assert_eq!(world.states(notice).await, ["sent", "exception uncertain"]);
        let tos: Vec<String> =
            (0..3).map(|_| centre.line_with("to")["to"].as_str().unwrap().to_owned()).collect();
        assert_eq!(tos[2], "8613800000004");
    });
}

#[test]
fn what_a_customer_writes_back_is_kept() {
    each(|world| async move {
        let Some(mut centre) = Server::start("smsc.cjs") else { return };
        let sms = sender(&world, centre.port, "geheim");
        world.announce(&[&[(Channel::Sms, "+8613800000007")]]).await;
        world.send(&sms).await;
        assert_eq!(centre.line_with("confirmed")["status"].as_u64(), Some(0));
        let mut tx = world.test.db.read().await.unwrap();
        let none = Id::from_i64(0);
        let facts =
            store::facts_of_kind(&mut tx, none, "duty.message_received", none, 10).await.unwrap();
        assert!(facts[0].payload.contains("家里有制氧机"), "{}", facts[0].payload);
        assert!(facts[0].payload.contains("8613800000007"));
    });
}

#[test]
fn a_centre_that_is_down_or_does_not_know_us_keeps_messages_waiting() {
    each(|world| async move {
        let Some(centre) = Server::start("smsc.cjs") else { return };
        let stranger = sender(&world, centre.port, "falsch");
        let notice = world.announce(&[&[(Channel::Sms, "+8613800000008")]]).await;
        world.send(&stranger).await;
        assert_eq!(world.states(notice).await, ["queued"]);
        let port = centre.port;
        drop(centre);
        world.test.clock.advance_seconds(60);
        let nobody = sender(&world, port, "geheim");
        assert_eq!(world.send(&nobody).await, 1);
        assert_eq!(world.states(notice).await, ["queued"]);
    });
}
