//! What the buckets hold, in memory and within a budget.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::SystemTime;

use axum::body::Bytes;
use axum::http::HeaderMap;
use bucket_cors::{Configuration, Error, Profile, RuleSet};

/// What a bucket, an object or a part costs beside its bytes, roughly.
const OVERHEAD: usize = 1024;
/// What a byte of a CORS document comes to, as its configuration and the rules that it compiles to.
const COMPILED: usize = 8;

/// All buckets. Cheap to clone: clones are the same store.
#[derive(Clone)]
pub struct Store {
    pub profile: Profile,
    pub budget: Budget,
    buckets: Arc<RwLock<BTreeMap<String, Bucket>>>,
    unconfigured: Arc<RuleSet>,
    uploads: Arc<AtomicU64>,
}

pub struct Bucket {
    pub made: SystemTime,
    pub objects: BTreeMap<String, Arc<Object>>,
    pub uploads: HashMap<String, Upload>,
    cors: Option<Cors>,
    _held: Held,
}

/// A bucket's CORS document, and what it means.
struct Cors {
    configuration: Configuration,
    rules: Arc<RuleSet>,
    _held: Held,
}

pub struct Object {
    pub body: Bytes,
    pub etag: String,
    pub modified: SystemTime,
    /// What the upload said about it, and every download is told.
    pub fields: HeaderMap,
    _held: Vec<Held>,
}

/// A multipart upload that is under way.
pub struct Upload {
    pub key: String,
    pub fields: HeaderMap,
    pub parts: BTreeMap<u16, Arc<Object>>,
    held: Held,
}

/// Why something is not in the store, or can't be put there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    NoSuchBucket,
    BucketNotEmpty,
    NoSuchUpload,
    InvalidPart,
    InvalidPartOrder,
    /// What is there is not what a condition wants.
    NotAllowed,
    Full,
}

impl Store {
    pub fn new(profile: Profile, memory: usize) -> Self {
        Self {
            profile,
            budget: Budget(Arc::new(AtomicUsize::new(memory))),
            buckets: Arc::default(),
            unconfigured: Arc::new(RuleSet::not_configured(profile)),
            uploads: Arc::default(),
        }
    }

    /// The rules that are in force for a bucket at this moment, whether it exists or not. Whoever
    /// holds them keeps them across a change; the next request gets the new ones.
    pub fn rules(&self, bucket: &str) -> Arc<RuleSet> {
        let buckets = self.read();
        let cors = buckets.get(bucket).and_then(|bucket| bucket.cors.as_ref());
        Arc::clone(cors.map_or(&self.unconfigured, |cors| &cors.rules))
    }

    pub fn configuration(&self, bucket: &str) -> Result<Option<Configuration>, Trouble> {
        let buckets = self.read();
        let bucket = buckets.get(bucket).ok_or(Trouble::NoSuchBucket)?;
        Ok(bucket.cors.as_ref().map(|cors| cors.configuration.clone()))
    }

    /// Puts a configuration in force, under the store's profile or one that differs in the caller's
    /// choices; it was read from a document of `length` bytes. One that is refused changes nothing.
    pub fn configure(
        &self,
        bucket: &str,
        (configuration, length): (Configuration, usize),
        profile: Profile,
    ) -> Result<Result<(), Error>, Trouble> {
        // The old rules are paid for until the new ones are there.
        let held = self.budget.hold(COMPILED * length)?;
        // Compiled outside of the lock: nobody waits for it.
        let rules = match RuleSet::compile(&configuration, profile) {
            Ok(rules) => Arc::new(rules),
            Err(error) => return Ok(Err(error.into())),
        };
        self.with(bucket, |bucket| {
            bucket.cors = Some(Cors {
                configuration,
                rules,
                _held: held,
            });
        })?;
        Ok(Ok(()))
    }

    pub fn unconfigure(&self, bucket: &str) -> Result<(), Trouble> {
        self.with(bucket, |bucket| bucket.cors = None)
    }

    /// Makes a bucket. One that is there already stays as it is.
    pub fn make(&self, bucket: &str) -> Result<(), Trouble> {
        self.make_in(&mut self.write(), bucket)
    }

