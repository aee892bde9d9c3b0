//! Accuracy on labelled videos, which are kept beside the repository.

mod common;

use heaters_domain::{scenes::decide, settings::SceneSettings};
use heaters_vision::score;
use serde_json::Value;
use std::path::Path;

/// Boundaries in frames, at the default settings.
fn boundaries(video: &Path, fps: f64) -> Vec<usize> {
    let track = score(&common::thumbs_of(video)).unwrap();
    let found = decide(&track, &SceneSettings::default(), fps);
    found.iter().map(|boundary| boundary.frame as usize).collect()
}

#[test]
fn the_boundaries_of_the_labelled_set_are_found() {
    let Some(scenes) = common::material("scenes") else { return };
    let predictions = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(scenes.join("dev")).unwrap() {
        let video = entry.unwrap().path();
        if video.extension().is_some_and(|extension| extension == "json") {
            continue;
        }
        let label = video.with_extension("json");
        let truth: Value = serde_json::from_slice(&std::fs::read(&label).unwrap()).unwrap();
        let seconds = |frame: usize| truth["pts"][frame].as_f64().unwrap() - truth["start_pts"].as_f64().unwrap();
        let found = boundaries(&video, truth["fps"].as_f64().unwrap());
        let times: Vec<f64> = found.into_iter().map(seconds).collect();
        let file = predictions.path().join(label.file_name().unwrap());
        std::fs::write(file, serde_json::to_vec(&times).unwrap()).unwrap();
    }
    let result = evaluated(&scenes, predictions.path());
    eprintln!("precision, recall, F1 of hard cuts {}, of all boundaries {}", result["hard"], result["overall"]);
    assert_eq!(result["videos"], 10);
    assert!(result["hard"][2].as_f64().unwrap() >= 98.0, "{result}");
    assert!(result["overall"][2].as_f64().unwrap() >= 97.0, "{result}");
}

#[test]
fn the_cuts_of_real_footage_are_found_and_nothing_else() {
    let Some(media) = common::material("media") else { return };
    assert_eq!(boundaries(&media.join("bbb480.mp4"), 25.0), [285, 378, 553]);
    assert_eq!(boundaries(&media.join("bikes.mp4"), 25.0), [30, 76, 137, 187, 242]);
}

#[expect(clippy::disallowed_methods, reason = "the set's own script knows how predictions are matched")]
fn evaluated(scenes: &Path, predictions: &Path) -> Value {
    let output = std::process::Command::new("python3")
        .arg(scenes.join("evaluate.py"))
        .arg("--set")
        .arg(scenes.join("dev"))
        .arg("--pred")
        .arg(predictions)
        .arg("--json")
        .output()
        .expect("python3 is installed");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}
