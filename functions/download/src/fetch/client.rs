use super::FetchError;
use crate::guard::{DialError, Guard, Guarded};
use bytes::Bytes;
use heaters_domain::egress::check_url;
use http_body_util::{BodyExt, Empty};
use hyper::{
    HeaderMap, Request, Response, StatusCode, Uri,
    body::Incoming,
    header::{self, HeaderName, HeaderValue},
};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy,
    rt::{TokioExecutor, TokioIo},
};
use std::{
    collections::BTreeMap,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::{Duration, SystemTime},
};
use url::Url;

/// Headers that are ours to set, or that would carry something that is not for the site.
const OURS: [HeaderName; 8] = [
    header::HOST,
    header::RANGE,
    header::IF_RANGE,
    header::ACCEPT_ENCODING,
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::TRANSFER_ENCODING,
    header::AUTHORIZATION,
];

/// What of a resource is wanted.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// From which byte on, and up to which, exclusive.
    pub from: u64,
    pub to: Option<u64>,
    /// The validator of what was fetched before: bytes of another version are not wanted.
    pub if_range: Option<String>,
}

/// An answer that has begun.
#[derive(Debug)]
pub struct Opened {
    pub url: Url,
    /// The first byte's place in the resource.
    pub start: u64,
    /// The whole resource's size.
    pub total: Option<u64>,
    /// By which the version is known again: a strong entity tag, or else the time of the last change.
    pub validator: Option<String>,
    body: Incoming,
}

#[derive(Clone)]
pub struct Client {
    http: legacy::Client<HttpsConnector<Connector>, Empty<Bytes>>,
    guard: Arc<Guard>,
    max_redirects: u64,
}

/// Connections of the guard, for the HTTP library.
#[derive(Clone)]
struct Connector(Arc<Guard>);

impl tower_service::Service<Uri> for Connector {
    type Response = TokioIo<Guarded>;
    type Error = DialError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, DialError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), DialError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let guard = self.0.clone();
        Box::pin(async move {
            let host = uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
            let default = if uri.scheme_str() == Some("https") { 443 } else { 80 };
            guard.dial(host, uri.port_u16().unwrap_or(default)).await.map(TokioIo::new)
        })
    }
}

impl Client {
    /// A client whose every connection is one of the guard. It trusts the system's certificates, and an extra one in
    /// tests.
    pub fn new(guard: Arc<Guard>, max_redirects: u64, extra_root: Option<&[u8]>) -> Result<Self, rustls::Error> {
        let mut roots = rustls::RootCertStore::empty();
        for certificate in rustls_native_certs::load_native_certs().certs {
            // One that can't be read is one that is not trusted.
            let _ = roots.add(certificate);
        }
        if let Some(certificate) = extra_root {
            roots.add(certificate.to_vec().into())?;
        }
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let tls = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http()
            .enable_http1()
            .wrap_connector(Connector(guard.clone()));
        let http = legacy::Client::builder(TokioExecutor::new()).build(connector);
        Ok(Self { http, guard, max_redirects })
    }

    /// Asks for a resource, and follows redirects. Every hop is checked by its URL here and by its address where it
    /// is connected to.
    pub async fn open(
        &self,
        url: &Url,
        headers: &BTreeMap<String, String>,
        wanted: &Wanted,
    ) -> Result<Opened, FetchError> {
        let mut at = self.check(url.as_str())?;
        let mut headers = own_headers(headers, wanted);
        for _ in 0..=self.max_redirects {
            let response = self.ask(&at, &headers).await?;
            let status = response.status();
            if !status.is_redirection() {
                return opened(at, wanted, response);
            }
            let location = response.headers().get(header::LOCATION).and_then(|to| to.to_str().ok());
            let next = location.and_then(|to| at.join(to).ok()).ok_or_else(|| status_error(&at, &response))?;
            let next = self.check(next.as_str())?;
            if next.origin() != at.origin() {
                headers.remove(header::COOKIE);
            }
            at = next;
        }
        Err(FetchError::Redirects { url: url.to_string(), most: self.max_redirects })
    }

    /// A whole small resource.
    pub async fn read(
        &self,
        url: &Url,
        headers: &BTreeMap<String, String>,
        wanted: &Wanted,
        most: u64,
    ) -> Result<(Url, Vec<u8>), FetchError> {
        let mut opened = self.open(url, headers, wanted).await?;
        let mut body = Vec::new();
        while let Some(piece) = opened.next().await? {
            body.extend_from_slice(&piece);
            if body.len() as u64 > most {
                return Err(FetchError::TooLarge { url: opened.url.into(), most });
            }
        }
        Ok((opened.url, body))
    }

    /// The URL, unless it is one that nothing is fetched from.
    pub fn check(&self, url: &str) -> Result<Url, FetchError> {
        check_url(url, self.guard.reach()).map_err(|refusal| FetchError::Refused(refusal.to_string()))
    }

