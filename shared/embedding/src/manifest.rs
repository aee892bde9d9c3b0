use crate::EmbeddingError;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// The most dimensions that pgvector's index takes.
const MOST_DIMENSIONS: u32 = 2000;
const LONGEST_SIDE: u32 = 2048;

/// What a model's folder says about its model, in `manifest.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The folder's name: lower-case letters, digits, `-`, `.` and `_`.
    pub name: String,
    pub version: String,
    /// How many numbers a vector has.
    pub dimension: u32,
    pub input: InputSize,
    pub normalisation: Normalisation,
    pub colour_order: ColourOrder,
    pub resize: Resize,
    /// The output that holds the vector; the model's first one where it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<String>,
    /// The file of a model in the same folder that turns text into vectors of the same space.
    pub text_encoder: Option<String>,
}

/// The size in pixels of the pictures that a model takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InputSize {
    pub width: u32,
    pub height: u32,
}

/// A sample from 0 to 1 becomes `(sample - mean) / std`; red, green, blue.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Normalisation {
    pub mean: [f32; 3],
    pub std: [f32; 3],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColourOrder {
    Rgb,
    Bgr,
}

/// How a picture of another shape becomes one of the model's size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resize {
    /// Without regard to its shape.
    Stretch,
    /// Its middle part, as large as it can be.
    Crop,
}

impl Manifest {
    pub fn read(path: &Path) -> Result<Self, EmbeddingError> {
        let path = path.to_owned();
        let text =
            std::fs::read(&path).map_err(|source| EmbeddingError::ManifestFile { path: path.clone(), source })?;
        let manifest: Self = serde_json::from_slice(&text)
            .map_err(|source| EmbeddingError::ManifestSyntax { path: path.clone(), source })?;
        match manifest.fault() {
            Some(reason) => Err(EmbeddingError::ManifestContent { path, reason }),
            None => Ok(manifest),
        }
    }

    /// What is wrong with the values, if anything is.
    fn fault(&self) -> Option<String> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.' | '_');
        if !self.name.starts_with(|c: char| c.is_ascii_alphanumeric()) || !self.name.chars().all(plain) {
            return Some(format!("the name {:?} would not do as a part of a key", self.name));
        }
        if self.version.is_empty() {
            return Some("the version is empty".to_owned());
        }
        if !(1..=MOST_DIMENSIONS).contains(&self.dimension) {
            return Some(format!("the dimension {} is not in 1..={MOST_DIMENSIONS}", self.dimension));
        }
        let InputSize { width, height } = self.input;
        if [width, height].iter().any(|side| !(1..=LONGEST_SIDE).contains(side)) {
            return Some(format!("the input size {width}x{height} is not in 1..={LONGEST_SIDE}"));
        }
        let Normalisation { mean, std } = self.normalisation;
        if mean.iter().any(|value| !value.is_finite()) || std.iter().any(|value| !value.is_finite() || *value <= 0.0) {
            return Some("the normalisation has a mean or a deviation that is out of range".to_owned());
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn good() -> Value {
        json!({
            "name": "clip-vit-b32", "version": "1", "dimension": 512, "input": {"width": 224, "height": 224},
            "normalisation": {"mean": [0.48, 0.46, 0.41], "std": [0.27, 0.26, 0.28]},
            "colour_order": "rgb", "resize": "crop", "text_encoder": "text.onnx",
        })
    }

    fn read(value: &Value) -> Result<Manifest, EmbeddingError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("manifest.json");
        std::fs::write(&path, value.to_string()).unwrap();
        Manifest::read(&path)
    }

    #[test]
    fn a_sound_manifest_is_read() {
        let manifest = read(&good()).unwrap();
        assert_eq!((manifest.dimension, manifest.resize), (512, Resize::Crop));
        assert_eq!(manifest.text_encoder.as_deref(), Some("text.onnx"));
    }

    #[test]
    fn values_out_of_range_are_refused_by_name() {
        let faults = [
            ("/name", json!("../x"), "name"),
            ("/name", json!(""), "name"),
            ("/version", json!(""), "version"),
            ("/dimension", json!(0), "dimension"),
            ("/dimension", json!(2001), "dimension"),
            ("/input/width", json!(0), "input size"),
            ("/normalisation/std/1", json!(0.0), "normalisation"),
        ];
        for (place, value, word) in faults {
            let mut manifest = good();
            *manifest.pointer_mut(place).unwrap() = value;
            let error = read(&manifest).unwrap_err();
            assert!(
                matches!(error, EmbeddingError::ManifestContent { .. }) && error.to_string().contains(word),
                "{error}"
            );
        }
    }

    #[test]
    fn a_misspelt_field_is_an_error_and_so_is_a_missing_file() {
        let mut manifest = good();
        manifest["colour_ordre"] = json!("bgr");
        assert!(matches!(read(&manifest), Err(EmbeddingError::ManifestSyntax { .. })));
        let missing = Manifest::read(Path::new("/nowhere/manifest.json"));
        assert!(matches!(missing, Err(EmbeddingError::ManifestFile { .. })));
    }
}
