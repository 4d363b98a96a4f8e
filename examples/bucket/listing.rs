//! Lists as XML: buckets, objects, parts.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write;
use std::time::SystemTime;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::fault::{Fault, elements};
use crate::object::number;
use crate::store::{Bucket, Store, Upload};

/// What `encoding-type=url` leaves alone.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'/');

pub fn wrapped(root: &str, inner: &str) -> String {
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{root}>{inner}</{root}>")
}

pub fn buckets(store: &Store) -> String {
    let mut out = String::from("<Owner><ID>bucket</ID></Owner><Buckets>");
    for (name, made) in store.names() {
        let texts = [("Name", &*name), ("CreationDate", &timestamp(made))];
        let _ = write!(out, "<Bucket>{}</Bucket>", elements(&texts));
    }
    out.push_str("</Buckets>");
    wrapped("ListAllMyBucketsResult", &out)
}

/// Both versions of the list; they differ in how the next page is asked for.
pub fn objects(
    name: &str,
    bucket: &Bucket,
    query: &HashMap<String, String>,
) -> Result<String, Fault> {
    let asked = |name: &str| query.get(name).map_or("", String::as_str);
    let second = asked("list-type") == "2";
    let (prefix, delimiter) = (asked("prefix"), asked("delimiter"));
    let most = match asked("max-keys") {
        "" => 1000,
        most => number(most).ok_or(Fault::InvalidMaxKeys)?.min(1000),
    };
    let url = asked("encoding-type") == "url";
    let after = match (second, asked("continuation-token")) {
        (true, "") => asked("start-after"),
        (true, token) => token,
        (false, _) => asked("marker"),
    };
    let shown = |key: &str| {
        if url {
            utf8_percent_encode(key, ESCAPED).to_string()
        } else {
            key.to_owned()
        }
    };

    let mut contents = String::new();
    let mut common = BTreeSet::new();
    let mut count = 0;
    let mut last = None;
    let mut truncated = false;
    for (key, object) in &bucket.objects {
        let Some(rest) = key.strip_prefix(prefix).filter(|_| key.as_str() > after) else {
            continue;
        };
        let folder = rest.split_once(delimiter).filter(|_| !delimiter.is_empty());
        let folder = folder.map(|(folder, _)| format!("{prefix}{folder}{delimiter}"));
        // A folder that the page before ended with, or that is listed already.
        let listed = folder.as_ref().is_some_and(|folder| {
            common.contains(folder) || (!after.is_empty() && after.starts_with(folder.as_str()))
        });
        if listed {
            last = Some(key);
            continue;
        }
        if count == most {
            truncated = most > 0;
            break;
        }
        count += 1;
        last = Some(key);
        if let Some(folder) = folder {
            common.insert(folder);
            continue;
        }
        let length = object.body.len().to_string();
        let texts = [
            ("Key", &*shown(key)),
            ("LastModified", &timestamp(object.modified)),
            ("ETag", &object.etag),
            ("Size", &length),
            ("StorageClass", "STANDARD"),
        ];
        let _ = write!(contents, "<Contents>{}</Contents>", elements(&texts));
    }

    let truncated_text = truncated.to_string();
    let (most, count) = (most.to_string(), count.to_string());
    let mut texts = vec![
        ("Name", name),
        ("MaxKeys", &most),
        ("IsTruncated", &truncated_text),
    ];
    let (prefix, delimiter) = (shown(prefix), shown(delimiter));
    texts.push(("Prefix", &prefix));
    if !delimiter.is_empty() {
        texts.push(("Delimiter", &delimiter));
    }
    if url {
        texts.push(("EncodingType", "url"));
    }
    if second {
        texts.push(("KeyCount", &count));
    }
    // A token is opaque, and comes back as it was given; a marker is a key.
    let next = last.filter(|_| truncated);
    let marker = next.map(|key| shown(key)).unwrap_or_default();
    if let Some(key) = next {
        if second {
            texts.push(("NextContinuationToken", key));
        } else {
            texts.push(("NextMarker", &marker));
        }
    }
    let mut out = elements(&texts) + &contents;
    for folder in &common {
        let prefix = elements(&[("Prefix", &shown(folder))]);
        let _ = write!(out, "<CommonPrefixes>{prefix}</CommonPrefixes>");
    }
    Ok(wrapped("ListBucketResult", &out))
}

pub fn parts(bucket: &str, key: &str, upload: &Upload) -> String {
    let mut out = elements(&[("Bucket", bucket), ("Key", key), ("IsTruncated", "false")]);
    for (number, part) in &upload.parts {
        let texts = [
            ("PartNumber", &*number.to_string()),
            ("ETag", &part.etag),
            ("Size", &part.body.len().to_string()),
        ];
        let _ = write!(out, "<Part>{}</Part>", elements(&texts));
    }
    wrapped("ListPartsResult", &out)
}

/// Uploads under way: what COS's SDKs ask for before each upload in parts, to go on with one.
pub fn uploads(name: &str, bucket: &Bucket, prefix: &str) -> String {
    let mut out = elements(&[("Bucket", name), ("IsTruncated", "false")]);
    for (id, upload) in &bucket.uploads {
        if upload.key.starts_with(prefix) {
            let texts = elements(&[("Key", &upload.key), ("UploadId", id)]);
            let _ = write!(out, "<Upload>{texts}</Upload>");
        }
    }
    wrapped("ListMultipartUploadsResult", &out)
}

/// As ISO 8601 has it, made of what `httpdate` gives: `Sun, 06 Nov 1994 08:49:37 GMT`.
fn timestamp(time: SystemTime) -> String {
    const MONTHS: &str = "JanFebMarAprMayJunJulAugSepOctNovDec";
    let date = httpdate::fmt_http_date(time);
    let words: Vec<&str> = date.split(' ').collect();
    let &[_, day, month, year, time, _] = words.as_slice() else {
        return date;
    };
    let month = MONTHS.find(month).unwrap_or_default() / 3 + 1;
    format!("{year}-{month:02}-{day}T{time}.000Z")
}
