//! The download against servers of the test's own, on 127.0.0.1.

mod confined;
mod faults;
mod fixture;
mod guard;
mod large;
mod media;
mod plain;
mod resume;
mod server;
mod table;