    fn make_in(&self, buckets: &mut BTreeMap<String, Bucket>, name: &str) -> Result<(), Trouble> {
        if !buckets.contains_key(name) {
            let bucket = Bucket {
                made: SystemTime::now(),
                objects: BTreeMap::new(),
                uploads: HashMap::new(),
                cors: None,
                _held: self.budget.hold(OVERHEAD)?,
            };
            buckets.insert(name.to_owned(), bucket);
        }
        Ok(())
    }

    pub fn remove(&self, bucket: &str) -> Result<(), Trouble> {
        let mut buckets = self.write();
        let found = buckets.get(bucket).ok_or(Trouble::NoSuchBucket)?;
        if !found.objects.is_empty() {
            return Err(Trouble::BucketNotEmpty);
        }
        buckets.remove(bucket);
        Ok(())
    }

    pub fn names(&self) -> Vec<(String, SystemTime)> {
        let buckets = self.read();
        let names = buckets.iter();
        names.map(|(name, of)| (name.clone(), of.made)).collect()
    }

    /// Reads from a bucket.
    pub fn look<T>(&self, bucket: &str, look: impl FnOnce(&Bucket) -> T) -> Result<T, Trouble> {
        let buckets = self.read();
        buckets.get(bucket).map(look).ok_or(Trouble::NoSuchBucket)
    }

    fn with<T>(&self, bucket: &str, change: impl FnOnce(&mut Bucket) -> T) -> Result<T, Trouble> {
        let mut buckets = self.write();
        buckets
            .get_mut(bucket)
            .map(change)
            .ok_or(Trouble::NoSuchBucket)
    }

    pub fn get(&self, bucket: &str, key: &str) -> Result<Option<Arc<Object>>, Trouble> {
        self.look(bucket, |bucket| bucket.objects.get(key).cloned())
    }

    /// Stores an object, in a bucket that is made if need be, if what is there now allows it.
    pub fn put(
        &self,
        bucket: &str,
        key: String,
        object: Object,
        allowed: impl FnOnce(Option<&Object>) -> bool,
    ) -> Result<(), Trouble> {
        let mut buckets = self.write();
        let found = buckets.get(bucket);
        let present = found.and_then(|bucket| bucket.objects.get(&key));
        if !allowed(present.map(|object| &**object)) {
            return Err(Trouble::NotAllowed);
        }
        self.make_in(&mut buckets, bucket)?;
        if let Some(bucket) = buckets.get_mut(bucket) {
            bucket.objects.insert(key, Arc::new(object));
        }
        Ok(())
    }

    pub fn delete(&self, bucket: &str, key: &str) -> Result<(), Trouble> {
        self.with(bucket, |bucket| {
            bucket.objects.remove(key);
        })
    }

    /// Begins a multipart upload, and gives its name.
    pub fn initiate(
        &self,
        bucket: &str,
        key: String,
        fields: HeaderMap,
    ) -> Result<String, Trouble> {
        let id = format!("{:032x}", self.uploads.fetch_add(1, Ordering::Relaxed) + 1);
        let upload = Upload {
            held: self.budget.hold(OVERHEAD + size(&fields) + key.len())?,
            key,
            fields,
            parts: BTreeMap::new(),
        };
        let mut buckets = self.write();
        self.make_in(&mut buckets, bucket)?;
        if let Some(bucket) = buckets.get_mut(bucket) {
            bucket.uploads.insert(id.clone(), upload);
        }
        Ok(id)
    }

    /// Keeps a part; one of the same number is replaced.
    pub fn put_part(
        &self,
        bucket: &str,
        (key, id): (&str, &str),
        number: u16,
        part: Object,
    ) -> Result<(), Trouble> {
        self.with(bucket, |bucket| {
            let upload = bucket
                .uploads
                .get_mut(id)
                .filter(|upload| upload.key == key);
            let upload = upload.ok_or(Trouble::NoSuchUpload)?;
            upload.parts.insert(number, Arc::new(part));
            Ok(())
        })?
    }

