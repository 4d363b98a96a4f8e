//! A bucket's rules on actix-web.
//!
//! ```sh
//! cargo run
//! curl -i -H 'Origin: https://app.example.com' http://127.0.0.1:8080/a.txt
//! ```

mod cors;

use actix_web::error::{Error, ErrorNotFound};
use actix_web::middleware::from_fn;
use actix_web::{App, HttpServer, web};
use bucket_cors::{Profile, RuleSet};
use cors::cors;

async fn get_object(key: web::Path<String>) -> Result<String, Error> {
    match key.as_str() {
        "a.txt" => Ok("hello".to_owned()),
        _ => Err(ErrorNotFound("no such key")),
    }
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let rules = RuleSet::parse(include_bytes!("../../cors.xml"), Profile::COS);
    let rules = web::Data::new(rules.map_err(std::io::Error::other)?);
    HttpServer::new(move || {
        App::new()
            .app_data(rules.clone())
            .service(web::resource("/{key}").get(get_object))
            .wrap(from_fn(cors))
    })
    .bind("127.0.0.1:8080")?
    .run()
    .await
}

#[cfg(test)]
mod tests;
