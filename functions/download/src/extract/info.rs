//! yt-dlp's description of what it found, as far as it matters.

use crate::error::DownloadError;
use heaters_domain::{
    contract::SourceRole,
    download::{DownloadFacts, DownloadSettings},
    title,
};
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;
use time::{OffsetDateTime, macros::format_description};

/// What a URL leads to.
#[derive(Debug, Clone, PartialEq)]
pub enum Found {
    Video(Box<Chosen>),
    Playlist { urls: Vec<String> },
}

/// A video, and the tracks to fetch.
#[derive(Debug, Clone, PartialEq)]
pub struct Chosen {
    pub facts: DownloadFacts,
    /// What the site says of all tracks together, roughly.
    pub bytes: Option<u64>,
    pub tracks: Vec<(SourceRole, TrackFormat)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    Plain,
    Hls,
    /// Segments that yt-dlp has listed.
    Dash,
}

/// A track as yt-dlp describes it.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct TrackFormat {
    pub url: Option<String>,
    #[serde(deserialize_with = "or_default")]
    pub format_id: String,
    #[serde(deserialize_with = "or_default")]
    pub protocol: String,
    #[serde(deserialize_with = "or_default")]
    pub ext: String,
    pub vcodec: Option<String>,
    pub acodec: Option<String>,
    pub width: Option<f64>,
    pub height: Option<f64>,
    pub filesize: Option<f64>,
    pub filesize_approx: Option<f64>,
    #[serde(deserialize_with = "or_default")]
    pub http_headers: BTreeMap<String, String>,
    pub fragments: Option<Vec<Fragment>>,
    pub fragment_base_url: Option<String>,
    #[serde(deserialize_with = "or_default")]
    pub downloader_options: DownloaderOptions,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Fragment {
    pub url: Option<String>,
    pub path: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct DownloaderOptions {
    /// Sites that slow down larger requests say so.
    pub http_chunk_size: Option<u64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Info {
    #[serde(rename = "_type")]
    kind: Option<String>,
    #[serde(deserialize_with = "or_default")]
    entries: Vec<Option<Entry>>,
    title: Option<String>,
    extractor_key: Option<String>,
    webpage_url_domain: Option<String>,
    timestamp: Option<f64>,
    upload_date: Option<String>,
    duration: Option<f64>,
    live_status: Option<String>,
    is_live: Option<bool>,
    requested_formats: Option<Vec<TrackFormat>>,
    /// Where there is one track only, it is described beside the video.
    #[serde(flatten)]
    only: TrackFormat,
}

#[derive(Debug, Deserialize)]
struct Entry {
    url: Option<String>,
    webpage_url: Option<String>,
}

/// yt-dlp writes `null` for much that it does not know.
fn or_default<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(from: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or_default())
}

/// Reads what `--dump-single-json` wrote.
pub(super) fn read(json: &[u8]) -> Result<Found, DownloadError> {
    let info: Info = serde_json::from_slice(json).map_err(DownloadError::Description)?;
    if info.kind.as_deref().is_some_and(|kind| kind != "video") {
        let address = |entry: Entry| entry.url.or(entry.webpage_url);
        let urls = info.entries.into_iter().flatten().filter_map(address).collect();
        return Ok(Found::Playlist { urls });
    }
    let live = info.is_live == Some(true)
        || matches!(info.live_status.as_deref(), Some("is_live" | "is_upcoming" | "post_live"));
    if live {
        return Err(DownloadError::Live);
    }
    let facts = DownloadFacts {
        title: info.title.as_deref().map(title::tidy).filter(|title| !title.is_empty()),
        site: site(&info),
        published_at: published(&info),
        duration_seconds: info.duration,
        format: String::new(),
    };
    let formats = match info.requested_formats {
        Some(formats) if !formats.is_empty() => formats,
        _ => vec![info.only],
    };
    choose(facts, formats)
}

/// What the generic extractor finds is of its host, and not of a site that yt-dlp knows.
fn site(info: &Info) -> String {
    let known = info.extractor_key.as_ref().filter(|key| !key.eq_ignore_ascii_case("generic"));
    let domain = info.webpage_url_domain.as_deref().unwrap_or("web");
    let host = domain.rsplit_once(':').map_or(domain, |(host, _)| host);
    known.map_or_else(|| host.to_owned(), |key| key.to_lowercase())
}

fn published(info: &Info) -> Option<OffsetDateTime> {
    let by_time = info.timestamp.and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds as i64).ok());
    by_time.or_else(|| {
        let date = time::Date::parse(info.upload_date.as_deref()?, format_description!("[year][month][day]")).ok()?;
        Some(date.midnight().assume_utc())
    })
}

