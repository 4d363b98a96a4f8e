//! The object store's face: what browsers and SDKs use of S3 and COS. Signatures are not checked.

use std::collections::HashMap;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Router};
use bucket_cors::{Configuration, layer::CorsLayer};
use clap::ValueEnum;

use crate::address::{Address, is_ours, query};
use crate::body;
use crate::fault::{Fault, document, elements};
use crate::journal::{Journal, Number};
use crate::listing;
use crate::object::{download, put_allowed};
use crate::store::{Held, Store, Trouble};
use crate::xml::records;

/// A CORS document may have 64 KiB.
const CORS_BODY: usize = 64 * 1024;
/// A list of 10,000 parts has less.
const LIST_BODY: usize = 2 * 1024 * 1024;

#[derive(Clone)]
pub struct Api {
    pub store: Store,
    pub journal: Journal,
    /// `x-amz-request-id` or `x-cos-request-id`.
    pub request_id: HeaderName,
    /// What follows the bucket in a host name.
    pub domain: Arc<str>,
    /// The most bytes of an object that is sent whole, and of a part.
    pub limit: usize,
    pub around: Around,
}

/// What stands around the store.
#[derive(Clone, Copy, ValueEnum)]
pub enum Around {
    /// The rules, the log and the page's journal
    All,
    /// The rules
    Rules,
    Nothing,
}

impl Api {
    pub fn new(store: Store, request_id: HeaderName, domain: &str, limit: usize) -> Self {
        Self {
            store,
            journal: Journal::default(),
            request_id,
            domain: domain.into(),
            limit,
            around: Around::All,
        }
    }

    /// The server: the store, with every bucket's rules around it.
    pub fn router(self) -> Router {
        let store = Router::new().fallback(serve).with_state(self.clone());
        let look_up = {
            let api = self.clone();
            move |request: &Parts| {
                let bucket = Address::bucket_of(request, &api.domain)?;
                Some(api.store.rules(&bucket))
            }
        };
        let inspect = {
            let api = self.clone();
            move |request: &Parts, decision: &bucket_cors::Decision<'_>| {
                let bucket = Address::bucket_of(request, &api.domain).unwrap_or_default();
                let rules = api.store.rules(&bucket);
                api.journal.record(&bucket, request, decision, &rules);
            }
        };
        let cors = CorsLayer::by_request(look_up, Body::from).with_options_as_provider();
        let number = || Extension(self.journal.number());
        match self.around {
            Around::All => store
                .layer(cors.inspect(inspect))
                .layer(from_fn_with_state(self, number_and_note)),
            Around::Rules => store.layer(cors).layer(number()),
            Around::Nothing => store.layer(number()),
        }
    }
}

/// Gives every request a number, those too that the rules answer themselves.
async fn number_and_note(State(api): State<Api>, mut request: Request, next: Next) -> Response {
    let number = api.journal.number();
    request.extensions_mut().insert(number);
    let mut response = next.run(request).await;
    if let Ok(id) = HeaderValue::try_from(number.in_hex()) {
        response.headers_mut().insert(api.request_id.clone(), id);
    }
    api.journal.answered(number, &response);
    response
}

async fn serve(
    State(api): State<Api>,
    Extension(number): Extension<Number>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    answer(&api, &parts, body).await.unwrap_or_else(|fault| {
        let path = parts.uri.path();
        tracing::info!(?path, ?fault, "refused");
        fault.answer(&parts.method, path, &number.in_hex())
    })
}

async fn answer(api: &Api, request: &Parts, body: Body) -> Result<Response, Fault> {
    if !is_ours(request, &api.domain) {
        return Err(Fault::ForeignHost);
    }
    let query = query(&request.uri);
    let address = Address::of(request, &api.domain);
    let known: &[&str] = match address {
        Some(Address { key: Some(_), .. }) => &OF_OBJECTS,
        _ => &OF_BUCKETS,
    };
    if !query.keys().all(|name| is_known(name, known)) {
        return Err(Fault::NotImplemented);
    }
    let asked = Asked {
        api,
        request,
        query,
    };
    match address {
        None if request.uri.path() != "/" => Err(Fault::InvalidUri),
        None if request.method == Method::GET => Ok(xml(listing::buckets(&api.store))),
        None => Err(Fault::MethodNotAllowed),
        Some(Address { bucket, .. }) if !is_bucket_name(&bucket) => Err(Fault::InvalidBucketName),
        Some(Address { bucket, key: None }) => asked.bucket(&bucket, body).await,
        Some(Address { key: Some(key), .. }) if key.len() > 1024 => Err(Fault::KeyTooLong),
        Some(Address {
            bucket,
            key: Some(key),
        }) => asked.object(&bucket, key, body).await,
    }
}

