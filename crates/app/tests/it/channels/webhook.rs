//! Signed requests against a web server that checks them as a customer's system would.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use axum::{Router, body::Bytes, extract::State, http::HeaderMap, http::StatusCode, routing::post};
use duty::notices::Channel;
use hmac::{Hmac, KeyInit, Mac};
use lamplight::channels::{WebhookConfig, WebhookSender};
use sha2::Sha256;

use super::{World, each};

const SECRET: &str = "0123456789abcdef0123456789abcdef";

type Seen = Arc<Mutex<Vec<(String, String)>>>;

/// Takes a request when its signature is right; keeps its key and body.
async fn take(State(seen): State<Seen>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let header = |name: &str| headers[name].to_str().unwrap().to_owned();
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(format!("{}.", header("lamplight-timestamp")).as_bytes());
    mac.update(&body);
    let signature = header("lamplight-signature");
    let bytes: Vec<u8> = (0..signature.len() / 2)
        .map(|n| u8::from_str_radix(&signature[2 * n..2 * n + 2], 16).unwrap())
        .collect();
    if mac.verify_slice(&bytes).is_err() {
        return StatusCode::UNAUTHORIZED;
    }
    let text = String::from_utf8(body.to_vec()).unwrap();
    seen.lock().unwrap().push((header("idempotency-key"), text));
    StatusCode::NO_CONTENT
}

async fn server() -> (SocketAddr, Seen) {
    let seen = Seen::default();
    let router = Router::new()
        .route("/hook", post(take))
        .route("/gone", post(async || StatusCode::GONE))
        .route("/busy", post(async || StatusCode::SERVICE_UNAVAILABLE))
        .route("/away", post(async || (StatusCode::FOUND, [("location", "/hook")])))
        .with_state(seen.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    (address, seen)
}

fn sender(world: &World, host: &SocketAddr, secret: &str) -> WebhookSender {
    let config = WebhookConfig {
        secret: secret.into(),
        hosts: vec![host.to_string()],
        window: 4,
        timeout_s: 10,
    };
    WebhookSender::new(&world.works, config).unwrap()
}

#[test]
fn a_signed_request_arrives_and_goes_nowhere_else() {
    each(|world| async move {
        let (host, seen) = server().await;
        let webhook = sender(&world, &host, SECRET);
        let at = |path: &str| format!("http://{host}/{path}");
        let urls = [
            at("hook"),
            at("gone"),
            at("busy"),
            at("away"),
            "http://127.0.0.1:1/".into(),
            "file:///etc/passwd".into(),
        ];
        let routes: Vec<[(Channel, &str); 1]> =
            urls.iter().map(|url| [(Channel::Webhook, url.as_str())]).collect();
        let people: Vec<&[(Channel, &str)]> = routes.iter().map(|route| route.as_slice()).collect();
        let notice = world.announce(&people).await;
        assert_eq!(world.send(&webhook).await, 6);
        let refused = "exception refused";
        let expected = ["delivered", refused, "queued", refused, refused, refused];
        assert_eq!(world.states(notice).await, expected);
        let seen = seen.lock().unwrap();
        assert_eq!(seen.len(), 1);
        let body: serde_json::Value = serde_json::from_str(&seen[0].1).unwrap();
        assert_eq!(body["id"].as_str(), Some(seen[0].0.as_str()));
        assert_eq!(body["variables"]["reason"].as_str(), Some("支线跳闸😀"));
    });
}

#[test]
fn a_request_with_another_secret_is_refused_by_the_customer() {
    each(|world| async move {
        let (host, seen) = server().await;
        let webhook = sender(&world, &host, "ffffffffffffffffffffffffffffffff");
        let url = format!("http://{host}/hook");
        let notice = world.announce(&[&[(Channel::Webhook, url.as_str())]]).await;
        world.send(&webhook).await;
        assert_eq!(world.states(notice).await, ["exception refused"]);
        assert!(seen.lock().unwrap().is_empty());
    });
}
