//! The checkout as the rules see it: every text file, and what the manifests say of each package.

use std::{collections::BTreeMap, fs, path::Path, process::Command};

use serde::Deserialize;

use super::{
    Error,
    lexer::{Lexed, lex},
};

/// Folders that hold nothing of ours: builds, fetched packages, data of a running program.
const SKIPPED_FOLDERS: &[&str] = &["target", ".git", "node_modules", "data"];
/// Endings of the files that people write here.
const TEXT_ENDINGS: &[&str] = &[
    "rs",
    "toml",
    "md",
    "sql",
    "html",
    "css",
    "js",
    "mjs",
    "json",
    "sh",
    "yml",
    "yaml",
    "run",
    "editorconfig",
    "gitattributes",
    "gitignore",
];
/// Files that tools write.
const GENERATED: &[&str] = &["Cargo.lock", "package-lock.json", "LICENSE"];

/// The checkout.
#[derive(Debug, Default)]
pub struct Tree {
    /// Text files by path from the root.
    pub files: BTreeMap<String, String>,
    /// Rust files by path, with code and texts apart.
    pub rust: BTreeMap<String, Lexed>,
    /// Packages of the workspace.
    pub packages: Vec<Package>,
}

/// A package of the workspace.
#[derive(Debug, Clone, Default)]
pub struct Package {
    /// The room: the package's name without `lamplight-`; the binary `lamplight` is `app`.
    pub room: String,
    /// Its manifest, from the root.
    pub manifest: String,
    /// What it depends on, for running, building and testing.
    pub dependencies: Vec<Dependency>,
    /// Its integration-test binaries, by name.
    pub test_binaries: Vec<String>,
}

/// A dependency of a package.
#[derive(Debug, Clone)]
pub struct Dependency {
    /// The room, for ours; else the name of the published crate.
    pub name: String,
    /// Whether it is a room of this house.
    pub ours: bool,
    /// Whether only tests use it.
    pub only_tests: bool,
}

impl Tree {
    /// Reads the checkout.
    ///
    /// # Errors
    /// When a file cannot be read or `cargo metadata` does not answer.
    pub fn read(root: &Path) -> Result<Self, Error> {
        let mut files = BTreeMap::new();
        read_folder(root, "", &mut files)?;
        Ok(Self::of(files, packages(root)?))
    }

    fn of(files: BTreeMap<String, String>, packages: Vec<Package>) -> Self {
        let rust = files
            .iter()
            .filter(|(path, _)| has_ending(path, "rs"))
            .map(|(path, text)| (path.clone(), lex(text)))
            .collect();
        Self { files, rust, packages }
    }

    /// The text of a file.
    pub fn text(&self, path: &str) -> Option<&str> {
        self.files.get(path).map(String::as_str)
    }

    /// The files with an ending.
    pub fn with_ending(&self, ending: &'static str) -> impl Iterator<Item = (&str, &str)> {
        self.files
            .iter()
            .filter(move |(path, _)| has_ending(path, ending))
            .map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// A tree made of these files, for tests of the rules.
    #[cfg(test)]
    pub fn fixture(files: &[(&str, &str)]) -> Self {
        Self::of(files.iter().map(|(p, t)| ((*p).to_owned(), (*t).to_owned())).collect(), vec![])
    }

    /// The same tree with a package, whose dependencies are given as `name` (a room) or
    /// `+name` (a published crate).
    #[cfg(test)]
    pub fn with_package(mut self, room: &str, dependencies: &[&str]) -> Self {
        let dependencies = dependencies
            .iter()
            .map(|name| Dependency {
                name: name.trim_start_matches('+').to_owned(),
                ours: !name.starts_with('+'),
                only_tests: false,
            })
            .collect();
        let manifest = format!("crates/{room}/Cargo.toml");
        self.packages.push(Package {
            room: room.to_owned(),
            manifest,
            dependencies,
            test_binaries: vec![],
        });
        self
    }

    /// The same tree, its last package with these test binaries.
    #[cfg(test)]
    pub fn with_test_binaries(mut self, names: &[&str]) -> Self {
        let binaries = names.iter().map(|name| (*name).to_owned()).collect();
        self.packages.last_mut().expect("a package").test_binaries = binaries;
        self
    }
}

/// Whether a path ends in `.ending`.
pub fn has_ending(path: &str, ending: &str) -> bool {
    path.strip_suffix(ending).is_some_and(|rest| rest.ends_with('.'))
}

fn read_folder(
    folder: &Path,
    prefix: &str,
    files: &mut BTreeMap<String, String>,
) -> Result<(), Error> {
    let failed = |source| Error::Read { path: folder.display().to_string(), source };
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{prefix}{name}");
        if entry.file_type().map_err(failed)?.is_dir() {
            let ours = !SKIPPED_FOLDERS.contains(&name.as_str());
            // `data` is what a running program leaves at the root; deeper it may be anything.
            if ours || (name == "data" && !prefix.is_empty()) {
                read_folder(&entry.path(), &format!("{path}/"), files)?;
            }
        } else if is_text(&name) {
            let bytes = fs::read(entry.path())
                .map_err(|source| Error::Read { path: path.clone(), source })?;
            // Test data may be in another encoding on purpose; it is not ours to judge.
            if let Ok(text) = String::from_utf8(bytes) {
                files.insert(path, text);
            }
        }
    }
    Ok(())
}

