use heaters_domain::{Fault, Told};
use tokio_postgres::error::SqlState;

const NO_ANSWER: &str = "The database did not answer. Retry it.";

/// A query or a connection that failed.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    #[error("{operation} failed in the database")]
    Query { operation: &'static str, source: tokio_postgres::Error },
    #[error("no connection to the database could be had")]
    Connection(#[source] deadpool_postgres::PoolError),
    #[error("the database's address is not valid: {0}")]
    Address(String),
    #[error("{operation} found {what}, which is not what the schema promises")]
    Unreadable { operation: &'static str, what: String },
    #[error("the migrations failed")]
    Migration(#[source] Box<refinery::Error>),
}

impl Fault for DbError {
    fn told(&self) -> Told<'_> {
        match self {
            Self::Connection(_) => Told::transient(NO_ANSWER),
            Self::Query { source, .. } if is_transient(source) => Told::transient(NO_ANSWER),
            _ => Told::internal("The database refused what was asked of it. Tell an operator."),
        }
    }
}

impl DbError {
    /// The constraint that refused a write.
    pub fn constraint(&self) -> Option<&str> {
        match self {
            Self::Query { source, .. } => source.as_db_error()?.constraint(),
            _ => None,
        }
    }
}

/// A lost connection has no code; the rest are the server's "try again".
fn is_transient(error: &tokio_postgres::Error) -> bool {
    let Some(code) = error.code() else { return true };
    [
        SqlState::T_R_SERIALIZATION_FAILURE,
        SqlState::T_R_DEADLOCK_DETECTED,
        SqlState::ADMIN_SHUTDOWN,
        SqlState::CRASH_SHUTDOWN,
        SqlState::CANNOT_CONNECT_NOW,
        SqlState::TOO_MANY_CONNECTIONS,
        SqlState::LOCK_NOT_AVAILABLE,
    ]
    .contains(code)
        || code.code().starts_with("08")
}
