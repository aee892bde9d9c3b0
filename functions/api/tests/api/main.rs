//! The API from the outside: requests in, JSON out, with a real database.

mod activity;
mod auth;
mod claims;
mod common;
mod edits;
mod history;
mod latency;
mod library;
mod openapi;
mod queue;
mod rebuild;
mod retry;
mod review;
mod search;
mod urls;
