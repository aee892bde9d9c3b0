use std::time::Duration;
use tokio::time::Instant;

/// What may go through a guard.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// The most bytes received.
    pub bytes: u64,
    pub connections: u64,
    /// How long the other side may say nothing.
    pub idle: Duration,
    /// When everything ends.
    pub until: Instant,
}
