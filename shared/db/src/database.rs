use crate::DbError;
use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, RecyclingMethod, Runtime, Timeouts, Transaction};
use std::time::Duration;
use tokio_postgres::{Config, IsolationLevel, NoTls};

/// How long a function waits for a connection before it reports a transient failure.
const WAIT: Duration = Duration::from_secs(10);

/// A pool of connections. Each instance of a function has its own, which is small.
#[derive(Debug, Clone)]
pub struct Database {
    pool: Pool,
}

/// One connection of the pool.
pub type Session = Object;

/// A transaction; it is rolled back unless it is committed.
pub type Work<'a> = Transaction<'a>;

impl Database {
    /// Takes a `postgresql://` address. Connects when first used.
    pub fn new(url: &str) -> Result<Self, DbError> {
        let mut config: Config = url.parse().map_err(|error| DbError::Address(format!("{error}")))?;
        config.connect_timeout(WAIT).application_name("heaters");
        Self::from_config(config)
    }

    pub(crate) fn from_config(config: Config) -> Result<Self, DbError> {
        // A connection may have died while the function was frozen: it is tried before it is used.
        let manager =
            Manager::from_config(config, NoTls, ManagerConfig { recycling_method: RecyclingMethod::Verified });
        let timeouts = Timeouts { wait: Some(WAIT), create: Some(WAIT), recycle: Some(WAIT) };
        Pool::builder(manager)
            .max_size(4)
            .runtime(Runtime::Tokio1)
            .timeouts(timeouts)
            .build()
            .map(|pool| Self { pool })
            .map_err(|error| DbError::Address(error.to_string()))
    }

    pub async fn session(&self) -> Result<Session, DbError> {
        self.pool.get().await.map_err(DbError::Connection)
    }

    /// Ends all connections.
    #[cfg(feature = "testing")]
    pub(crate) fn close(&self) {
        self.pool.close();
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> bool {
        match self.session().await {
            Ok(session) => session.simple_query("SELECT 1").await.is_ok(),
            Err(_) => false,
        }
    }
}

/// Begins a transaction.
pub async fn begin(session: &mut Session) -> Result<Work<'_>, DbError> {
    session.transaction().await.map_err(|source| DbError::Query { operation: "begin", source })
}

/// Begins a transaction that only reads, and sees nothing of what others commit meanwhile.
pub async fn begin_reading(session: &mut Session) -> Result<Work<'_>, DbError> {
    let transaction = session.build_transaction().isolation_level(IsolationLevel::RepeatableRead).read_only(true);
    transaction.start().await.map_err(|source| DbError::Query { operation: "begin", source })
}

/// Commits it: here the deferred tiling check speaks.
pub async fn commit(work: Work<'_>) -> Result<(), DbError> {
    work.commit().await.map_err(|source| DbError::Query { operation: "commit", source })
}