    /// Makes an object of the parts that are listed, by number and `ETag`; gives its `ETag`.
    pub fn complete(
        &self,
        bucket: &str,
        (key, id): (&str, &str),
        listed: &[(u16, String)],
    ) -> Result<String, Trouble> {
        let parts = self.look(bucket, |bucket| {
            let upload = bucket.uploads.get(id).filter(|upload| upload.key == key);
            let upload = upload.ok_or(Trouble::NoSuchUpload)?;
            if !listed.is_sorted_by(|(a, _), (b, _)| a < b) {
                return Err(Trouble::InvalidPartOrder);
            }
            let parts = listed.iter().map(|(number, etag)| {
                let part = upload.parts.get(number);
                let part =
                    part.filter(|part| part.etag.trim_matches('"') == etag.trim_matches('"'));
                part.cloned()
            });
            let parts: Option<Vec<Arc<Object>>> = parts.collect();
            let parts = parts.filter(|parts| !parts.is_empty());
            parts.ok_or(Trouble::InvalidPart)
        })??;

        // Joined outside of the lock: nobody waits for it. Both are there for a moment, so both are
        // paid for.
        let length = parts.iter().map(|part| part.body.len()).sum();
        let held = self.budget.hold(length + OVERHEAD)?;
        let mut body = Vec::with_capacity(length);
        let mut digests = md5::Context::new();
        for part in &parts {
            body.extend_from_slice(&part.body);
            digests.consume(*md5::compute(&part.body));
        }
        let etag = format!("\"{:x}-{}\"", digests.finalize(), parts.len());
        self.with(bucket, |bucket| {
            // It may be aborted or completed by now.
            let upload = bucket.uploads.remove(id).ok_or(Trouble::NoSuchUpload)?;
            let object = Object {
                body: body.into(),
                etag: etag.clone(),
                modified: now(),
                fields: upload.fields,
                _held: vec![held, upload.held],
            };
            bucket.objects.insert(key.to_owned(), Arc::new(object));
            Ok(etag)
        })?
    }

    pub fn abort(&self, bucket: &str, (key, id): (&str, &str)) -> Result<(), Trouble> {
        self.with(bucket, |bucket| {
            let found = bucket
                .uploads
                .get(id)
                .is_some_and(|upload| upload.key == key);
            if !found {
                return Err(Trouble::NoSuchUpload);
            }
            bucket.uploads.remove(id);
            Ok(())
        })?
    }

    /// An object of bytes that are paid for already.
    pub fn object(
        &self,
        (body, held): (Bytes, Held),
        fields: HeaderMap,
    ) -> Result<Object, Trouble> {
        let more = self.budget.hold(OVERHEAD + size(&fields))?;
        Ok(Object {
            etag: format!("\"{:x}\"", md5::compute(&body)),
            body,
            modified: now(),
            fields,
            _held: vec![held, more],
        })
    }

    // A panic elsewhere leaves whole entries behind: nothing here is changed in two steps.
    fn read(&self) -> RwLockReadGuard<'_, BTreeMap<String, Bucket>> {
        self.buckets.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, BTreeMap<String, Bucket>> {
        self.buckets.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// To the second, as `Last-Modified` has it: what a client was told compares equal.
fn now() -> SystemTime {
    let now = SystemTime::now();
    let since = now.duration_since(SystemTime::UNIX_EPOCH);
    let nanos = since.map_or(0, |since| since.subsec_nanos());
    now - std::time::Duration::from_nanos(nanos.into())
}

fn size(fields: &HeaderMap) -> usize {
    let sizes = fields.iter();
    sizes
        .map(|(name, value)| name.as_str().len() + value.len())
        .sum()
}

/// The bytes that are left for everything in the store and everything on its way there.
#[derive(Clone)]
pub struct Budget(Arc<AtomicUsize>);

impl Budget {
    pub fn hold(&self, bytes: usize) -> Result<Held, Trouble> {
        let mut held = Held {
            budget: self.clone(),
            bytes: 0,
        };
        held.more(bytes)?;
        Ok(held)
    }
}

/// A share of the budget, which dropping it gives back.
pub struct Held {
    budget: Budget,
    bytes: usize,
}

impl Held {
    pub fn more(&mut self, bytes: usize) -> Result<(), Trouble> {
        let left = &self.budget.0;
        left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
            left.checked_sub(bytes)
        })
        .map_err(|_| Trouble::Full)?;
        self.bytes += bytes;
        Ok(())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.budget.0.fetch_add(self.bytes, Ordering::Relaxed);
    }
}