fn choose(mut facts: DownloadFacts, formats: Vec<TrackFormat>) -> Result<Found, DownloadError> {
    let apart = formats.len() > 1;
    let tracks: Vec<(SourceRole, TrackFormat)> =
        formats.into_iter().map(|format| (format.role(apart), format)).collect();
    let is = |wanted: SourceRole| tracks.iter().filter(|(role, _)| *role == wanted).count();
    if apart && (is(SourceRole::Picture), is(SourceRole::Sound), tracks.len()) != (1, 1, 2) {
        return Err(DownloadError::Formats(format!("{} tracks", tracks.len())));
    }
    for (_, format) in &tracks {
        format.protocol()?;
    }
    facts.format = tracks.iter().map(|(_, format)| format.describe()).collect::<Vec<_>>().join(" + ");
    let sizes: Option<Vec<f64>> = tracks.iter().map(|(_, track)| track.filesize.or(track.filesize_approx)).collect();
    let bytes = sizes.map(|sizes| sizes.iter().sum::<f64>() as u64);
    Ok(Found::Video(Box::new(Chosen { facts, bytes, tracks })))
}

impl Chosen {
    /// What can be refused before anything is fetched.
    pub fn check(&self, settings: &DownloadSettings) -> Result<(), DownloadError> {
        if let Some(seconds) = self.facts.duration_seconds
            && seconds > settings.max_duration_seconds as f64
        {
            return Err(DownloadError::TooLongVideo {
                minutes: seconds / 60.0,
                most: settings.max_duration_seconds / 60,
            });
        }
        match self.bytes {
            Some(bytes) if bytes > settings.max_bytes => Err(DownloadError::TooLarge { most: settings.max_bytes }),
            _ => Ok(()),
        }
    }
}

impl TrackFormat {
    fn role(&self, apart: bool) -> SourceRole {
        let none = |codec: &Option<String>| codec.as_deref() == Some("none");
        match (apart, none(&self.vcodec), none(&self.acodec)) {
            (true, true, _) => SourceRole::Sound,
            (true, false, _) => SourceRole::Picture,
            (false, ..) => SourceRole::Both,
        }
    }

    pub fn protocol(&self) -> Result<Protocol, DownloadError> {
        match self.protocol.as_str() {
            "m3u8" | "m3u8_native" => Ok(Protocol::Hls),
            "http_dash_segments" if self.fragments.is_some() => Ok(Protocol::Dash),
            "http" | "https" | "http_dash_segments" => Ok(Protocol::Plain),
            other => Err(DownloadError::Formats(other.to_owned())),
        }
    }

