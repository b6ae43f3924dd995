//! The senders against real servers: the SMS centre of npm's smpp, the mail server aiosmtpd, and a
//! web server that checks signatures. The first two are looked for in the folder
//! `LAMPLIGHT_TEST_SERVERS` (see CONTRIBUTING).

mod email;
mod sms;
mod webhook;

use std::{
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Child, ChildStdout, Command, Stdio},
    sync::Arc,
};

use access::{Actor, Randomness};
use duty::{
    Works,
    notices::{
        Announce, Channel, ItemRow, Kind, Language, Recipient, Route, Sender, Stage, announce,
        jobs, queries,
    },
};
use kernel::Id;
use serde_json::{Value as Json, json};
use store::{Page, testing::TestDb};

const ORG: Id = Id::from_i64(7);

/// A server in a process of its own, which prints JSON lines.
struct Server {
    child: Child,
    lines: BufReader<ChildStdout>,
    port: u16,
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    /// Starts a script of this folder with a program of the servers' folder; none, with a note, when
    /// it is not installed.
    fn start(script: &str) -> Option<Self> {
        let folder = std::env::var_os("LAMPLIGHT_TEST_SERVERS").map(PathBuf::from);
        let (program, needed) = match script {
            "smsc.cjs" => (PathBuf::from("node"), "node_modules/smpp"),
            _ => (folder.clone().unwrap_or_default().join("venv/bin/python"), "venv/bin/python"),
        };
        let Some(folder) = folder.filter(|folder| folder.join(needed).exists()) else {
            let is_required = std::env::var("LAMPLIGHT_REQUIRE_ALL").is_ok_and(|v| v == "1");
            assert!(!is_required, "{needed} is missing and LAMPLIGHT_REQUIRE_ALL is 1");
            eprintln!("skipped: {needed} is not in the folder LAMPLIGHT_TEST_SERVERS");
            return None;
        };
        let script = format!("{}/tests/it/channels/{script}", env!("CARGO_MANIFEST_DIR"));
        // Node makes the pipes that it is given non-blocking for everybody who shares them, and
        // then the tests themselves cannot print any more: it gets none of ours.
        let mut child = Command::new(program)
            .arg(script)
            .arg(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let mut first = String::new();
        lines.read_line(&mut first).unwrap();
        let said: Json = serde_json::from_str(&first).unwrap();
        let port = u16::try_from(said["port"].as_u64().unwrap()).unwrap();
        Some(Self { child, lines, port })
    }

    /// The next line that it prints.
    fn line(&mut self) -> Json {
        let mut line = String::new();
        self.lines.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }

    /// The next line that says something under this name.
    fn line_with(&mut self, name: &str) -> Json {
        loop {
            let line = self.line();
            if line.get(name).is_some() {
                return line;
            }
        }
    }
}

struct World {
    test: TestDb,
    works: Works,
    actor: Actor,
}

impl World {
    fn new(test: TestDb) -> Self {
        let random = Arc::new(Randomness::from_number(1));
        let works = Works::bundled(&test.db, random, "Asia/Shanghai").unwrap();
        Self { test, works, actor: Actor::program("test") }
    }

    /// Tells people that power is out; each by the routes given, in order.
    async fn announce(&self, people: &[&[(Channel, &str)]]) -> Id {
        let route = |(channel, address): &(Channel, &str)| Route {
            channel: *channel,
            address: (*address).to_owned(),
        };
        let recipients = (1..).zip(people).map(|(person, routes)| Recipient {
            person: Id::from_i64(person),
            language: Language::Zh,
            routes: routes.iter().map(route).collect(),
            has_consent: false,
            own: String::new(),
        });
        let said = json!({
            "place": "九里街𠮷号", "since": "2026-03-10T11:42:00Z", "reason": "支线跳闸😀",
            "restore_from": "2026-03-10T12:10:00Z", "restore_to": "2026-03-10T13:10:00Z",
        });
        let command = Announce {
            org: ORG,
            kind: Kind::Fault,
            stage: Stage::During,
            subject: ("outage", Id::from_i64(1)),
            record_version: 1,
            variables: said.as_object().unwrap(),
            promise: None,
            recipients: recipients.collect(),
        };
        let ctx = self.works.ctx(&self.actor, "test");
        let mut tx = self.test.db.begin().await.unwrap();
        let done = announce(&ctx, &mut tx, &self.works.notices, command).await.unwrap();
        tx.commit().await.unwrap();
        done.notice
    }

    async fn send(&self, sender: &dyn Sender) -> u64 {
        jobs::send(&self.works, sender).await.unwrap()
    }

    /// How the messages of a notice stand, by person.
    async fn states(&self, notice: Id) -> Vec<String> {
        let ctx = self.works.ctx(&self.actor, "test");
        let mut tx = self.test.db.read().await.unwrap();
        let rows = queries::messages(&ctx, &mut tx, (ORG, notice), &Page::first()).await.unwrap();
        rows.items.iter().map(state).collect()
    }
}

fn state(row: &ItemRow) -> String {
    match &row.reason {
        Some(reason) => format!("{} {reason}", row.state),
        None => row.state.to_string(),
    }
}

fn each<F: Future<Output = ()>>(story: impl Fn(World) -> F) {
    TestDb::each(&lamplight::house::migrations(), async |test| story(World::new(test)).await);
}
