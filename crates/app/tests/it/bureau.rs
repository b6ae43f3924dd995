//! A bureau made by the public commands, for tests that use the program as a person does.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    sync::Arc,
};

use kernel::{Date, SystemClock};
use lamplight::house::{House, HouseArgs};
use store::Durability;

pub struct Bureau {
    pub folder: tempfile::TempDir,
    /// The database when it is not the file in the folder.
    pub url: Option<String>,
}

/// What a command said and how it ended.
pub struct Said {
    pub out: String,
    pub err: String,
    pub code: Option<i32>,
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Self { out: text(output.stdout), err: text(output.stderr), code: output.status.code() }
    }
}

impl Bureau {
    /// An organisation, a residential tariff, and three households 4200000000 to …2 whose meters
    /// M0 to M2 (six digits, one decimal) showed 1000.0 on 1 January 2026.
    pub fn new() -> Self {
        Self::on(None)
    }

    pub fn on(url: Option<String>) -> Self {
        let bureau = Self { folder: tempfile::tempdir().unwrap(), url };
        bureau.found();
        let tariff =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tariffs/zhejiang/residential.toml");
        bureau.must(&["import", "tariffs", tariff.to_str().unwrap()]);
        let mut people = String::from("account_no,name,address,class,voltage,opened_on\n");
        let mut meters = String::from("usage_point,asset_no,installed_on,decimals,opening_total\n");
        let mut agreements = String::from("usage_point,tariff,valid_from\n");
        for n in 0..3 {
            let code = format!("420000000{n}");
            people +=
                &format!("{code},住户{n},阳光花园{n}栋1单元101室,residential,220V,2026-01-01\n");
            meters += &format!("{code},M{n},2026-01-01,1,1000.0\n");
            agreements += &format!("{code},zhejiang/residential,2026-01-01\n");
        }
        for (what, text) in [("customers", people), ("meters", meters), ("agreements", agreements)]
        {
            let path = bureau.file(&format!("{what}.csv"), text);
            bureau.must(&["import", what, path.to_str().unwrap()]);
        }
        bureau
    }

    fn found(&self) {
        let mut child = self
            .command(&["user", "first"])
            .args(["--org-code", "33001", "--name-zh", "青山", "--name-en", "Qingshan"])
            .args(["--login", "admin", "--person", "管理员"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(b"correct horse battery staple\n").unwrap();
        assert!(child.wait().unwrap().success());
    }

    /// A command on this installation.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lamplight"));
        command.env("LAMPLIGHT_DATA", self.folder.path().join("data")).args(args);
        if let Some(url) = &self.url {
            command.env("LAMPLIGHT_DATABASE", url);
        }
        command
    }

    pub fn say(&self, args: &[&str]) -> Said {
        self.command(args).stdin(Stdio::null()).output().unwrap().into()
    }

    pub fn must(&self, args: &[&str]) -> Said {
        let said = self.say(args);
        assert_eq!(said.code, Some(0), "{args:?}: {}{}", said.out, said.err);
        said
    }

    pub fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// The installation, opened by its own code.
    pub async fn house(&self) -> House {
        let args = HouseArgs {
            data: self.folder.path().join("data"),
            database: self.url.clone(),
            zone: "Asia/Shanghai".to_owned(),
            org: None,
        };
        House::open(&args, Arc::new(SystemClock), Durability::ProcessKill).await.unwrap()
    }

    /// What counts: how many rows of readings and intervals there are, by file.
    pub fn counted(&self) -> Vec<(String, i64)> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let house = self.house().await;
            let mut tx = house.works.db.read().await.unwrap();
            let org = access::root_organisation(&mut tx).await.unwrap().unwrap().id;
            let (from, to) = (Date::constant(2020, 1, 1), Date::constant(2030, 1, 1));
            let mut files = Vec::new();
            for dataset in ["readings", "intervals"] {
                let found = store::lake_files_between(&mut tx, org, dataset, from, to).await;
                files.extend(found.unwrap().into_iter().map(|file| (file.path, file.row_count)));
            }
            drop(tx);
            house.works.db.close().await;
            files
        })
    }

    /// All rows that count.
    pub fn rows(&self) -> i64 {
        self.counted().iter().map(|(_, rows)| rows).sum()
    }
}