/// What a query may name. To take a subresource that is not here for the bucket or object itself
/// would be worse than to refuse it.
const OF_BUCKETS: [&str; 16] = [
    "continuation-token",
    "cors",
    "delete",
    "delimiter",
    "encoding-type",
    "fetch-owner",
    "key-marker",
    "list-type",
    "location",
    "marker",
    "max-keys",
    "max-uploads",
    "prefix",
    "start-after",
    "upload-id-marker",
    "uploads",
];
const OF_OBJECTS: [&str; 6] = [
    "encoding-type",
    "max-parts",
    "part-number-marker",
    "partNumber",
    "uploadId",
    "uploads",
];
/// Of presigned URLs, beside names in `X-Amz-` and `q-`.
const SIGNATURES: [&str; 4] = ["AWSAccessKeyId", "Expires", "Signature", "sign"];

fn is_known(name: &str, known: &[&str]) -> bool {
    let lower = name.to_ascii_lowercase();
    known.contains(&name)
        || SIGNATURES.contains(&name)
        || ["x-", "q-", "response-"]
            .iter()
            .any(|prefix| lower.starts_with(prefix))
}

pub fn is_bucket_name(name: &str) -> bool {
    let byte = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    name.len() <= 63 && name.bytes().all(byte) && !name.starts_with('.')
}

struct Asked<'a> {
    api: &'a Api,
    request: &'a Parts,
    query: HashMap<String, String>,
}

impl Asked<'_> {
    fn has(&self, name: &str) -> bool {
        self.query.contains_key(name)
    }

    async fn bucket(&self, bucket: &str, body: Body) -> Result<Response, Fault> {
        let store = &self.api.store;
        match self.request.method {
            Method::PUT if self.has("cors") => {
                match self.read(body, CORS_BODY).await {
                    Ok((text, _held)) => put_cors(store, bucket, &text)?,
                    // Not read to its end; the crate has the provider's words for it.
                    Err(Fault::EntityTooLarge) => {
                        put_cors(store, bucket, &vec![b' '; CORS_BODY + 1])?;
                    }
                    Err(fault) => return Err(fault),
                }
                Ok(StatusCode::OK.into_response())
            }
            Method::GET if self.has("cors") => {
                let configuration = store.configuration(bucket)?;
                let configuration = configuration.ok_or(Fault::NoSuchCorsConfiguration)?;
                Ok(xml(configuration.to_xml(store.profile)))
            }
            Method::DELETE if self.has("cors") => {
                store.unconfigure(bucket)?;
                Ok(StatusCode::NO_CONTENT.into_response())
            }
            _ if self.has("cors") => Err(Fault::MethodNotAllowed),
            Method::PUT => {
                let (_location, _held) = self.read(body, CORS_BODY).await?;
                store.make(bucket)?;
                Ok([(header::LOCATION, format!("/{bucket}"))].into_response())
            }
            Method::DELETE => {
                store.remove(bucket)?;
                Ok(StatusCode::NO_CONTENT.into_response())
            }
            Method::HEAD => Ok(store.look(bucket, |_| StatusCode::OK.into_response())?),
            Method::GET if self.has("location") => {
                store.look(bucket, |_| ())?;
                Ok(xml(document("LocationConstraint", &[])))
            }
            Method::GET if self.has("uploads") => {
                let prefix = self.query.get("prefix").map_or("", String::as_str);
                let text = store.look(bucket, |found| listing::uploads(bucket, found, prefix));
                Ok(xml(text?))
            }
            Method::GET => {
                let text = store.look(bucket, |found| listing::objects(bucket, found, &self.query));
                Ok(xml(text??))
            }
            Method::POST if self.has("delete") => {
                let (text, _held) = self.read(body, LIST_BODY).await?;
                let listed = records(&text, "Object").ok_or(Fault::MalformedXml)?;
                let mut deleted = String::new();
                for key in listed.iter().filter_map(|object| object.get("Key")) {
                    store.delete(bucket, key)?;
                    let key = elements(&[("Key", key)]);
                    deleted.extend(["<Deleted>", &key, "</Deleted>"]);
                }
                Ok(xml(listing::wrapped("DeleteResult", &deleted)))
            }
            _ => Err(Fault::MethodNotAllowed),
        }
    }

    async fn object(&self, bucket: &str, key: String, body: Body) -> Result<Response, Fault> {
        let store = &self.api.store;
        let headers = &self.request.headers;
        let upload = self.query.get("uploadId").map(|id| (&*key, &**id));
        match (&self.request.method, upload) {
            (&Method::GET | &Method::HEAD, None) => {
                let object = store.get(bucket, &key)?.ok_or(Fault::NoSuchKey)?;
                download(self.request, &object)
            }
            (&Method::PUT, _) if headers.keys().any(is_copy_source) => Err(Fault::NotImplemented),
            (&Method::PUT, None) => {
                // Once before the body is read, and once when nobody else puts anything.
                let present = store.get(bucket, &key).unwrap_or_default();
                if !put_allowed(headers, present.as_deref()) {
                    return Err(Fault::PreconditionFailed);
                }
                drop(present);
                let held = self.read_object(body).await?;
                let object = store.object(held, kept_fields(headers))?;
                let etag = object.etag.clone();
                let allowed = |present: Option<&_>| put_allowed(headers, present);
                store.put(bucket, key, object, allowed)?;
                Ok([(header::ETAG, etag)].into_response())
            }
            (&Method::DELETE, None) => {
                store.delete(bucket, &key)?;
                Ok(StatusCode::NO_CONTENT.into_response())
            }
            (&Method::POST, None) if self.has("uploads") => {
                let id = store.initiate(bucket, key.clone(), kept_fields(headers))?;
                let texts = [("Bucket", bucket), ("Key", &key), ("UploadId", &id)];
                Ok(xml(document("InitiateMultipartUploadResult", &texts)))
            }
            (&Method::PUT, Some(upload)) => {
                let number = self.query.get("partNumber");
                let number = number.and_then(|number| number.parse().ok());
                let number = number.filter(|number| (1..=10_000).contains(number));
                let number = number.ok_or(Fault::InvalidPartNumber)?;
                let part = store.object(self.read_object(body).await?, HeaderMap::new())?;
                let etag = part.etag.clone();
                store.put_part(bucket, upload, number, part)?;
                Ok([(header::ETAG, etag)].into_response())
            }
            (&Method::POST, Some(upload)) => {
                let (text, _held) = self.read(body, LIST_BODY).await?;
                let listed = parts_listed(&text).ok_or(Fault::MalformedXml)?;
                let etag = store.complete(bucket, upload, &listed)?;
                let location = format!("/{bucket}/{key}");
                let texts = [
                    ("Location", &*location),
                    ("Bucket", bucket),
                    ("Key", &key),
                    ("ETag", &etag),
                ];
                Ok(xml(document("CompleteMultipartUploadResult", &texts)))
            }
            (&Method::GET, Some(upload)) => {
                let parts = store.look(bucket, |found| {
                    let upload = found.uploads.get(upload.1).filter(|of| of.key == upload.0);
                    upload.map(|of| listing::parts(bucket, &key, of))
                })?;
                Ok(xml(parts.ok_or(Trouble::NoSuchUpload)?))
            }
            (&Method::DELETE, Some(upload)) => {
                store.abort(bucket, upload)?;
                Ok(StatusCode::NO_CONTENT.into_response())
            }
            _ => Err(Fault::MethodNotAllowed),
        }
    }

    async fn read(&self, body: Body, limit: usize) -> Result<(Bytes, Held), Fault> {
        let budget = &self.api.store.budget;
        body::read_object(&self.request.headers, body, limit, budget).await
    }

    async fn read_object(&self, body: Body) -> Result<(Bytes, Held), Fault> {
        self.read(body, self.api.limit).await
    }
}

