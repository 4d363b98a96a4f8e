use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use super::*;

const ALLOWED: &str = "Origin: https://app.example.com";
const DENIED: &str = "Origin: https://example.org";
const READABLE: &str = "access-control-allow-origin: https://app.example.com\r\n";

/// Serves on loopback for as long as the test runs.
fn server() -> SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    listener.set_nonblocking(true).unwrap();
    std::thread::spawn(|| {
        let rules = RuleSet::parse(include_bytes!("../cors.xml"), Profile::COS).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        runtime
            .unwrap()
            .block_on(async { serve(TcpListener::from_std(listener).unwrap(), rules).await })
    });
    address
}

/// The answer, as it comes.
fn ask(address: SocketAddr, line: &str, fields: &[&str]) -> String {
    let fields = fields.join("\r\n");
    let request = format!("{line} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{fields}\r\n\r\n");
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn a_preflight_is_answered() {
    let server = server();
    let put = "Access-Control-Request-Method: PUT";
    let answer = ask(server, "OPTIONS /a.txt", &[ALLOWED, put]);
    assert!(
        answer.starts_with("HTTP/1.1 200 ") && answer.contains(READABLE),
        "{answer}"
    );
    let answer = ask(server, "OPTIONS /a.txt", &[DENIED, put]);
    assert!(
        answer.starts_with("HTTP/1.1 403 ") && !answer.contains("access-control"),
        "{answer}"
    );
    assert!(answer.contains("<Code>AccessForbidden</Code>"), "{answer}");
}

#[test]
fn every_other_request_is_served() {
    let server = server();
    let head = ask(server, "HEAD /a.txt", &[ALLOWED]);
    assert!(head.contains("content-length: 5\r\n"), "{head}");
    for (line, origin, start, end, readable) in [
        ("GET /a.txt", ALLOWED, "HTTP/1.1 200 ", "hello", true),
        ("GET /a.txt", DENIED, "HTTP/1.1 200 ", "hello", false),
        ("HEAD /b.txt", ALLOWED, "HTTP/1.1 404 ", "\r\n\r\n", false),
        ("GET /b.txt", ALLOWED, "HTTP/1.1 404 ", "no such key", true),
        // No preflight; and none that a rule can allow.
        (
            "OPTIONS /a.txt",
            ALLOWED,
            "HTTP/1.1 405 ",
            "\r\n\r\n",
            false,
        ),
    ] {
        let answer = ask(server, line, &[origin]);
        assert!(
            answer.starts_with(start) && answer.ends_with(end),
            "{answer}"
        );
        assert_eq!(answer.contains(READABLE), readable, "{answer}");
        assert!(answer.contains("vary: Origin"), "{answer}");
    }
}
