//! The built-in model: that it loads, tells pictures apart, and is what its script writes.

use heaters_embedding::{Embedder, EmbeddingError, Rgb};
use std::{
    path::{Path, PathBuf},
    process::Command,
};

fn models() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("models")
}

/// ONNX Runtime's library, as the set-up script exports or links it.
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

fn embedder() -> Embedder {
    Embedder::load(&models().join("descriptor-v1"), &runtime()).unwrap()
}

/// Waves on a ramp, of another colour and size for each seed.
fn picture(seed: u32, brightness: f64) -> Rgb {
    let (width, height) = (320, 180);
    let s = f64::from(seed);
    let tints = [[1.0, 0.8, 0.5], [0.4, 0.7, 1.0], [0.5, 1.0, 0.4]];
    let tint = tints[seed as usize % 3];
    let sample = |x: f64, y: f64, channel: usize| {
        let brightness = brightness * tint[channel];
        let wave = (x / (9.0 + 5.0 * s) + s).sin() * (y / (17.0 + 23.0 / s) + s).cos();
        let ramp = if seed.is_multiple_of(2) { y / 180.0 } else { 1.0 - x / 320.0 };
        (255.0 * brightness * (0.35 + 0.25 * wave + 0.3 * ramp)).clamp(0.0, 255.0) as u8
    };
    let samples = (0..height).flat_map(|y| (0..width).flat_map(move |x| [0, 1, 2].map(|c| (x, y, c))));
    let samples = samples.map(|(x, y, channel)| sample(f64::from(x), f64::from(y), channel)).collect();
    Rgb::new(width, height, samples).unwrap()
}

fn similarity(one: &[f32], other: &[f32]) -> f32 {
    one.iter().zip(other).map(|(a, b)| a * b).sum()
}

#[test]
fn alike_pictures_are_near_and_others_far() {
    let embedder = embedder();
    let pictures =
        [picture(1, 1.0), picture(1, 1.0), picture(1, 1.1), picture(1, 0.9), picture(2, 1.0), picture(5, 1.0)];
    let vectors = embedder.embed(&pictures).unwrap();
    assert!(vectors.iter().all(|vector| vector.len() == embedder.manifest().dimension as usize));
    assert!(vectors.iter().all(|vector| (similarity(vector, vector) - 1.0).abs() < 1e-5));
    assert_eq!(vectors[0], vectors[1]);
    for jittered in &vectors[2..4] {
        assert!(similarity(&vectors[0], jittered) >= 0.95, "{}", similarity(&vectors[0], jittered));
    }
    for other in &vectors[4..] {
        assert!(similarity(&vectors[0], other) < 0.6, "{}", similarity(&vectors[0], other));
    }
}

#[test]
fn a_plain_picture_has_a_vector_too() {
    let plain = |value: u8| Rgb::new(64, 36, vec![value; 64 * 36 * 3]).unwrap();
    let vectors = embedder().embed(&[plain(0), plain(128), plain(255)]).unwrap();
    assert!(vectors.iter().flatten().all(|value| value.is_finite()));
    assert!(similarity(&vectors[0], &vectors[2]) < 0.8);
}

#[test]
fn a_manifest_that_does_not_fit_the_model_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let source = models().join("descriptor-v1");
    std::fs::copy(source.join("model.onnx"), folder.path().join("model.onnx")).unwrap();
    let manifest = std::fs::read_to_string(source.join("manifest.json")).unwrap();
    for (right, wrong) in [("\"dimension\": 388", "\"dimension\": 512"), ("\"width\": 192", "\"width\": 224")] {
        assert!(manifest.contains(right), "{right}");
        std::fs::write(folder.path().join("manifest.json"), manifest.replace(right, wrong)).unwrap();
        let error = Embedder::load(folder.path(), &runtime()).unwrap_err();
        assert!(matches!(error, EmbeddingError::Mismatch { .. }), "{error}");
    }
    std::fs::write(folder.path().join("manifest.json"), manifest).unwrap();
    std::fs::write(folder.path().join("model.onnx"), "no model").unwrap();
    assert!(matches!(Embedder::load(folder.path(), &runtime()), Err(EmbeddingError::Model { .. })));
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a test runs the script that makes the model")]
fn the_script_writes_the_same_bytes_again() {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.heaters/venv/bin/python");
    let python = if own.is_file() { own } else { "python3".into() };
    let has_onnx = Command::new(&python).args(["-c", "import onnx"]).output();
    if !has_onnx.is_ok_and(|output| output.status.success()) {
        eprintln!("SKIPPED: {} has no onnx package", python.display());
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let status = Command::new(&python).arg(models().join("make_descriptor.py")).arg(folder.path()).status().unwrap();
    assert!(status.success());
    for file in ["model.onnx", "manifest.json"] {
        let read = |folder: &Path| std::fs::read(folder.join(file)).unwrap();
        assert!(
            read(folder.path()) == read(&models().join("descriptor-v1")),
            "{file} differs from what the script writes"
        );
    }
}

/// A frame of a video as a JPEG, like those of the keyframes stage.
#[expect(clippy::disallowed_methods, reason = "a test's own decoding, on files that are known")]
fn frame(video: &Path, number: u32) -> Rgb {
    let output = Command::new("ffmpeg")
        .args(["-v", "fatal", "-nostdin", "-i"])
        .arg(video)
        .args(["-vf", &format!("select=eq(n\\,{number})"), "-frames:v", "1", "-q:v", "2", "-f", "mjpeg", "-"])
        .output()
        .expect("ffmpeg is installed");
    Rgb::from_jpeg(&output.stdout).unwrap()
}

#[test]
fn the_nearest_of_all_frames_is_one_of_the_same_shot() {
    let media = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/media");
    if !media.is_dir() {
        eprintln!("SKIPPED: {} is missing", media.display());
        return;
    }
    let shots = [
        ("bbb480.mp4", [150, 180]),
        ("bbb480.mp4", [300, 330]),
        ("bbb480.mp4", [400, 430]),
        ("bbb480.mp4", [600, 630]),
        ("bikes.mp4", [40, 50]),
        ("bikes.mp4", [112, 128]),
        ("bikes.mp4", [150, 160]),
        ("bikes.mp4", [200, 210]),
    ];
    let pictures = shots.iter().flat_map(|(video, numbers)| numbers.map(|number| frame(&media.join(video), number)));
    let vectors = embedder().embed(&pictures.collect::<Vec<_>>()).unwrap();
    let mut unlike = Vec::new();
    for (at, vector) in vectors.iter().enumerate() {
        let same = similarity(vector, &vectors[at ^ 1]);
        let others = vectors.iter().enumerate().filter(|(other, _)| other / 2 != at / 2);
        let others: Vec<f32> = others.map(|(_, other)| similarity(vector, other)).collect();
        assert!(others.iter().all(|other| *other < same), "frame {at}: {same} against {others:?}");
        unlike.extend(others);
    }
    unlike.sort_by(f32::total_cmp);
    assert!(unlike[unlike.len() / 2] < 0.6, "frames of different shots are {} alike", unlike[unlike.len() / 2]);
}
