//! PostgreSQL with pgvector: typed rows and queries, one module a concern. What belongs into one
//! transaction is put together by the functions.
//!
//! Whoever locks more than one row locks the video's first and its clips' after.

pub mod claims;
pub mod clips;
mod database;
mod error;
pub mod library;
pub mod migrations;
pub mod outbox;
pub mod playback;
pub mod publications;
mod query;
pub mod queue;
pub mod reports;
pub mod review;
pub mod search;
#[cfg(feature = "testing")]
pub mod testing;
pub mod timeline;
pub mod urls;
pub mod videos;

pub use database::{Database, Session, Work, begin, begin_reading, commit};
pub use deadpool_postgres::GenericClient;
pub use error::DbError;
