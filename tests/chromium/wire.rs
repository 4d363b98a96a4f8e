//! HTTP/1.1 as far as it takes here, one request a connection, and what stands on it: a client, a tap
//! that sees what the browser sends, and a server of blank pages.
//!
//! By hand, since each is a few lines and a client of a library would not let out what a preflight
//! needs: any method, any field, and no redirect followed.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use http::header::{CONNECTION, CONTENT_LENGTH, HOST, HeaderMap, HeaderName, HeaderValue};
use http::{Method, Request, Response, StatusCode};

/// Sends a request, whose URI is a path, and waits for the answer.
pub fn send(to: SocketAddr, request: &Request<Vec<u8>>) -> io::Result<Response<Vec<u8>>> {
    let mut stream = TcpStream::connect(to)?;
    // Far beyond what any answer takes: a browser that hangs is a failure, not a wait.
    stream.set_read_timeout(Some(Duration::from_secs(120)))?;
    let mut headers = request.headers().clone();
    if !headers.contains_key(HOST) {
        headers.insert(HOST, value(&to.to_string())?);
    }
    headers.insert(CONTENT_LENGTH, request.body().len().into());
    let first = format!("{} {} HTTP/1.1", request.method(), request.uri());
    write(&mut stream, &first, headers, request.body())?;

    let mut stream = BufReader::new(stream);
    let (first, headers) = read_head(&mut stream)?;
    let status = first.split(' ').nth(1).and_then(|code| code.parse().ok());
    let status: StatusCode = status.ok_or(io::ErrorKind::InvalidData)?;
    let without_body = *request.method() == Method::HEAD
        || matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
    let mut response = Response::new(Vec::new());
    match length(&headers) {
        _ if without_body => {}
        Some(length) => *response.body_mut() = read_body(&mut stream, length)?,
        None => {
            stream.read_to_end(response.body_mut())?;
        }
    }
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    Ok(response)
}

/// A proxy in front of a server: an origin of its own, and a list of what came through.
pub struct Tap {
    pub origin: String,
}

/// Requests in the order of their answers. The URI is a whole URL, so that taps can share a list.
pub type Seen = Arc<Mutex<Vec<Request<()>>>>;

impl Tap {
    pub fn before(server: SocketAddr, seen: Seen) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let origin = format!("http://{}", listener.local_addr()?);
        let own = origin.clone();
        serve(listener, move |request| {
            let response = send(server, request)?;
            let mut noted = Request::new(());
            *noted.method_mut() = request.method().clone();
            *noted.uri_mut() = format!("{own}{}", request.uri()).parse().unwrap();
            *noted.headers_mut() = request.headers().clone();
            // Before the browser has its answer, so whoever waited for that finds it in the list.
            seen.lock().unwrap().push(noted);
            Ok(response)
        });
        Ok(Self { origin })
    }
}

/// Serves the same blank page under every path. Gives its port.
pub fn serve_blank_pages() -> io::Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let port = listener.local_addr()?.port();
    serve(listener, |_| {
        let page = b"<!doctype html><title>blank</title>".to_vec();
        let response = Response::builder()
            .header("content-type", "text/html")
            .header("cache-control", "no-store")
            .header(CONTENT_LENGTH, page.len());
        Ok(response.body(page).unwrap())
    });
    Ok(port)
}

type Answer = dyn Fn(&Request<Vec<u8>>) -> io::Result<Response<Vec<u8>>>;

/// Until the process ends. A thread for each connection: browsers open some that they never use.
fn serve<A>(listener: TcpListener, answer: A)
where
    A: Fn(&Request<Vec<u8>>) -> io::Result<Response<Vec<u8>>> + Send + Sync + 'static,
{
    let answer = Arc::new(answer);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let answer = Arc::clone(&answer);
            // What fails here the browser sees fail.
            thread::spawn(move || serve_one(stream, &*answer));
        }
    });
}

fn serve_one(stream: TcpStream, answer: &Answer) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    let (first, mut headers) = read_head(&mut stream)?;
    let body = read_body(&mut stream, length(&headers).unwrap_or(0))?;
    let mut words = first.split(' ');
    let builder = Request::builder()
        .method(words.next().unwrap_or_default())
        .uri(words.next().unwrap_or_default());
    let mut request = builder.body(body).map_err(io::Error::other)?;
    headers.remove(CONNECTION);
    *request.headers_mut() = headers;

    let response = answer(&request)?;
    let (parts, body) = response.into_parts();
    let first = format!("HTTP/1.1 {} ", parts.status.as_u16());
    write(stream.get_mut(), &first, parts.headers, &body)
}

fn write(
    stream: &mut TcpStream,
    first: &str,
    mut headers: HeaderMap,
    body: &[u8],
) -> io::Result<()> {
    headers.insert(CONNECTION, HeaderValue::from_static("close"));
    let mut message = format!("{first}\r\n").into_bytes();
    for (name, value) in &headers {
        message.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
    }
    message.extend(b"\r\n");
    message.extend(body);
    stream.write_all(&message)
}

/// The first line, and the fields.
fn read_head(stream: &mut impl BufRead) -> io::Result<(String, HeaderMap)> {
    let mut lines = stream
        .by_ref()
        .lines()
        .take_while(|line| !line.as_ref().is_ok_and(String::is_empty));
    let first = lines.next().ok_or(io::ErrorKind::UnexpectedEof)??;
    let mut headers = HeaderMap::new();
    for line in lines {
        let line = line?;
        let (name, text) = line.split_once(':').ok_or(io::ErrorKind::InvalidData)?;
        let name: HeaderName = name.parse().map_err(io::Error::other)?;
        headers.append(name, value(text.trim())?);
    }
    Ok((first, headers))
}

fn read_body(stream: &mut impl Read, length: usize) -> io::Result<Vec<u8>> {
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    Ok(body)
}

fn length(headers: &HeaderMap) -> Option<usize> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn value(text: &str) -> io::Result<HeaderValue> {
    HeaderValue::from_str(text).map_err(io::Error::other)
}
