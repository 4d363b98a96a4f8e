//! The middleware. actix-web's types are those of http 0.2: `RequestFields` takes bytes.

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::{Error, InternalError};
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue, VARY};
use actix_web::middleware::Next;
use actix_web::{HttpResponse, web};
use bucket_cors::{Decision, RequestFields, RequestKind, RuleSet};

/// Stands outside of all else: give it to the last `wrap` of the `App`.
pub async fn cors<B: MessageBody>(
    rules: web::Data<RuleSet>,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    let lines = request
        .headers()
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_bytes()));
    let fields = RequestFields::new(request.method().as_str().as_bytes(), lines);
    let decision = rules.evaluate(&fields).into_owned();

    let mut response = match decision.preflight_status() {
        // Any other OPTIONS is the bucket's to serve.
        Some(status) if decision.kind() == RequestKind::Preflight => request
            .into_response(answer(status.as_u16(), &decision))
            .map_into_right_body(),
        _ => match next.call(request).await {
            Ok(response) => response.map_into_left_body(),
            // A middleware within has failed. What it failed with becomes a response only outside
            // of this one, so that the fields have to go along.
            Err(error) => {
                let mut response = error.error_response();
                write(&decision, response.headers_mut());
                return Err(InternalError::from_response(error, response).into());
            }
        },
    };
    write(&decision, response.headers_mut());
    Ok(response)
}

fn answer(status: u16, decision: &Decision<'_>) -> HttpResponse {
    let status = StatusCode::from_u16(status).unwrap_or_default();
    match decision.preflight_error() {
        Some(error) => HttpResponse::build(status)
            .content_type("application/xml")
            .body(error.to_xml(&[])),
        None => HttpResponse::build(status).finish(),
    }
}

fn write(decision: &Decision<'_>, headers: &mut HeaderMap) {
    for name in decision.replaces() {
        headers.remove(*name);
    }
    for (name, value) in decision.fields() {
        // Both succeed: names are tokens, and values printable ASCII.
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(&*value))
        {
            headers.insert(name, value);
        }
    }
    for name in decision.vary() {
        let mut lines = headers.get_all(VARY);
        let there = lines.any(|line| {
            let mut members = line.as_bytes().split(|&byte| byte == b',');
            members.any(|member| {
                let member = member.trim_ascii();
                member == b"*" || member.eq_ignore_ascii_case(name.as_bytes())
            })
        });
        if !there {
            headers.append(VARY, HeaderValue::from_static(name));
        }
    }
}
