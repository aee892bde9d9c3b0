//! What every function shares: configuration, telemetry, scratch space and the stage runner.

pub mod config;
mod egress;
mod failure;
mod process;
mod runner;
mod scratch;
mod services;
pub mod telemetry;

pub use config::{Config, ConfigError};
pub use egress::{EgressError, reach};
pub use failure::failure_of;
pub use process::make_non_dumpable;
pub use runner::{Stopwatch, diagnostic, run_stage, serve};
pub use scratch::{Room, Scratch, ScratchError};
pub use services::Services;
