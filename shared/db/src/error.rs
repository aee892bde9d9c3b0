use heaters_domain::ErrorClass;
use tokio_postgres::error::SqlState;

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

impl DbError {
    pub fn class(&self) -> ErrorClass {
        match self {
            Self::Connection(_) => ErrorClass::Transient,
            Self::Query { source, .. } if is_transient(source) => ErrorClass::Transient,
            _ => ErrorClass::Internal,
        }
    }

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
