//! Objects in an S3-compatible store: signed requests over plain HTTP (inside a company's
//! network) or HTTPS (feature `s3-https`). What was fetched is kept in a folder of this machine:
//! objects never change, so a kept file is always right.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use kernel::Clock;
use rusty_s3::{
    Bucket, Credentials, S3Action, UrlStyle,
    actions::{CreateBucket, ListObjectsV2},
};
use ureq::{Agent, Body, http::Response};
use url::Url;

use super::{ObjectStore, check_key};
use crate::LakeError;

/// How long a signed request is valid.
const SIGNED_FOR: Duration = Duration::from_secs(900);
/// How often a request is tried when the store does not answer or answers with 5xx.
const TRIES: u32 = 3;

/// Where the store is and how to enter it.
#[derive(Clone)]
pub struct S3Config {
    /// Its address, such as `http://10.0.0.5:9000`.
    pub endpoint: String,
    /// The bucket.
    pub bucket: String,
    /// Its region; many stores take any, such as `us-east-1`.
    pub region: String,
    /// The access key.
    pub access_key: String,
    /// The secret key.
    pub secret_key: String,
    /// Whether the bucket's name is part of the host (`bucket.host`) instead of the path.
    pub bucket_in_host: bool,
    /// A folder on this machine for what is fetched and prepared.
    pub cache: PathBuf,
}

/// The secret key is not shown.
impl std::fmt::Debug for S3Config {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("S3Config")
            .field("endpoint", &self.endpoint)
            .field("bucket", &self.bucket)
            .field("region", &self.region)
            .field("access_key", &self.access_key)
            .field("cache", &self.cache)
            .finish_non_exhaustive()
    }
}

/// An S3-compatible store.
pub struct S3 {
    bucket: Bucket,
    credentials: Credentials,
    agent: Agent,
    cache: PathBuf,
    clock: Arc<dyn Clock>,
}

impl S3 {
    /// The store; asks it nothing yet. `clock` dates the signatures.
    ///
    /// # Errors
    /// [`LakeError::Invalid`] for an address that is none; when the cache folder cannot be made.
    pub fn open(config: &S3Config, clock: Arc<dyn Clock>) -> Result<Self, LakeError> {
        let wrong = |why: String| LakeError::Invalid(format!("s3 endpoint: {why}"));
        let endpoint: Url = config
            .endpoint
            .parse()
            .map_err(|error| wrong(format!("{} is no address: {error}", config.endpoint)))?;
        if endpoint.scheme() == "https" && !cfg!(feature = "s3-https") {
            return Err(wrong("this program is built without HTTPS; build with s3-https".into()));
        }
        let style = if config.bucket_in_host { UrlStyle::VirtualHost } else { UrlStyle::Path };
        let bucket = Bucket::new(endpoint, style, config.bucket.clone(), config.region.clone())
            .map_err(|error| wrong(error.to_string()))?;
        fs::create_dir_all(&config.cache)
            .map_err(LakeError::io(&config.cache, "cannot make the folder"))?;
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_connect(Some(Duration::from_secs(10)))
            .timeout_recv_response(Some(Duration::from_secs(60)))
            .build();
        Ok(Self {
            bucket,
            credentials: Credentials::new(config.access_key.clone(), config.secret_key.clone()),
            agent: agent.into(),
            cache: config.cache.clone(),
            clock,
        })
    }

    /// Makes the bucket; one that is there already is no error.
    ///
    /// # Errors
    /// The store's refusal.
    pub fn create_bucket(&self) -> Result<(), LakeError> {
        let action = CreateBucket::new(&self.bucket, &self.credentials);
        let url = self.sign(&action);
        let answer = self.ask("bucket", || self.agent.put(url.as_str()).send_empty())?;
        // 409: it is there already.
        match answer.status().as_u16() {
            200..=299 | 409 => Ok(()),
            status => Err(refusal("bucket", status, answer)),
        }
    }

