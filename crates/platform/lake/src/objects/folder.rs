//! Objects as files in a folder: the default.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

use super::{ObjectStore, check_key};
use crate::{LakeError, columns::sync_folder};

/// A folder on this machine (or a network disk that several nodes share).
#[derive(Debug, Clone)]
pub struct Folder {
    root: PathBuf,
    durable: bool,
}

impl Folder {
    /// The store in this folder, made when it is not there.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn open(root: &Path) -> Result<Self, LakeError> {
        fs::create_dir_all(root).map_err(LakeError::io(root, "cannot make the folder"))?;
        Ok(Self { root: root.to_owned(), durable: true })
    }

    /// As [`Folder::open`], without waiting for the disk: for what may be lost with the machine,
    /// such as a recomputation or a test.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn scratch(root: &Path) -> Result<Self, LakeError> {
        Ok(Self { durable: false, ..Self::open(root)? })
    }

    fn walk(&self, folder: &Path, into: &mut Vec<String>) -> Result<(), LakeError> {
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(LakeError::io(folder, "cannot list")(error)),
        };
        for entry in entries {
            let path = entry.map_err(LakeError::io(folder, "cannot list"))?.path();
            if path.is_dir() {
                self.walk(&path, into)?;
            } else if path.extension().is_none_or(|e| e != "partial") {
                let key = path.strip_prefix(&self.root).ok().and_then(Path::to_str);
                into.extend(key.map(|k| k.replace(std::path::MAIN_SEPARATOR, "/")));
            }
        }
        Ok(())
    }
}

impl ObjectStore for Folder {
    fn fetch(&self, key: &str) -> Result<PathBuf, LakeError> {
        check_key(key)?;
        let path = self.root.join(key);
        if path.is_file() { Ok(path) } else { Err(LakeError::NotFound(key.to_owned())) }
    }

    fn prepare(&self, key: &str) -> Result<PathBuf, LakeError> {
        check_key(key)?;
        let path = self.root.join(key);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(LakeError::io(folder, "cannot make the folder"))?;
        }
        Ok(path)
    }

    /// A file prepared in place is already whole and durable, because the writer syncs it before
    /// it gets its name; the folders above it may be new and are synced here.
    fn publish(&self, key: &str, prepared: &Path) -> Result<(), LakeError> {
        check_key(key)?;
        let path = self.root.join(key);
        if prepared != path {
            let partial = crate::columns::partial_name(&path);
            fs::copy(prepared, &partial).map_err(LakeError::io(&partial, "cannot copy"))?;
            File::open(&partial)
                .and_then(|f| f.sync_all())
                .map_err(LakeError::io(&partial, "cannot sync"))?;
            fs::rename(&partial, &path).map_err(LakeError::io(&path, "cannot rename"))?;
        }
        let mut at = path.as_path();
        while self.durable && at != self.root && at.starts_with(&self.root) {
            sync_folder(at)?;
            let Some(parent) = at.parent() else { break };
            at = parent;
        }
        Ok(())
    }

    fn is_durable(&self) -> bool {
        self.durable
    }

    fn remove(&self, key: &str) -> Result<(), LakeError> {
        check_key(key)?;
        let path = self.root.join(key);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(LakeError::io(&path, "cannot remove")(error))
            }
            _ => Ok(()),
        }
    }

    fn list(&self, prefix: &str) -> Result<Vec<String>, LakeError> {
        let mut keys = Vec::new();
        let top = prefix.rsplit_once('/').map_or("", |(folder, _)| folder);
        self.walk(&self.root.join(top), &mut keys)?;
        keys.retain(|key| key.starts_with(prefix));
        keys.sort_unstable();
        Ok(keys)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_are_published_found_listed_and_removed() {
        let root = tempfile::tempdir().unwrap();
        let store = Folder::open(root.path()).unwrap();
        let source = root.path().join("elsewhere.partial");
        fs::write(&source, b"rows").unwrap();
        for key in ["state/7/2026-06-02/000001.parquet", "state/7/2026-06-01/000001.parquet"] {
            store.prepare(key).unwrap();
            store.publish(key, &source).unwrap();
        }
        assert_eq!(store.list("state/7/2026-06-0").unwrap().len(), 2);
        assert_eq!(store.list("state/7/2026-06-01").unwrap().len(), 1);
        let found = store.fetch("state/7/2026-06-01/000001.parquet").unwrap();
        assert_eq!(fs::read(found).unwrap(), b"rows");
        store.remove("state/7/2026-06-01/000001.parquet").unwrap();
        store.remove("state/7/2026-06-01/000001.parquet").unwrap();
        assert!(store.fetch("state/7/2026-06-01/000001.parquet").is_err());
    }

    #[test]
    fn no_key_leaves_the_root() {
        let root = tempfile::tempdir().unwrap();
        let store = Folder::open(root.path()).unwrap();
        for key in ["../x", "a/../b", "/etc/passwd", "a//b", "", "a\\b", "a/."] {
            assert!(store.fetch(key).is_err_and(|e| matches!(e, LakeError::Invalid(_))), "{key}");
        }
    }
}
