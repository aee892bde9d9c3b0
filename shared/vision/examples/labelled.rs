//! Boundaries and evidence of raw thumbnails, for evaluating and training on labelled videos.
//!
//! `labelled FPS FILE.raw…` reads yuv420p of 64x36 as ffmpeg's `scale=64:36:flags=area` gives it, and prints one JSON
//! object a file: all boundaries that the highest sensitivity finds, and what each candidate's decision rests on.

use heaters_domain::{
    scenes::{candidates, decide},
    settings::SceneSettings,
    thumbs::{CHROMA_BYTES, CHROMA_WIDTH, LUMA_BYTES, Thumb, encode},
};
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

fn thumbs(raw: &[u8]) -> impl Iterator<Item = Thumb> {
    raw.chunks_exact(LUMA_BYTES + 8 * CHROMA_BYTES).map(|frame| {
        let (luma, chroma) = frame.split_at(LUMA_BYTES);
        let (u, v) = chroma.split_at(4 * CHROMA_BYTES);
        Thumb { luma: luma.try_into().expect("a picture"), u: halved(u), v: halved(v) }
    })
}

/// Chroma of 32x18 brought to the thumbnail's size, as in preprocess.
fn halved(plane: &[u8]) -> [u8; CHROMA_BYTES] {
    std::array::from_fn(|at| {
        let (x, y) = (2 * (at % CHROMA_WIDTH), 2 * (at / CHROMA_WIDTH));
        let sample = |x: usize, y: usize| u16::from(plane[y * 2 * CHROMA_WIDTH + x]);
        ((sample(x, y) + sample(x + 1, y) + sample(x, y + 1) + sample(x + 1, y + 1) + 2) / 4) as u8
    })
}
