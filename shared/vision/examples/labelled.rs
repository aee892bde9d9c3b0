//! Boundaries and evidence of raw thumbnails, for evaluating and training on labelled videos.
//!
//! `labelled FPS FILE.raw…` reads yuv420p of 64x36 as ffmpeg's `scale=64:36:flags=area` gives it, and prints one JSON
//! object a file: all boundaries that the highest sensitivity finds, and what each candidate's decision rests on.

mod raw;

use heaters_domain::{
    scenes::{candidates, decide},
    settings::SceneSettings,
    thumbs::encode,
};
use raw::thumbs;
use std::path::PathBuf;

fn main() {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    while let (Some(fps), Some(file)) = (arguments.next(), arguments.next()) {
        let fps: f64 = fps.to_string_lossy().parse().expect("a frame rate");
        let raw = std::fs::read(&file).expect("thumbnails");
        let track = heaters_vision::score(&encode(thumbs(&raw)).expect("thumbnails")).expect("scores");
        let track = heaters_domain::scenes::ScoreTrack::decode(&track.encode().expect("a track")).expect("a track");
        let settings = SceneSettings { sensitivity: 1.0, ..SceneSettings::default() };
        let line = serde_json::json!({
            "file": file,
            "boundaries": decide(&track, &settings, fps),
            "evidence": candidates(&track),
        });
        println!("{line}");
    }
}
