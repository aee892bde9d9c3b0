//! The function's configuration.

use heaters_domain::{
    download::{DownloadSettings, DownloadSettingsError},
    egress::Reach,
};
use heaters_runtime::{Config, EgressError, reach};
use std::{path::PathBuf, time::Duration};

/// Where yt-dlp is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct YtDlp {
    pub python: PathBuf,
    /// A folder or wheel with the package, where Python doesn't find it by itself.
    pub packages: Option<PathBuf>,
}

/// What does not change between invocations.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    pub download: DownloadSettings,
    pub reach: Reach,
    pub yt_dlp: YtDlp,
    pub scratch_root: PathBuf,
    /// How long an invocation works before it leaves the rest to the next one; below Lambda's limit of 15 minutes.
    pub invocation: Duration,
    /// The pause before the first try after a fault. Each further one is twice as long.
    pub first_pause: Duration,
    /// A certificate that is trusted beside the system's: for servers of tests.
    pub extra_root: Option<Vec<u8>>,
}

#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    #[error(transparent)]
    Egress(#[from] EgressError),
    #[error("DOWNLOAD_SETTINGS: {0}")]
    Download(#[from] DownloadSettingsError),
}

impl Settings {
    /// Refuses at the start what could lower the quality or open a way inside.
    pub fn from_config(config: &Config) -> Result<Self, SettingsError> {
        let download = match config.get("DOWNLOAD_SETTINGS") {
            Some(json) => DownloadSettings::read(json)?,
            None => DownloadSettings::default(),
        };
        Ok(Self {
            download,
            reach: reach(config)?,
            yt_dlp: YtDlp {
                python: config.get("PYTHON").unwrap_or("/usr/bin/python3").into(),
                packages: config.get("YT_DLP").map(PathBuf::from),
            },
            scratch_root: config.scratch_root(),
            invocation: Duration::from_mins(12),
            first_pause: Duration::from_millis(500),
            extra_root: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lowers_quality_or_opens_a_way_inside_is_refused_at_the_start() {
        let start = |pairs: [(&str, &str); 1]| Settings::from_config(&Config::from_pairs(pairs));
        let lower = start([("DOWNLOAD_SETTINGS", r#"{"format":"bv*[height<=720]+ba"}"#)]).unwrap_err().to_string();
        assert!(lower.contains("less than the best quality"), "{lower}");
        let inside = start([("GUARD_ALLOW_LOOPBACK_FOR_TESTS", "1")]).unwrap_err().to_string();
        assert!(inside.contains("for tests alone"), "{inside}");
        assert!(start([("LANG", "C")]).is_ok());
    }
}
