//! Vectors of pictures. A model is a folder with `manifest.json` and `model.onnx`; ONNX Runtime is
//! loaded as a shared library, so that a model can be exchanged without building anything.

mod manifest;
mod model;
mod picture;

pub use manifest::{ColourOrder, InputSize, Manifest, Normalisation, Resize};
pub use model::Embedder;
pub use picture::Rgb;

use std::path::PathBuf;

#[derive(Debug, thiserror::Error)]
pub enum EmbeddingError {
    #[error("the model's manifest {path} can't be read")]
    ManifestFile { path: PathBuf, source: std::io::Error },
    #[error("the model's manifest {path} is not written as it should be")]
    ManifestSyntax { path: PathBuf, source: serde_json::Error },
    #[error("the model's manifest {path} can't be right: {reason}")]
    ManifestContent { path: PathBuf, reason: String },
    #[error("ONNX Runtime can't be loaded from {path}: {detail}")]
    Runtime { path: PathBuf, detail: String },
    #[error("the model {path} can't be loaded: {detail}")]
    Model { path: PathBuf, detail: String },
    #[error("the model {path} does not fit its manifest: {reason}")]
    Mismatch { path: PathBuf, reason: String },
    #[error("the model {name} failed: {detail}")]
    Inference { name: String, detail: String },
    #[error("the model {name} gave a vector that is no direction: all zero, or not finite")]
    NoDirection { name: String },
    #[error("the picture is not a JPEG that can be decoded")]
    Jpeg(#[source] image::ImageError),
    #[error("a picture of {width}x{height} pixels can't have {bytes} bytes")]
    PictureSize { width: u32, height: u32, bytes: usize },
}
