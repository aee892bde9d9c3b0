//! The one place that reads the environment. Functions are given a [`Config`] and never look themselves.

use std::{collections::HashMap, path::PathBuf, str::FromStr};

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    #[error("the setting {0} is missing from the function's environment")]
    Missing(&'static str),
    #[error("the setting {name} can't be {value:?}: {reason}")]
    Invalid { name: &'static str, value: String, reason: String },
}

/// The function's environment, read once at start-up.
#[derive(Debug, Clone, Default)]
pub struct Config {
    values: HashMap<String, String>,
}

impl Config {
    #[expect(clippy::disallowed_methods, reason = "this is the module that reads the environment")]
    pub fn from_env() -> Self {
        Self { values: std::env::vars().collect() }
    }

    pub fn from_pairs<const N: usize>(pairs: [(&str, &str); N]) -> Self {
        Self { values: pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect() }
    }

    /// A setting that may be missing; an empty one counts as missing.
    pub fn get(&self, name: &'static str) -> Option<&str> {
        self.values.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    pub fn require(&self, name: &'static str) -> Result<&str, ConfigError> {
        self.get(name).ok_or(ConfigError::Missing(name))
    }

    /// A setting that is parsed, or the default where it is missing.
    pub fn parse_or<T>(&self, name: &'static str, default: T) -> Result<T, ConfigError>
    where
        T: FromStr,
        T::Err: std::fmt::Display,
    {
        let Some(value) = self.get(name) else { return Ok(default) };
        value.parse().map_err(|error: T::Err| ConfigError::Invalid {
            name,
            value: value.to_owned(),
            reason: error.to_string(),
        })
    }

    pub fn media_bucket(&self) -> Result<&str, ConfigError> {
        self.require("MEDIA_BUCKET")
    }

    pub fn database_url(&self) -> Result<&str, ConfigError> {
        self.require("DATABASE_URL")
    }

    pub fn ffmpeg(&self) -> PathBuf {
        self.get("FFMPEG").unwrap_or("ffmpeg").into()
    }

    pub fn ffprobe(&self) -> PathBuf {
        self.get("FFPROBE").unwrap_or("ffprobe").into()
    }

    /// The folder below which every function instance makes its own for temporary files.
    pub fn scratch_root(&self) -> PathBuf {
        self.get("HEATERS_SCRATCH").unwrap_or("/tmp/heaters").into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_setting_is_a_missing_one() {
        let config = Config::from_pairs([("MEDIA_BUCKET", "")]);
        assert_eq!(config.media_bucket(), Err(ConfigError::Missing("MEDIA_BUCKET")));
    }

    #[test]
    fn a_setting_that_does_not_parse_is_named() {
        let config = Config::from_pairs([("LIMIT", "many")]);
        let error = config.parse_or("LIMIT", 3u32).unwrap_err();
        assert!(error.to_string().contains("LIMIT") && error.to_string().contains("many"));
    }
}
