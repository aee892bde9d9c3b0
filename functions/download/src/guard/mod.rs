//! The one way out. Whoever wants a connection asks here by name; the guard resolves the name, checks every address
//! it has, and connects to one that it has checked. Each connection is checked anew, so that neither a redirect nor a
//! name that changes its answer leads inside. What comes through is counted and timed.

mod limits;
mod line;
mod resolve;
mod stream;

pub use limits::Limits;
pub use line::Line;
pub use resolve::{Resolve, SystemResolver};
pub use stream::Guarded;
pub(crate) use stream::{TOO_LONG, TOO_MUCH};

use heaters_domain::egress::Reach;
use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{net::TcpStream, time::timeout};
use url::Host;

const CONNECT_WITHIN: Duration = Duration::from_secs(10);

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub enum DialError {
    /// It would lead where nothing is fetched from. A sentence.
    #[error("{0}")]
    Refused(String),
    #[error("{0} is not the name of a host")]
    NoHost(String),
    #[error("{host} could not be found")]
    Unknown { host: String, source: io::Error },
    #[error("{host} could not be connected to")]
    Unreachable { host: String, source: io::Error },
}

/// What has gone through a guard so far.
#[derive(Debug, Default)]
pub struct Used {
    bytes: AtomicU64,
    connections: AtomicU64,
}

pub struct Guard {
    reach: Reach,
    resolver: Arc<dyn Resolve>,
    limits: Limits,
    used: Arc<Used>,
    refusals: Mutex<Vec<String>>,
}

impl Guard {
    pub fn new(reach: Reach, resolver: Arc<dyn Resolve>, limits: Limits) -> Self {
        Self { reach, resolver, limits, used: Arc::default(), refusals: Mutex::default() }
    }

    pub fn reach(&self) -> &Reach {
        &self.reach
    }

    /// The bytes received so far.
    pub fn received_bytes(&self) -> u64 {
        self.used.bytes.load(Ordering::Relaxed)
    }

    /// What was refused so far, oldest first.
    pub fn refusals(&self) -> Vec<String> {
        self.refusals.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A connection to a host by name or address, in whatever spelling, unless any of its addresses is refused.
    pub async fn dial(&self, host: &str, port: u16) -> Result<Guarded, DialError> {
        let dialled = self.try_dial(host, port).await;
        if let Err(DialError::Refused(sentence)) = &dialled {
            tracing::warn!(host, port, sentence, "connection refused by the guard");
            self.refusals.lock().unwrap_or_else(PoisonError::into_inner).push(sentence.clone());
        }
        dialled
    }

    async fn try_dial(&self, host: &str, port: u16) -> Result<Guarded, DialError> {
        if self.used.connections.fetch_add(1, Ordering::Relaxed) >= self.limits.connections {
            let most = self.limits.connections;
            return Err(DialError::Refused(format!("The site wants more than {most} connections, which is the most.")));
        }
        let (name, addresses) = self.resolve(host).await?;
        for address in &addresses {
            self.reach
                .check(*address, port)
                .map_err(|reason| DialError::Refused(format!("{name} can't be fetched from: {reason}.")))?;
        }
        let connection = connect(&name, &addresses, port).await?;
        Ok(Guarded::new(connection, self.limits, self.used.clone()))
    }

    /// The host as it is to be understood, and every address it has now.
    async fn resolve(&self, host: &str) -> Result<(String, Vec<IpAddr>), DialError> {
        let parsed = match host.parse::<IpAddr>() {
            Ok(IpAddr::V4(address)) => Host::Ipv4(address),
            Ok(IpAddr::V6(address)) => Host::Ipv6(address),
            Err(_) => Host::parse(host).map_err(|_| DialError::NoHost(host.to_owned()))?,
        };
        let name = parsed.to_string();
        let addresses = match parsed {
            Host::Ipv4(address) => vec![address.into()],
            Host::Ipv6(address) => vec![address.into()],
            Host::Domain(domain) => {
                let found = timeout(CONNECT_WITHIN, self.resolver.resolve(&domain)).await;
                let found = found.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
                found.map_err(|source| DialError::Unknown { host: name.clone(), source })?
            }
        };
        Ok((name, addresses))
    }
}

/// Connects to the first address that answers; all have been checked.
async fn connect(host: &str, addresses: &[IpAddr], port: u16) -> Result<TcpStream, DialError> {
    let mut failure = io::Error::from(io::ErrorKind::AddrNotAvailable);
    for address in addresses {
        match timeout(CONNECT_WITHIN, TcpStream::connect(SocketAddr::new(*address, port))).await {
            Ok(Ok(connection)) => return Ok(connection),
            Ok(Err(error)) => failure = error,
            Err(_) => failure = io::ErrorKind::TimedOut.into(),
        }
    }
    Err(DialError::Unreachable { host: host.to_owned(), source: failure })
}
