//! The lake on a real S3-compatible server: `s3s-fs` (`cargo install s3s-fs --features binary`),
//! found on the path or named by `LAMPLIGHT_S3S_FS`. Skipped, and saying so, where it is absent.

#![cfg(feature = "s3")]

use std::{
    net::TcpStream,
    path::Path,
    process::{Child, Command, Stdio},
    sync::Arc,
};

use kernel::{Date, SystemClock};
use lamplight_lake::{
    Lake, LakeError,
    objects::{ObjectStore, S3, S3Config},
    tables::TermsRow,
};

struct Server {
    child: Child,
    port: u16,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn server(root: &Path) -> Option<Server> {
    let program = std::env::var("LAMPLIGHT_S3S_FS").unwrap_or_else(|_| "s3s-fs".to_owned());
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let child = Command::new(program)
        .args(["--host", "127.0.0.1", "--port", &port.to_string()])
        .args(["--access-key", "key", "--secret-key", "secret"])
        .arg(root)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let server = Server { child, port };
    for _ in 0..200 {
        if TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return Some(server);
        }
        let pause = std::time::Duration::from_millis(50);
        std::sync::mpsc::channel::<()>().1.recv_timeout(pause).ok();
    }
    panic!("s3s-fs did not start");
}

fn open(server: &Server, cache: &Path, secret: &str) -> S3 {
    let config = S3Config {
        endpoint: format!("http://127.0.0.1:{}", server.port),
        bucket: "lake".into(),
        region: "us-east-1".into(),
        access_key: "key".into(),
        secret_key: secret.into(),
        bucket_in_host: false,
        cache: cache.to_owned(),
    };
    assert!(!format!("{config:?}").contains("secret"));
    S3::open(&config, Arc::new(SystemClock)).unwrap()
}

#[test]
fn files_written_on_one_machine_are_read_on_another() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("root");
    std::fs::create_dir(&root).unwrap();
    let Some(server) = server(&root) else {
        eprintln!("skipped: s3s-fs is not installed");
        return;
    };
    let store = open(&server, &folder.path().join("a"), "secret");
    store.create_bucket().unwrap();
    store.create_bucket().unwrap();
    let day = Date::constant(2026, 6, 1);
    let rows: Vec<TermsRow> = (1..5_000).map(|p| TermsRow::household(p, p, 0, p)).collect();
    let here = Lake::new(Arc::new(store));
    let file = here.write_terms(7, day, 1, rows.clone()).unwrap();
    here.write_terms(7, day, 2, rows).unwrap();

    let there = Lake::new(Arc::new(open(&server, &folder.path().join("b"), "secret")));
    assert_eq!(there.fingerprint(&file.path).unwrap(), (file.bytes, file.sha256));
    assert_eq!(there.store().list("terms/7/").unwrap().len(), 2);
    assert_eq!(there.store().list("state/").unwrap().len(), 0);
    there.store().remove(&file.path).unwrap();
    there.store().remove(&file.path).unwrap();
    assert!(matches!(there.store().fetch(&file.path), Err(LakeError::NotFound(_))));

    let stranger = open(&server, &folder.path().join("c"), "wrong");
    assert!(matches!(stranger.list("terms/"), Err(LakeError::Store(_))));
    drop(server);
    let nobody = there.store().list("terms/");
    assert!(matches!(nobody, Err(LakeError::Store(_))));
}