    fn describe(&self) -> String {
        let codec = |codec: &Option<String>| codec.clone().filter(|codec| codec != "none");
        let size = self.width.zip(self.height).map(|(width, height)| format!("{width}x{height}"));
        let parts: Vec<String> =
            [size, codec(&self.vcodec), codec(&self.acodec), Some(self.ext.clone())].into_iter().flatten().collect();
        format!("{} ({})", self.format_id, parts.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn found(info: &Value) -> Result<Found, DownloadError> {
        read(info.to_string().as_bytes())
    }

    fn video(info: &Value) -> Chosen {
        match found(info).unwrap() {
            Found::Video(chosen) => *chosen,
            Found::Playlist { .. } => panic!("a playlist"),
        }
    }

    #[test]
    fn picture_and_sound_stay_apart() {
        let chosen = video(&json!({
            "title": "A film\u{202e}\n of two lines", "extractor_key": "Youtube", "timestamp": 1_700_000_000, "duration": 60.0,
            "requested_formats": [
                { "url": "https://a/v", "format_id": "313", "protocol": "https", "ext": "webm", "vcodec": "vp9",
                  "acodec": "none", "width": 3840, "height": 2160, "filesize": 1000 },
                { "url": "https://a/a", "format_id": "251", "protocol": "https", "ext": "webm", "vcodec": "none",
                  "acodec": "opus", "filesize_approx": 24 },
            ],
        }));
        assert_eq!(
            chosen.tracks.iter().map(|(role, _)| *role).collect::<Vec<_>>(),
            [SourceRole::Picture, SourceRole::Sound]
        );
        assert_eq!(chosen.facts.title.as_deref(), Some("A film of two lines"));
        assert_eq!((chosen.bytes, chosen.facts.site.as_str()), (Some(1024), "youtube"));
        assert_eq!(chosen.facts.format, "313 (3840x2160 vp9 webm) + 251 (opus webm)");
        assert_eq!(chosen.facts.published_at.unwrap().unix_timestamp(), 1_700_000_000);
    }

    #[test]
    fn one_track_holds_both_and_a_date_is_enough() {
        let chosen = video(&json!({
            "title": " ", "extractor_key": "Generic", "webpage_url_domain": "example.org:8080", "upload_date": "20240229",
            "url": "https://a/v.mp4", "format_id": "0", "protocol": "https", "ext": "mp4", "http_headers": {"Referer": "x"}, "downloader_options": null, "entries": null,
        }));
        assert_eq!(chosen.tracks[0].0, SourceRole::Both);
        assert_eq!((chosen.facts.title, chosen.facts.site.as_str()), (None, "example.org"));
        assert_eq!(chosen.facts.published_at.unwrap().to_string(), "2024-02-29 0:00:00.0 +00:00:00");
        assert_eq!(chosen.tracks[0].1.http_headers["Referer"], "x");
    }

    #[test]
    fn playlists_live_streams_and_odd_protocols_are_told_apart() {
        let list = json!({ "_type": "playlist", "entries": [{ "url": "https://a/1" }, null, { "webpage_url": "https://a/2" }] });
        let urls = vec!["https://a/1".to_owned(), "https://a/2".to_owned()];
        assert_eq!(found(&list).unwrap(), Found::Playlist { urls });
        let live = json!({ "is_live": true, "url": "https://a/l.m3u8", "protocol": "m3u8_native" });
        assert!(matches!(found(&live), Err(DownloadError::Live)));
        for protocol in ["rtmp", "mms", "ism", "f4m", "file", "websocket_frag", ""] {
            let odd = found(&json!({ "url": "x://a", "protocol": protocol }));
            assert!(matches!(odd, Err(DownloadError::Formats(_))), "{protocol}");
        }
    }

    #[test]
    fn caps_are_known_before_anything_is_fetched() {
        let settings = DownloadSettings { max_bytes: 999, max_duration_seconds: 59, ..DownloadSettings::default() };
        let of = |extra: Value| {
            let mut info = json!({ "url": "https://a/v", "protocol": "https" });
            info.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
            video(&info).check(&settings)
        };
        assert!(of(json!({ "duration": 59.0, "filesize": 999 })).is_ok());
        assert!(matches!(of(json!({ "duration": 60.0 })), Err(DownloadError::TooLongVideo { .. })));
        assert!(matches!(of(json!({ "filesize_approx": 1000 })), Err(DownloadError::TooLarge { .. })));
    }
}
