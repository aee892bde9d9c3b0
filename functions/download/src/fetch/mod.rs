//! HTTP through the guard: one request with its redirects, and what its faults mean.

mod client;
mod error;
mod tries;

pub use client::{Client, Opened, Wanted};
pub use error::FetchError;
pub use tries::Tries;