/// Reads a document, and puts it in force if all of it can be.
fn put_cors(store: &Store, bucket: &str, text: &[u8]) -> Result<(), Fault> {
    let configuration = Configuration::from_xml(text, store.profile);
    let configuration = configuration.map_err(bucket_cors::Error::from)?;
    store.configure(bucket, (configuration, text.len()), store.profile)??;
    Ok(())
}

fn parts_listed(text: &[u8]) -> Option<Vec<(u16, String)>> {
    let listed = records(text, "Part")?.into_iter().map(|mut part| {
        let number = part.get("PartNumber")?.trim().parse().ok()?;
        let etag = part.remove("ETag")?;
        Some((number, etag.trim().to_owned()))
    });
    listed.collect()
}

/// What of a PUT's fields is kept with the object, and given back.
fn kept_fields(headers: &HeaderMap) -> HeaderMap {
    let of_content = [
        header::CACHE_CONTROL,
        header::CONTENT_DISPOSITION,
        header::CONTENT_LANGUAGE,
        header::CONTENT_TYPE,
        header::EXPIRES,
    ];
    let is_kept = |name: &HeaderName| {
        let prefixes = ["x-amz-meta-", "x-cos-meta-"];
        of_content.contains(name)
            || prefixes
                .iter()
                .any(|prefix| name.as_str().starts_with(prefix))
            || name.as_str().ends_with("-website-redirect-location")
    };
    let kept = headers.iter().filter(|(name, _)| is_kept(name));
    let mut kept: HeaderMap = kept
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    let coding = body::content_encoding(headers);
    if let Some(coding) = coding.and_then(|coding| HeaderValue::try_from(coding).ok()) {
        kept.insert(header::CONTENT_ENCODING, coding);
    }
    kept
}

fn is_copy_source(name: &HeaderName) -> bool {
    ["x-amz-copy-source", "x-cos-copy-source"].contains(&name.as_str())
}

fn xml(text: String) -> Response {
    ([(header::CONTENT_TYPE, "application/xml")], text).into_response()
}
