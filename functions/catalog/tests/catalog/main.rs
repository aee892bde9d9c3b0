//! The catalog from the outside: requests in, rows and verdicts out, with a real database.

mod common;
mod ingest;
mod publish;
mod urls;
