//! The download of a source from its URL: its settings, and what goes into and comes out of the stage.

use crate::contract::SourceObject;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

/// The tracks go to storage in parts of this size, each of which is in memory for a while.
pub const PART_BYTES: u64 = 8 << 20;
/// S3 takes as many parts.
const MOST_PARTS: u64 = 10_000;

/// A setting of the download that can't be used, as a sentence for people.
#[derive(Debug, thiserror::Error)]
pub enum DownloadSettingsError {
    #[error("The download settings can't be read: {0}.")]
    Json(#[from] serde_json::Error),
    #[error(
        "The format policy {policy:?} could choose less than the best quality: {reason}. It begins with bv*+ba, and goes \
         on with any of {}.",
        FALLBACKS.join(", ")
    )]
    Format { policy: String, reason: String },
    #[error("The download setting {name} can be {min} to {max}, not {value}.")]
    Bounds { name: &'static str, min: u64, max: u64, value: u64 },
}

/// The best picture and the best sound, together or apart.
const BEST: &str = "bv*+ba";
/// What may follow it. None of these leaves anything better aside than what is not there.
const FALLBACKS: [&str; 5] = ["b", "b[ext=mp4]", "bv*", "best", "best[ext=mp4]"];

/// How sources are fetched, and what is too much.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DownloadSettings {
    /// yt-dlp's format selection.
    pub format: String,
    /// The most bytes of one video.
    pub max_bytes: u64,
    pub max_duration_seconds: u64,
    /// The most time that one video may take, over all invocations of the function.
    pub max_minutes: u64,
    /// How many redirects are followed for one address.
    pub max_redirects: u64,
    /// How many videos of a playlist are taken.
    pub max_playlist: u64,
    /// How often one track is tried again after faults that may pass.
    pub max_tries: u64,
    /// How long a server may say nothing.
    pub stall_seconds: u64,
}

impl Default for DownloadSettings {
    fn default() -> Self {
        Self {
            format: "bv*+ba/b/b[ext=mp4]/bv*".to_owned(),
            max_bytes: PART_BYTES * MOST_PARTS,
            max_duration_seconds: 12 * 3600,
            max_minutes: 6 * 60,
            max_redirects: 10,
            max_playlist: 50,
            max_tries: 8,
            stall_seconds: 30,
        }
    }
}

impl DownloadSettings {
    /// Reads settings from configuration: JSON of those that differ from the defaults.
    pub fn read(json: &str) -> Result<Self, DownloadSettingsError> {
        let settings: Self = serde_json::from_str(json)?;
        settings.check()?;
        Ok(settings)
    }

    fn check(&self) -> Result<(), DownloadSettingsError> {
        self.check_format()?;
        let bounds = [
            ("max_bytes", self.max_bytes, 1, PART_BYTES * MOST_PARTS),
            ("max_duration_seconds", self.max_duration_seconds, 1, 7 * 24 * 3600),
            ("max_minutes", self.max_minutes, 1, 22 * 60),
            ("max_redirects", self.max_redirects, 0, 20),
            ("max_playlist", self.max_playlist, 1, 1000),
            ("max_tries", self.max_tries, 1, 20),
            ("stall_seconds", self.stall_seconds, 1, 120),
        ];
        match bounds.into_iter().find(|(_, value, min, max)| !(min..=max).contains(&value)) {
            Some((name, value, min, max)) => Err(DownloadSettingsError::Bounds { name, min, max, value }),
            None => Ok(()),
        }
    }

    fn check_format(&self) -> Result<(), DownloadSettingsError> {
        let refused = |reason: String| DownloadSettingsError::Format { policy: self.format.clone(), reason };
        let mut alternatives = self.format.split('/');
        match alternatives.next() {
            Some(BEST) => {}
            first => return Err(refused(format!("{:?} comes first", first.unwrap_or_default()))),
        }
        match alternatives.find(|alternative| !FALLBACKS.contains(alternative)) {
            Some(other) => Err(refused(format!("{other:?} is not one of the best"))),
            None => Ok(()),
        }
    }
}

/// Where a video that was not uploaded comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UrlOrigin {
    pub url: String,
    /// It was found in a playlist, so that it is not one itself.
    #[serde(default)]
    pub in_playlist: bool,
}

/// What a site says about a video.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct DownloadFacts {
    pub title: Option<String>,
    /// The site's name, such as `youtube`, or the host's.
    pub site: String,
    #[serde(default, with = "time::serde::rfc3339::option")]
    pub published_at: Option<OffsetDateTime>,
    pub duration_seconds: Option<f64>,
    /// What was chosen, such as `299+140: 1920x1080 avc1 + mp4a`.
    pub format: String,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct DownloadOutput {
    /// Whether all is there. If not, the function has to be called again and goes on where it stopped.
    pub complete: bool,
    pub sources: Vec<SourceObject>,
    #[serde(default)]
    pub facts: DownloadFacts,
    /// SHA-256 over the SHA-256s of all parts of all objects, in hexadecimal: equal bytes have an equal one.
    #[serde(default)]
    pub digest: Option<String>,
    /// The other videos of the playlist whose first this is.
    #[serde(default)]
    pub playlist: Vec<String>,
    /// Whether the playlist has more than are taken.
    #[serde(default)]
    pub playlist_cut: bool,
}

/// How far a running download is, written about once a second.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DownloadProgress {
    pub bytes_done: u64,
    /// `null` where the server does not say.
    #[schema(required = true)]
    pub bytes_total: Option<u64>,
    /// 0..100; by the share of segments where the number of bytes is not known.
    #[schema(required = true)]
    pub percent: Option<f64>,
    pub bytes_per_second: u64,
    /// How often it was tried again after a fault, and how often it may be.
    pub tries: u32,
    pub max_tries: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sentence(json: &str) -> String {
        DownloadSettings::read(json).map_or_else(|error| error.to_string(), |_| String::new())
    }

    #[test]
    fn the_best_comes_first_whatever_follows() {
        assert_eq!(sentence("{}"), "");
        assert_eq!(sentence(r#"{"format":"bv*+ba/b/b[ext=mp4]/bv*"}"#), "");
        assert_eq!(sentence(r#"{"format":"bv*+ba"}"#), "");
    }

    #[test]
    fn what_could_lower_the_quality_is_refused_with_a_sentence() {
        for policy in [
            "",
            "b",
            "w",
            "wv+ba",
            "best",
            "bv*+ba/w",
            "bv*[height<=720]+ba/b",
            "bv*+ba/b[height<=1080]",
            "bv*+ba[abr<100]",
            "18",
            "bv*+ba/18",
            "mp4",
            "bv+wa",
            "(bv*+ba)",
            "bv*+ba/",
            "bv*+ba,w",
        ] {
            let said = sentence(&serde_json::json!({ "format": policy }).to_string());
            assert!(said.contains("less than the best quality") && said.ends_with('.'), "{policy}: {said}");
        }
    }

    #[test]
    fn caps_have_bounds() {
        assert_eq!(sentence(r#"{"max_playlist":0}"#), "The download setting max_playlist can be 1 to 1000, not 0.");
        assert!(sentence(r#"{"max_bytes":99999999999999}"#).contains("max_bytes"));
        assert!(sentence(r#"{"formats":"b"}"#).starts_with("The download settings can't be read: unknown field"));
    }
}