fn is_text(name: &str) -> bool {
    let ending = name.rsplit('.').next().unwrap_or(name);
    TEXT_ENDINGS.contains(&ending) && !GENERATED.contains(&name)
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<MetadataPackage>,
    workspace_root: String,
}

#[derive(Deserialize)]
struct MetadataPackage {
    name: String,
    manifest_path: String,
    dependencies: Vec<MetadataDependency>,
    targets: Vec<MetadataTarget>,
}

#[derive(Deserialize)]
struct MetadataTarget {
    name: String,
    kind: Vec<String>,
}

#[derive(Deserialize)]
struct MetadataDependency {
    name: String,
    path: Option<String>,
    kind: Option<String>,
}

fn packages(root: &Path) -> Result<Vec<Package>, Error> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--format-version=1", "--no-deps", "--offline"])
        .current_dir(root)
        .output()
        .map_err(|error| Error::Metadata(error.to_string()))?;
    if !output.status.success() {
        return Err(Error::Metadata(String::from_utf8_lossy(&output.stderr).into_owned()));
    }
    parse_metadata(&output.stdout).map_err(|error| Error::Metadata(error.to_string()))
}

fn parse_metadata(json: &[u8]) -> Result<Vec<Package>, serde_json::Error> {
    let metadata: Metadata = serde_json::from_slice(json)?;
    let relative = |path: &str| {
        let path = path.strip_prefix(&metadata.workspace_root).unwrap_or(path);
        path.trim_start_matches('/').to_owned()
    };
    let packages = metadata.packages.iter().map(|package| Package {
        room: room(&package.name).to_owned(),
        manifest: relative(&package.manifest_path),
        dependencies: package
            .dependencies
            .iter()
            .map(|dependency| Dependency {
                name: match dependency.path {
                    Some(_) => room(&dependency.name).to_owned(),
                    None => dependency.name.clone(),
                },
                ours: dependency.path.is_some(),
                only_tests: dependency.kind.as_deref() == Some("dev"),
            })
            .collect(),
        test_binaries: package
            .targets
            .iter()
            .filter(|target| target.kind.iter().any(|kind| kind == "test"))
            .map(|target| target.name.clone())
            .collect(),
    });
    Ok(packages.collect())
}

fn room(package: &str) -> &str {
    match package.strip_prefix("lamplight-") {
        Some(room) => room,
        None if package == "lamplight" => "app",
        None => package,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_becomes_rooms() {
        let json = br#"{"workspace_root":"/w","packages":[{"name":"lamplight","manifest_path":"/w/crates/app/Cargo.toml",
            "dependencies":[{"name":"lamplight-kernel","path":"/w/crates/kernel","kind":null},
                            {"name":"proptest","path":null,"kind":"dev"}],
            "targets":[{"name":"lamplight","kind":["bin"]},{"name":"it","kind":["test"]}]}]}"#;
        let packages = parse_metadata(json).unwrap();
        assert_eq!(packages[0].room, "app");
        assert_eq!(packages[0].manifest, "crates/app/Cargo.toml");
        assert_eq!(packages[0].test_binaries, ["it"]);
        let dependencies = &packages[0].dependencies;
        assert!(dependencies[0].ours && dependencies[0].name == "kernel");
        assert!(!dependencies[1].ours && dependencies[1].only_tests);
    }

    #[test]
    fn only_texts_that_people_write_are_read() {
        assert!(is_text("main.rs") && is_text("run") && is_text(".editorconfig"));
        assert!(!is_text("Cargo.lock") && !is_text("photo.png") && !is_text("LICENSE"));
    }
}
