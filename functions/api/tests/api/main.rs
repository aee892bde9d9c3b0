//! The API from the outside: requests in, JSON out, with a real database.

mod auth;
mod common;
mod openapi;
mod review;
mod search;
mod urls;
