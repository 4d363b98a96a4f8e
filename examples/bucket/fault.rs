//! Everything that a request can be refused for, in the providers' words.

use std::fmt::Write;

use axum::body::Body;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::Response;

use crate::store::Trouble;

/// Exhaustive: one place says what each is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    NoSuchBucket,
    NoSuchKey,
    NoSuchUpload,
    NoSuchCorsConfiguration,
    BucketNotEmpty,
    InvalidBucketName,
    InvalidUri,
    /// A name in `Host` that another site may have.
    ForeignHost,
    KeyTooLong,
    InvalidPart,
    InvalidPartOrder,
    InvalidPartNumber,
    InvalidMaxKeys,
    MalformedXml,
    EntityTooLarge,
    IncompleteBody,
    /// With the object's length.
    InvalidRange(usize),
    PreconditionFailed,
    MethodNotAllowed,
    NotImplemented,
    Full,
    /// What is wrong with a CORS document, as the provider says it.
    Cors {
        code: &'static str,
        message: String,
    },
}

impl From<Trouble> for Fault {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::NoSuchBucket => Self::NoSuchBucket,
            Trouble::BucketNotEmpty => Self::BucketNotEmpty,
            Trouble::NoSuchUpload => Self::NoSuchUpload,
            Trouble::InvalidPart => Self::InvalidPart,
            Trouble::InvalidPartOrder => Self::InvalidPartOrder,
            Trouble::NotAllowed => Self::PreconditionFailed,
            Trouble::Full => Self::Full,
        }
    }
}

impl From<bucket_cors::Error> for Fault {
    fn from(error: bucket_cors::Error) -> Self {
        Self::Cors {
            code: error.code(),
            message: error.message(),
        }
    }
}

impl Fault {
    fn in_words(&self) -> (StatusCode, &str, &str) {
        let (status, code, message) = match self {
            Self::NoSuchBucket => (404, "NoSuchBucket", "The specified bucket does not exist"),
            Self::NoSuchKey => (404, "NoSuchKey", "The specified key does not exist."),
            Self::NoSuchUpload => (
                404,
                "NoSuchUpload",
                "The specified upload does not exist. The upload ID may be invalid, or the upload \
                 may have been aborted or completed.",
            ),
            Self::NoSuchCorsConfiguration => {
                let message = "The CORS configuration does not exist";
                (404, "NoSuchCORSConfiguration", message)
            }
            Self::BucketNotEmpty => {
                let message = "The bucket you tried to delete is not empty";
                (409, "BucketNotEmpty", message)
            }
            Self::InvalidBucketName => (
                400,
                "InvalidBucketName",
                "The specified bucket is not valid.",
            ),
            Self::InvalidUri => (400, "InvalidURI", "Couldn't parse the specified URI."),
            Self::ForeignHost => (
                403,
                "AccessDenied",
                "This store answers to an IP address, to localhost and to its domain.",
            ),
            Self::KeyTooLong => (400, "KeyTooLongError", "Your key is too long"),
            Self::InvalidPart => (
                400,
                "InvalidPart",
                "One or more of the specified parts could not be found. The part may not have been \
                 uploaded, or the specified entity tag may not match the part's entity tag.",
            ),
            Self::InvalidPartOrder => (
                400,
                "InvalidPartOrder",
                "The list of parts was not in ascending order. The parts list must be specified in \
                 order by part number.",
            ),
            Self::InvalidPartNumber => {
                let message = "Part number must be an integer between 1 and 10000, inclusive";
                (400, "InvalidArgument", message)
            }
            Self::InvalidMaxKeys => {
                let message = "Provided max-keys not an integer or within integer range";
                (400, "InvalidArgument", message)
            }
            Self::MalformedXml => (
                400,
                "MalformedXML",
                "The XML you provided was not well-formed or did not validate against our \
                 published schema",
            ),
            Self::EntityTooLarge => {
                let message = "Your proposed upload exceeds the maximum allowed size";
                (400, "EntityTooLarge", message)
            }
            Self::IncompleteBody => (
                400,
                "IncompleteBody",
                "You did not provide the number of bytes specified by the Content-Length HTTP header",
            ),
            Self::InvalidRange(_) => (
                416,
                "InvalidRange",
                "The requested range is not satisfiable",
            ),
            Self::PreconditionFailed => (
                412,
                "PreconditionFailed",
                "At least one of the pre-conditions you specified did not hold",
            ),
            Self::MethodNotAllowed => (
                405,
                "MethodNotAllowed",
                "The specified method is not allowed against this resource.",
            ),
            Self::NotImplemented => (
                501,
                "NotImplemented",
                "A header or query you provided implies functionality that is not implemented.",
            ),
            Self::Full => (
                503,
                "SlowDown",
                "This store is full. Delete something, or start it anew.",
            ),
            Self::Cors { code, message } => (400, *code, &**message),
        };
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, code, message)
    }

    /// The providers' error document. A HEAD request gets the status alone.
    pub fn answer(&self, method: &Method, resource: &str, request_id: &str) -> Response {
        let (status, code, message) = self.in_words();
        let body = document(
            "Error",
            &[
                ("Code", code),
                ("Message", message),
                ("Resource", resource),
                ("RequestId", request_id),
            ],
        );
        let body = if method == Method::HEAD {
            String::new()
        } else {
            body
        };
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = status;
        let xml = HeaderValue::from_static("application/xml");
        response.headers_mut().insert(header::CONTENT_TYPE, xml);
        if let Self::InvalidRange(length) = self
            && let Ok(length) = HeaderValue::try_from(format!("bytes */{length}"))
        {
            response.headers_mut().insert(header::CONTENT_RANGE, length);
        }
        response
    }
}

/// A document of one element with texts in it.
pub fn document(root: &str, texts: &[(&str, &str)]) -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let _ = write!(out, "<{root}>{}</{root}>", elements(texts));
    out
}

pub fn elements(texts: &[(&str, &str)]) -> String {
    let mut out = String::new();
    for (name, text) in texts {
        let _ = write!(
            out,
            "<{name}>{}</{name}>",
            quick_xml::escape::escape(carried(text))
        );
    }
    out
}

/// Keys may hold what XML can't.
fn carried(text: &str) -> String {
    let carried = |c| match c {
        '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'.. => c,
        _ => '\u{fffd}',
    };
    text.chars().map(carried).collect()
}
