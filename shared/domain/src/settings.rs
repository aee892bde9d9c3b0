//! Settings of an ingest, with their bounds. They come from configuration and travel with the execution.

use crate::named_enum;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// x264's presets, without `placebo`, whose cost nothing pays back.
const PRESETS: [&str; 9] =
    ["ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow"];

/// A setting outside its bounds, as a sentence for people.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SettingsError {
    #[error("The setting {name} can be {min} to {max}, not {value}.")]
    Bounds { name: &'static str, min: f64, max: f64, value: f64 },
    #[error("The setting short_side can't be more than long_side, which is {long_side}, and is {short_side}.")]
    Sides { long_side: u32, short_side: u32 },
    #[error("The setting preset can be {}, not {preset:?}.", PRESETS.join(", "))]
    Preset { preset: String },
}

/// Why settings could not be read, as a sentence for people.
#[derive(Debug, thiserror::Error)]
pub enum ReadSettingsError {
    #[error("The settings can't be read: {0}.")]
    Json(#[from] serde_json::Error),
    #[error(transparent)]
    Bounds(#[from] SettingsError),
}

fn within(name: &'static str, value: f64, min: f64, max: f64) -> Result<(), SettingsError> {
    if (min..=max).contains(&value) { Ok(()) } else { Err(SettingsError::Bounds { name, min, max, value }) }
}

/// How the review proxy is made: all-intra H.264 with AAC sound.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProxySettings {
    /// The longer side's limit in pixels.
    pub long_side: u32,
    /// The shorter side's limit in pixels.
    pub short_side: u32,
    /// x264's constant rate factor.
    pub crf: u32,
    /// x264's preset.
    pub preset: String,
    /// AAC bit rate in kbit/s, for two channels.
    pub sound_kbps: u32,
}

impl Default for ProxySettings {
    fn default() -> Self {
        Self { long_side: 1280, short_side: 720, crf: 23, preset: "veryfast".to_owned(), sound_kbps: 96 }
    }
}

impl ProxySettings {
    fn check(&self) -> Result<(), SettingsError> {
        let Self { long_side, short_side, crf, ref preset, sound_kbps } = *self;
        within("long_side", long_side.into(), 64.0, 1920.0)?;
        within("short_side", short_side.into(), 64.0, 1080.0)?;
        if short_side > long_side {
            return Err(SettingsError::Sides { long_side, short_side });
        }
        within("crf", crf.into(), 0.0, 51.0)?;
        within("sound_kbps", sound_kbps.into(), 32.0, 320.0)?;
        if PRESETS.contains(&preset.as_str()) { Ok(()) } else { Err(SettingsError::Preset { preset: preset.clone() }) }
    }
}

/// What the scene decisions depend on, apart from the scores.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SceneSettings {
    /// 0..1, higher finds more boundaries.
    pub sensitivity: f64,
    /// The shortest shot, in seconds.
    pub min_length_seconds: f64,
}

impl Default for SceneSettings {
    fn default() -> Self {
        Self { sensitivity: 0.5, min_length_seconds: 0.1 }
    }
}

impl SceneSettings {
    /// Whether they are within their bounds.
    pub fn check(&self) -> Result<(), SettingsError> {
        within("sensitivity", self.sensitivity, 0.0, 1.0)?;
        within("min_length_seconds", self.min_length_seconds, 0.0, 3600.0)
    }
}

named_enum! {
    /// What is kept for good.
    pub enum MasterMode {
        /// The original, bit for bit.
        Original => "original",
        /// The original, and a lossless FFV1 copy in Matroska.
        Ffv1 => "ffv1",
        /// Nothing is archived; the original stays where it was uploaded.
        None => "none",
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct IngestSettings {
    pub proxy: ProxySettings,
    pub scenes: SceneSettings,
    /// The aimed length of a chunk in seconds; 0 means one chunk for the whole video.
    pub chunk_seconds: u32,
    #[serde(default = "original")]
    pub master: MasterMode,
}

fn original() -> MasterMode {
    MasterMode::Original
}

impl Default for IngestSettings {
    fn default() -> Self {
        let (proxy, scenes) = (ProxySettings::default(), SceneSettings::default());
        Self { proxy, scenes, chunk_seconds: 30, master: MasterMode::Original }
    }
}

/// Counts up when the layout of the media outputs changes.
const LAYOUT: u32 = 2;

impl IngestSettings {
    /// Reads settings from configuration: JSON of all of them. The error is a sentence that names the setting.
    pub fn read(json: &str) -> Result<Self, ReadSettingsError> {
        let settings: Self = serde_json::from_str(json)?;
        settings.check()?;
        Ok(settings)
    }

    /// Whether every setting keeps its bounds.
    pub fn check(&self) -> Result<(), SettingsError> {
        self.proxy.check()?;
        self.scenes.check()?;
        within("chunk_seconds", self.chunk_seconds.into(), 0.0, 600.0)
    }

    /// A short name of all that changes the bytes of the media outputs, for their keys.
    pub fn fingerprint(&self) -> String {
        let ProxySettings { long_side, short_side, crf, preset, sound_kbps } = &self.proxy;
        let (chunk, master) = (self.chunk_seconds, self.master);
        format!("v{LAYOUT}-h264-{long_side}x{short_side}-crf{crf}-{preset}-aac{sound_kbps}-chunk{chunk}-{master}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn sentence(change: impl FnOnce(&mut serde_json::Value)) -> String {
        let mut settings = serde_json::to_value(IngestSettings::default()).unwrap();
        change(&mut settings);
        IngestSettings::read(&settings.to_string()).map_or_else(|error| error.to_string(), |_| String::new())
    }

    #[test]
    fn what_is_within_bounds_is_read() {
        assert_eq!(sentence(|_| ()), "");
        assert_eq!(
            sentence(|all| (all["proxy"]["long_side"], all["proxy"]["short_side"]) = (1920.into(), 1080.into())),
            ""
        );
        assert_eq!(sentence(|all| all["chunk_seconds"] = 0.into()), "");
    }

    #[test]
    fn what_is_beyond_them_is_refused_with_a_sentence() {
        let proxy = |name: &str, value: serde_json::Value| sentence(|all| all["proxy"][name] = value);
        assert_eq!(proxy("long_side", json!(1921)), "The setting long_side can be 64 to 1920, not 1921.");
        assert_eq!(proxy("short_side", json!(1081)), "The setting short_side can be 64 to 1080, not 1081.");
        assert_eq!(
            proxy("long_side", json!(640)),
            "The setting short_side can't be more than long_side, which is 640, and is 720."
        );
        assert_eq!(proxy("crf", json!(52)), "The setting crf can be 0 to 51, not 52.");
        assert_eq!(proxy("sound_kbps", json!(8)), "The setting sound_kbps can be 32 to 320, not 8.");
        let preset = proxy("preset", json!("fast:rc=1"));
        assert!(preset.starts_with("The setting preset can be ultrafast, ") && preset.ends_with("not \"fast:rc=1\"."));
        assert_eq!(
            sentence(|all| all["scenes"]["sensitivity"] = 1.5.into()),
            "The setting sensitivity can be 0 to 1, not 1.5."
        );
        assert_eq!(
            sentence(|all| all["chunk_seconds"] = 601.into()),
            "The setting chunk_seconds can be 0 to 600, not 601."
        );
        assert!(proxy("crf", json!("x")).starts_with("The settings can't be read: "));
    }
}
