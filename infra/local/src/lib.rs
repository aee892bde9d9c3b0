//! The local fabric, and the `heaters` command that starts it and talks to a Heaters wherever it runs.
//!
//! Local processes: PostgreSQL ([`postgres`]), the AWS emulator ([`emulator`]) and the token issuer
//! ([`issuer`]). [`deploy`] brings the SAM template into the emulator, changed by [`transform`].

pub mod access;
pub mod api;
pub mod cli;
pub mod deploy;
pub mod digest;
pub mod emulator;
pub mod fabric;
pub mod home;
pub mod ingest;
pub mod issuer;
pub mod logs;
pub mod output;
pub mod ports;
pub mod postgres;
pub mod process;
pub mod scenes;
pub mod site;
pub mod status;
pub mod transform;
