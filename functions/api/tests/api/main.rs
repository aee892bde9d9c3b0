//! The API from the outside: requests in, JSON out, with a real database.

mod auth;
mod common;
mod library;
mod openapi;
mod review;
mod search;