    fn sign<'a>(&self, action: &impl S3Action<'a>) -> Url {
        action.sign_with_time(SIGNED_FOR, &self.clock.now().timestamp())
    }

    /// Sends a request, again when the store fails.
    fn ask(
        &self,
        key: &str,
        send: impl Fn() -> Result<Response<Body>, ureq::Error>,
    ) -> Result<Response<Body>, LakeError> {
        let mut tries = 1;
        loop {
            let answer = send();
            let failed = answer.as_ref().map_or(true, |a| a.status().is_server_error());
            if failed && tries < TRIES {
                tries += 1;
                continue;
            }
            return answer.map_err(|error| {
                LakeError::Store(format!(
                    "{} does not answer for {key}: {error}",
                    self.bucket.base_url()
                ))
            });
        }
    }

    fn cached(&self, key: &str) -> Result<PathBuf, LakeError> {
        check_key(key)?;
        let path = self.cache.join(key);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(LakeError::io(folder, "cannot make the folder"))?;
        }
        Ok(path)
    }
}

fn refusal(key: &str, status: u16, mut answer: Response<Body>) -> LakeError {
    let text = answer.body_mut().read_to_string().unwrap_or_default();
    let text: String = text.chars().take(300).collect();
    LakeError::Store(format!("{key}: answered {status} {text}"))
}

impl ObjectStore for S3 {
    fn fetch(&self, key: &str) -> Result<PathBuf, LakeError> {
        let path = self.cached(key)?;
        if path.is_file() {
            return Ok(path);
        }
        let url = self.sign(&self.bucket.get_object(Some(&self.credentials), key));
        let answer = self.ask(key, || self.agent.get(url.as_str()).call())?;
        match answer.status().as_u16() {
            200 => {}
            404 => return Err(LakeError::NotFound(key.to_owned())),
            status => return Err(refusal(key, status, answer)),
        }
        let failed = |action| LakeError::io(&path, action);
        // A name of its own, so that two readers never write one file.
        let unique = format!("{:?}.partial", std::thread::current().id());
        let partial = path.with_extension(unique.replace(['(', ')'], ""));
        let mut file = File::create(&partial).map_err(failed("cannot create"))?;
        io::copy(&mut answer.into_body().into_reader(), &mut file)
            .map_err(failed("cannot fetch"))?;
        drop(file);
        fs::rename(&partial, &path).map_err(failed("cannot rename"))?;
        Ok(path)
    }

    fn prepare(&self, key: &str) -> Result<PathBuf, LakeError> {
        self.cached(key)
    }

    fn publish(&self, key: &str, prepared: &Path) -> Result<(), LakeError> {
        let url = self.sign(&self.bucket.put_object(Some(&self.credentials), key));
        let open = || File::open(prepared).map_err(LakeError::io(prepared, "cannot open"));
        open()?; // a missing file is our mistake, not the store's
        let answer = self.ask(key, || {
            let file = File::open(prepared)?;
            self.agent.put(url.as_str()).send(file)
        })?;
        match answer.status().as_u16() {
            200..=299 => Ok(()),
            status => Err(refusal(key, status, answer)),
        }
    }

    /// The store keeps the object; the file here is only a copy.
    fn is_durable(&self) -> bool {
        false
    }

    fn remove(&self, key: &str) -> Result<(), LakeError> {
        let path = self.cached(key)?;
        let url = self.sign(&self.bucket.delete_object(Some(&self.credentials), key));
        let answer = self.ask(key, || self.agent.delete(url.as_str()).call())?;
        match answer.status().as_u16() {
            200..=299 | 404 => {}
            status => return Err(refusal(key, status, answer)),
        }
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(LakeError::io(&path, "cannot remove")(error))
            }
            _ => Ok(()),
        }
    }

    fn list(&self, prefix: &str) -> Result<Vec<String>, LakeError> {
        let mut keys = Vec::new();
        let mut token: Option<String> = None;
        loop {
            let mut action = self.bucket.list_objects_v2(Some(&self.credentials));
            action.with_prefix(prefix);
            if let Some(token) = token.take() {
                action.with_continuation_token(token);
            }
            let url = self.sign(&action);
            let mut answer = self.ask(prefix, || self.agent.get(url.as_str()).call())?;
            match answer.status().as_u16() {
                200 => {}
                status => return Err(refusal(prefix, status, answer)),
            }
            let unreadable = |error: String| LakeError::Store(format!("list of {prefix}: {error}"));
            let text = answer.body_mut().read_to_string().map_err(|e| unreadable(e.to_string()))?;
            let page = ListObjectsV2::parse_response(&text)
                .map_err(|error| unreadable(format!("{error:?}")))?;
            keys.extend(page.contents.into_iter().map(|object| object.key));
            match page.next_continuation_token {
                Some(next) => token = Some(next),
                None => break,
            }
        }
        keys.sort_unstable();
        Ok(keys)
    }
}
