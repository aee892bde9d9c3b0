//! The stage on a folder instead of S3, with the built-in model.

use embed::{EmbedError, Models, run};
use heaters_aws::{DirStore, ObjectRef, ObjectStore};
use heaters_domain::{
    ErrorClass, Fault, Outcome,
    contract::{FrameVector, PublicationInput},
};
use heaters_embedding::Embedder;
use heaters_runtime::Config;
use image::{ImageFormat, Rgb, RgbImage};
use serde_json::json;
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

const MODEL: &str = "descriptor-v1";

#[expect(clippy::disallowed_methods, reason = "a test has no configuration of its own")]
fn runtime() -> PathBuf {
    if let Ok(path) = std::env::var("ORT_DYLIB_PATH") {
        return path.into();
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.heaters/onnxruntime/libonnxruntime.so");
    assert!(
        path.is_file(),
        "ONNX Runtime is missing: set ORT_DYLIB_PATH or run the set-up, which makes {}",
        path.display()
    );
    path
}

fn config(models: &Path) -> Config {
    Config::from_pairs([("MODEL_DIR", models.to_str().unwrap()), ("ORT_DYLIB_PATH", runtime().to_str().unwrap())])
}

fn models_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/embedding/models")
}

async fn embedder() -> Arc<Embedder> {
    Models::default().get(&config(&models_folder()), MODEL).await.unwrap()
}

fn input() -> PublicationInput {
    let id = "01890a5d-ac96-774b-bcce-b302099a8057";
    serde_json::from_value(json!({ "publication": {
        "clip": id, "video": id, "version": 2, "attempt": 1, "range": {"start": 0, "end": 100},
        "bucket": "media", "prefix": "videos/v/p", "model": MODEL,
    }}))
    .unwrap()
}

fn jpeg(seed: u32) -> Vec<u8> {
    let sample = |x: u32, y: u32| [(x * seed) as u8, (y * 3) as u8, (x + y * seed) as u8];
    let picture = RgbImage::from_fn(160, 90, |x, y| Rgb(sample(x, y)));
    let mut jpeg = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut jpeg, ImageFormat::Jpeg).unwrap();
    jpeg.into_inner()
}

async fn put(store: &DirStore, name: &str, body: Vec<u8>) {
    let key = format!("{}/{name}", input().publication.keys().0);
    store.put(&ObjectRef::new("media", key), body.into(), "").await.unwrap();
}

#[tokio::test]
async fn each_keyframe_gets_a_vector_once() {
    let folder = tempfile::tempdir().unwrap();
    let store = DirStore::new(folder.path());
    // In the order of keys, 100 comes before 25.
    for (frame, seed) in [(25, 1), (50, 2), (100, 5)] {
        put(&store, &format!("keyframe-{frame}.jpg"), jpeg(seed)).await;
    }
    put(&store, "export.mp4", vec![1]).await;
    let embedder = embedder().await;
    let store: &dyn ObjectStore = &store;
    let done = run(store, embedder.clone(), input()).await.unwrap();
    assert_eq!((done.outcome, done.output.vectors, done.output.dimension), (Outcome::Completed, 3, 388));
    let vectors: Vec<FrameVector> = store.get_json(&ObjectRef::new("media", &done.output.vectors_key)).await.unwrap();
    assert_eq!(vectors.iter().map(|vector| vector.frame).collect::<Vec<_>>(), [25, 50, 100]);
    for FrameVector { vector, .. } in &vectors {
        let length: f32 = vector.iter().map(|value| value * value).sum();
        assert!(vector.len() == 388 && (length - 1.0).abs() < 1e-4);
    }
    assert_ne!(vectors[0].vector, vectors[1].vector);

    let again = run(store, embedder, input()).await.unwrap();
    assert_eq!((again.outcome, again.output), (Outcome::AlreadyDone, done.output));
}

#[tokio::test]
async fn vectors_of_other_keyframes_are_made_again() {
    let folder = tempfile::tempdir().unwrap();
    let store = DirStore::new(folder.path());
    put(&store, "keyframe-25.jpg", jpeg(1)).await;
    let embedder = embedder().await;
    run(&store, embedder.clone(), input()).await.unwrap();
    put(&store, "keyframe-50.jpg", jpeg(2)).await;
    let done = run(&store, embedder, input()).await.unwrap();
    assert_eq!((done.outcome, done.output.vectors), (Outcome::Completed, 2));
}

#[tokio::test]
async fn no_keyframes_or_damaged_ones_are_errors() {
    let folder = tempfile::tempdir().unwrap();
    let store = DirStore::new(folder.path());
    let embedder = embedder().await;
    let error = run(&store, embedder.clone(), input()).await.unwrap_err();
    assert!(matches!(error, EmbedError::NoKeyframes { version: 2, .. }), "{error}");
    assert_eq!(error.class(), ErrorClass::Internal);
    put(&store, "keyframe-25.jpg", b"no picture".to_vec()).await;
    assert!(matches!(run(&store, embedder.clone(), input()).await, Err(EmbedError::Picture { .. })));
    put(&store, "keyframe-middle.jpg", jpeg(1)).await;
    assert!(matches!(run(&store, embedder, input()).await, Err(EmbedError::StrangeKey { .. })));
}

#[tokio::test]
async fn a_model_is_loaded_once_and_only_under_its_own_name() {
    let models = Models::default();
    let config_here = config(&models_folder());
    let first = models.get(&config_here, MODEL).await.unwrap();
    assert!(Arc::ptr_eq(&first, &models.get(&config_here, MODEL).await.unwrap()));
    let missing = models.get(&config_here, "clip").await.unwrap_err();
    assert!(matches!(missing, EmbedError::Model { .. }) && missing.sentence().contains("clip"));

    let folder = tempfile::tempdir().unwrap();
    let renamed = folder.path().join("clip");
    std::fs::create_dir(&renamed).unwrap();
    for file in ["manifest.json", "model.onnx"] {
        std::fs::copy(models_folder().join(MODEL).join(file), renamed.join(file)).unwrap();
    }
    let error = models.get(&config(folder.path()), "clip").await.unwrap_err();
    assert!(matches!(error, EmbedError::OtherModel { .. }), "{error}");
    let unset = models.get(&Config::default(), "other").await.unwrap_err();
    assert!(matches!(unset, EmbedError::Config(_)));
}
