//! What the provider tells the client of a refused preflight.

use std::borrow::Cow;
use std::fmt;

use crate::syntax::{is_xml_char, is_xml_name, push_xml_element};

/// The error that the provider answers to a refused preflight: what its body says.
///
/// From [`Decision::preflight_error`](crate::Decision::preflight_error); the status is
/// [`Decision::preflight_status`](crate::Decision::preflight_status).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ProviderError<'a> {
    pub(crate) code: &'static str,
    pub(crate) message: Cow<'a, str>,
    pub(crate) method: Option<Cow<'a, str>>,
    pub(crate) resource_type: Option<&'static str>,
}

impl ProviderError<'_> {
    pub(crate) fn into_owned(self) -> ProviderError<'static> {
        ProviderError {
            code: self.code,
            message: self.message.into_owned().into(),
            method: self.method.map(|method| method.into_owned().into()),
            resource_type: self.resource_type,
        }
    }

    /// The error code, such as `AccessForbidden`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// The message: plain, printable ASCII. Text of the request in it is cut at 128 bytes, and its
    /// bytes outside 0x20..=0x7E are written `\xnn`; nothing is escaped for XML.
    #[must_use]
    pub fn message(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.message)
    }

    /// The `Method` of the body, if the provider sends one: the requested method, or `OPTIONS`.
    #[must_use]
    pub fn method(&self) -> Option<&str> {
        self.method.as_deref()
    }

    /// The `ResourceType` of the body, where CORS knows it: S3 says `BUCKET` if the bucket has no
    /// configuration. For other refusals only the server knows (`OBJECT`, `BUCKET`), and passes it
    /// to [`to_xml`](Self::to_xml).
    #[must_use]
    pub fn resource_type(&self) -> Option<&str> {
        self.resource_type
    }

    /// The whole `<Error>` body, in the media type `application/xml`.
    ///
    /// `more` are elements to add at the end, name and text: `Resource`, `RequestId`, `HostId` and
    /// what else the server knows. The texts are escaped here, with U+FFFD for characters that XML
    /// can't carry. A pair whose name is no XML name, or stands in the body already, is left out.
    ///
    /// ```
    /// use bucket_cors::{Profile, RequestFields, RuleSet};
    ///
    /// let rules = RuleSet::not_configured(Profile::S3);
    /// let request = RequestFields::new(
    ///     b"OPTIONS",
    ///     [
    ///         ("Origin", &b"https://example.com"[..]),
    ///         ("Access-Control-Request-Method", b"PUT"),
    ///     ],
    /// );
    /// let decision = rules.evaluate(&request);
    /// let error = decision.preflight_error().unwrap();
    /// assert_eq!(
    ///     error.to_xml(&[("RequestId", "4442587FB7D0A2F9")]),
    ///     "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
    ///      <Error><Code>AccessForbidden</Code>\
    ///      <Message>CORSResponse: CORS is not enabled for this bucket.</Message>\
    ///      <Method>PUT</Method><ResourceType>BUCKET</ResourceType>\
    ///      <RequestId>4442587FB7D0A2F9</RequestId></Error>",
    /// );
    /// ```
    #[must_use]
    pub fn to_xml(&self, more: &[(&str, &str)]) -> String {
        let own = [
            Some(("Code", self.code)),
            Some(("Message", &*self.message)),
            self.method().map(|method| ("Method", method)),
            self.resource_type().map(|kind| ("ResourceType", kind)),
        ];
        let mut written: Vec<&str> = Vec::new();
        let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error>");
        for &(name, text) in own.iter().flatten().chain(more) {
            if is_xml_name(name) && !written.contains(&name) {
                written.push(name);
                push_xml_element(&mut out, name, &carried(text));
            }
        }
        out.push_str("</Error>");
        out
    }
}

/// `code: message`, for logs.
impl fmt::Display for ProviderError<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for ProviderError<'_> {}

fn carried(text: &str) -> Cow<'_, str> {
    if text.chars().all(is_xml_char) {
        return Cow::Borrowed(text);
    }
    let replace = |c| if is_xml_char(c) { c } else { '\u{FFFD}' };
    Cow::Owned(text.chars().map(replace).collect())
}
