//! A server whose every answer a test writes itself, byte by byte where it has to lie.

use std::{
    future::Future,
    net::SocketAddr,
    pin::Pin,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpListener,
};

type Opening = Pin<Box<dyn Future<Output = Option<Box<dyn Stream>>> + Send>>;

/// A request, as far as tests look at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    pub path: String,
    /// The value of `Range`.
    pub range: Option<String>,
    pub if_range: Option<String>,
}

impl Asked {
    /// The first byte that is asked for.
    pub fn from(&self) -> usize {
        let range = self.range.as_deref().and_then(|range| range.strip_prefix("bytes="));
        range.and_then(|range| range.split('-').next()?.parse().ok()).unwrap_or_default()
    }

    /// The byte behind the last that is asked for.
    pub fn to(&self, size: usize) -> usize {
        let last = self.range.as_deref().and_then(|range| range.split('-').nth(1)?.parse::<usize>().ok());
        last.map_or(size, |last| (last + 1).min(size))
    }
}

/// What a server does with a request.
pub enum Answer {
    /// These bytes, and then the connection is closed.
    Raw(Vec<u8>),
    /// These bytes, and then nothing for ever.
    Stall(Vec<u8>),
    /// The head, and then the piece so many times.
    Repeated(Vec<u8>, Vec<u8>, usize),
    /// These bytes, and then more of the same for ever.
    Endless(Vec<u8>),
    /// These bytes one piece after another, with a pause before each.
    Slow(Vec<Vec<u8>>, Duration),
}

type Handler = dyn Fn(&Asked, usize) -> Answer + Send + Sync;
trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

pub struct Server {
    pub address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
    secure: bool,
}

impl Server {
    /// Answers by a function of the request and the number of requests for the same path before it.
    pub async fn start(handler: impl Fn(&Asked, usize) -> Answer + Send + Sync + 'static) -> Self {
        Self::serve(handler, None).await
    }

    pub async fn start_tls(
        tls: tokio_rustls::TlsAcceptor,
        handler: impl Fn(&Asked, usize) -> Answer + Send + Sync + 'static,
    ) -> Self {
        Self::serve(handler, Some(tls)).await
    }

    async fn serve(
        handler: impl Fn(&Asked, usize) -> Answer + Send + Sync + 'static,
        tls: Option<tokio_rustls::TlsAcceptor>,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, asked) = (listener.local_addr().unwrap(), Arc::new(Mutex::new(Vec::new())));
        let (seen, secure) = (asked.clone(), tls.is_some());
        let handler: Arc<Handler> = Arc::new(handler);
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                let (seen, handler, tls) = (seen.clone(), handler.clone(), tls.clone());
                tokio::spawn(async move {
                    let stream: Opening = match tls {
                        Some(tls) => Box::pin(async move { Some(Box::new(tls.accept(connection).await.ok()?) as _) }),
                        None => Box::pin(async move { Some(Box::new(connection) as Box<dyn Stream>) }),
                    };
                    if let Some(stream) = stream.await {
                        let _ = answer(stream, &seen, &*handler).await;
                    }
                });
            }
        });
        Self { address, asked, secure }
    }

    pub fn url(&self, path: &str) -> String {
        let scheme = if self.secure { "https" } else { "http" };
        format!("{scheme}://127.0.0.1:{}{path}", self.address.port())
    }

    /// What was asked for so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    pub fn asked_for(&self, path: &str) -> Vec<Asked> {
        self.asked().into_iter().filter(|asked| asked.path == path).collect()
    }
}

async fn answer(mut stream: Box<dyn Stream>, seen: &Mutex<Vec<Asked>>, handler: &Handler) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let header = |name: &str| {
        let line = head.lines().find(|line| line.to_lowercase().starts_with(&format!("{name}: ")));
        line.map(|line| line[name.len() + 2..].trim().to_owned())
    };
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    let asked = Asked { path, range: header("range"), if_range: header("if-range") };
    let before = {
        let mut seen = seen.lock().unwrap();
        let before = seen.iter().filter(|other| other.path == asked.path).count();
        seen.push(asked.clone());
        before
    };
    match handler(&asked, before) {
        Answer::Raw(bytes) => stream.write_all(&bytes).await?,
        Answer::Stall(bytes) => {
            stream.write_all(&bytes).await?;
            stream.flush().await?;
            std::future::pending::<()>().await;
        }
        Answer::Repeated(head, piece, times) => {
            stream.write_all(&head).await?;
            for _ in 0..times {
                stream.write_all(&piece).await?;
            }
        }
        Answer::Endless(bytes) => loop {
            stream.write_all(&bytes).await?;
        },
        Answer::Slow(pieces, pause) => {
            for piece in pieces {
                stream.write_all(&piece).await?;
                stream.flush().await?;
                tokio::time::sleep(pause).await;
            }
        }
    }
    stream.shutdown().await
}

pub fn head(status: &str, headers: &[(&str, String)]) -> Vec<u8> {
    let lines: Vec<String> = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let lines = lines.concat();
    format!("HTTP/1.1 {status}\r\nConnection: close\r\n{lines}\r\n").into_bytes()
}

pub fn status(status: &str) -> Answer {
    Answer::Raw(head(status, &[("Content-Length", "0".to_owned())]))
}

pub fn redirect(to: &str) -> Answer {
    Answer::Raw(head("302 Found", &[("Location", to.to_owned()), ("Content-Length", "0".to_owned())]))
}

/// A file with ranges and an entity tag, as a good server gives it. With `cut` the connection ends after so many bytes
/// of the body.
pub fn file(body: &[u8], etag: &str, asked: &Asked, cut: Option<usize>) -> Answer {
    let same = asked.if_range.as_deref().is_none_or(|given| given == etag);
    let (from, to) = if same { (asked.from(), asked.to(body.len())) } else { (0, body.len()) };
    let mut headers = vec![
        ("Content-Type", "video/mp4".to_owned()),
        ("ETag", etag.to_owned()),
        ("Accept-Ranges", "bytes".to_owned()),
        ("Content-Length", (to - from).to_string()),
    ];
    let partial = asked.range.is_some() && same;
    if partial {
        headers.push(("Content-Range", format!("bytes {from}-{}/{}", to - 1, body.len())));
    }
    let mut answer = head(if partial { "206 Partial Content" } else { "200 OK" }, &headers);
    answer.extend_from_slice(&body[from..to.min(from + cut.unwrap_or(body.len()))]);
    Answer::Raw(answer)
}

/// A file as a simple server gives it: no ranges, nothing to know it again by.
pub fn plain(body: &[u8], content_type: &str) -> Answer {
    let length = body.len().to_string();
    let mut answer = head("200 OK", &[("Content-Type", content_type.to_owned()), ("Content-Length", length)]);
    answer.extend_from_slice(body);
    Answer::Raw(answer)
}
