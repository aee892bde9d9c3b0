//! Logs: one JSON object a line, which CloudWatch and the local emulator keep.

use tracing_subscriber::EnvFilter;

/// Starts logging. The level comes from `AWS_LAMBDA_LOG_LEVEL`, else it is `info`.
pub fn start(config: &crate::Config) {
    let level = config.get("AWS_LAMBDA_LOG_LEVEL").unwrap_or("info");
    let filter = EnvFilter::try_new(level).unwrap_or_else(|_| EnvFilter::new("info"));
    // A second start in one process (tests) keeps the first.
    let _ = tracing_subscriber::fmt().json().flatten_event(true).with_env_filter(filter).with_ansi(false).try_init();
}