    async fn ask(&self, url: &Url, headers: &HeaderMap) -> Result<Response<Incoming>, FetchError> {
        let unusable = |_| FetchError::Refused(format!("{url} is not a web address."));
        let mut request = Request::get(url.as_str()).body(Empty::new()).map_err(unusable)?;
        *request.headers_mut() = headers.clone();
        let host = url.host_str().unwrap_or_default();
        self.http.request(request).await.map_err(|error| FetchError::of_request(host, url.as_str(), error))
    }
}

fn own_headers(given: &BTreeMap<String, String>, wanted: &Wanted) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in given {
        let pair = (name.parse::<HeaderName>(), HeaderValue::from_str(value));
        if let (Ok(name), Ok(value)) = pair
            && !OURS.contains(&name)
        {
            headers.insert(name, value);
        }
    }
    headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    if wanted.from > 0 || wanted.to.is_some() {
        let to = wanted.to.map(|to| (to - 1).to_string()).unwrap_or_default();
        if let Ok(range) = HeaderValue::from_str(&format!("bytes={}-{to}", wanted.from)) {
            headers.insert(header::RANGE, range);
        }
    }
    if let Some(Ok(validator)) = wanted.if_range.as_deref().map(HeaderValue::from_str) {
        headers.insert(header::IF_RANGE, validator);
    }
    headers
}

fn opened(url: Url, wanted: &Wanted, response: Response<Incoming>) -> Result<Opened, FetchError> {
    let headers = response.headers();
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let strong = text(header::ETAG).filter(|tag| !tag.starts_with("W/"));
    let validator = strong.or_else(|| text(header::LAST_MODIFIED)).map(str::to_owned);
    let (start, total) = match response.status() {
        StatusCode::OK => (0, text(header::CONTENT_LENGTH).and_then(|length| length.parse().ok())),
        StatusCode::PARTIAL_CONTENT => match text(header::CONTENT_RANGE).and_then(content_range) {
            Some((start, total)) if start == wanted.from => (start, total),
            _ => return Err(FetchError::Changed { url: url.into() }),
        },
        // Nothing follows what is there already.
        StatusCode::RANGE_NOT_SATISFIABLE if wanted.from > 0 => return Err(FetchError::Changed { url: url.into() }),
        _ => return Err(status_error(&url, &response)),
    };
    Ok(Opened { url, start, total, validator, body: response.into_body() })
}

/// The first byte and the whole size of `bytes 0-1/2`.
fn content_range(text: &str) -> Option<(u64, Option<u64>)> {
    let (range, total) = text.strip_prefix("bytes ")?.split_once('/')?;
    Some((range.split_once('-')?.0.trim().parse().ok()?, total.trim().parse().ok()))
}

fn status_error(url: &Url, response: &Response<Incoming>) -> FetchError {
    let after = response.headers().get(header::RETRY_AFTER).and_then(|after| after.to_str().ok());
    FetchError::Status {
        status: response.status().as_u16(),
        url: url.to_string(),
        retry_after: after.and_then(|after| retry_after(after, SystemTime::now())),
    }
}

/// Seconds, or a date.
fn retry_after(text: &str, now: SystemTime) -> Option<Duration> {
    let by_seconds = text.trim().parse().ok().map(Duration::from_secs);
    by_seconds.or_else(|| Some(httpdate::parse_http_date(text).ok()?.duration_since(now).unwrap_or_default()))
}

impl Opened {
    /// The next bytes; `None` at the end. An answer that ends before the length it names is an error.
    pub async fn next(&mut self) -> Result<Option<Bytes>, FetchError> {
        loop {
            match self.body.frame().await {
                None => return Ok(None),
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) if data.is_empty() => {}
                    Ok(data) => return Ok(Some(data)),
                    Err(_) => {}
                },
                Some(Err(source)) => return Err(FetchError::Body { url: self.url.to_string(), source }),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_and_pauses_are_read_as_servers_write_them() {
        assert_eq!(content_range("bytes 5-9/20"), Some((5, Some(20))));
        assert_eq!(content_range("bytes 5-9/*"), Some((5, None)));
        assert_eq!(content_range("5-9/20"), None);
        assert_eq!(retry_after("120", SystemTime::UNIX_EPOCH), Some(Duration::from_mins(2)));
        let date = "Thu, 01 Jan 1970 00:00:30 GMT";
        assert_eq!(retry_after(date, SystemTime::UNIX_EPOCH), Some(Duration::from_secs(30)));
        assert_eq!(retry_after(date, SystemTime::now()), Some(Duration::ZERO));
        assert_eq!(retry_after("soon", SystemTime::now()), None);
    }

    #[test]
    fn a_sites_headers_are_sent_but_not_those_that_are_ours() {
        let given =
            [("User-Agent", "x"), ("Referer", "y"), ("Host", "inside"), ("Authorization", "z"), ("bad name", "q")];
        let given = given.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let wanted = Wanted { from: 5, to: Some(9), if_range: Some("\"a\"".to_owned()) };
        let headers = own_headers(&given, &wanted);
        assert_eq!(headers["range"], "bytes=5-8");
        assert_eq!(
            (headers.len(), &headers["referer"], &headers["if-range"]),
            (5, &"y".parse().unwrap(), &"\"a\"".parse().unwrap())
        );
    }
}
