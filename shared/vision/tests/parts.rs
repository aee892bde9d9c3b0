//! Scoring on several cores gives what one core gives, bit for bit.

use heaters_domain::thumbs::{CHROMA_BYTES, LUMA_WIDTH, Thumb, encode};
use heaters_vision::{score, score_files};
use std::{num::NonZeroUsize, path::PathBuf};

/// A panning scene, different for each seed.
fn scene(seed: usize, frame: usize) -> Thumb {
    let (a, b, pan) = (seed as f64, (seed * 7 % 11) as f64, 0.3 * frame as f64);
    let luma = |x: f64, y: f64| {
        let wave =
            (x * (0.21 + 0.03 * a) + b).sin() * (y * (0.35 + 0.02 * a) + a).cos() + (x * 0.11 - y * 0.3 + b).sin();
        (126.0 + 45.0 * wave) as u8
    };
    let luma = std::array::from_fn(|at| luma((at % LUMA_WIDTH) as f64 + pan, (at / LUMA_WIDTH) as f64));
    Thumb { luma, u: [(90 + seed) as u8; CHROMA_BYTES], v: [140; CHROMA_BYTES] }
}

fn mixed(one: &Thumb, other: &Thumb, share: f64) -> Thumb {
    let mix = |a: u8, b: u8| (f64::from(a) * (1.0 - share) + f64::from(b) * share).round() as u8;
    Thumb { luma: std::array::from_fn(|at| mix(one.luma[at], other.luma[at])), ..one.clone() }
}

fn black() -> Thumb {
    Thumb { luma: [16; _], u: [128; CHROMA_BYTES], v: [128; CHROMA_BYTES] }
}

/// Short shots with cuts, dissolves and runs of black at changing distances, so that every border of parts meets
/// some of them, one of the runs longer than a part.
fn video() -> Vec<Thumb> {
    let mut frames: Vec<Thumb> = Vec::new();
    for shot in 0..36 {
        let length = 23 + shot * 5 % 31;
        let start = frames.len();
        frames.extend((0..length).map(|frame| scene(shot % 9, frame)));
        match shot % 4 {
            1 => {
                for at in 0..12 {
                    frames[start + length - 12 + at] =
                        mixed(&scene(shot % 9, length - 12 + at), &scene((shot + 1) % 9, at), at as f64 / 12.0);
                }
            }
            2 => frames.extend(vec![black(); if shot == 18 { 450 } else { 5 + shot }]),
            _ => {}
        }
    }
    frames
}

#[test]
fn any_number_of_threads_and_of_files_gives_the_same_scores() {
    let frames = video();
    let expected = score(&encode(frames.clone()).unwrap()).unwrap();
    let gradual = expected.frames.iter().filter(|frame| frame.gradual.is_some()).count();
    let flat = expected.frames.iter().filter(|frame| frame.across_flat_run.is_some()).count();
    assert!(gradual > 3 && flat > 5, "the video tests too little: {gradual} gradual, {flat} flat");
    let folder = tempfile::tempdir().unwrap();
    for (length, threads) in [(frames.len(), 2), (250, 3), (97, 16)] {
        let files: Vec<PathBuf> = (0..)
            .zip(frames.chunks(length))
            .map(|(number, chunk)| {
                let path = folder.path().join(format!("{length}-{number}"));
                std::fs::write(&path, encode(chunk.to_vec()).unwrap()).unwrap();
                path
            })
            .collect();
        let found = score_files(&files, NonZeroUsize::new(threads).unwrap()).unwrap();
        assert!(found == expected, "files of {length} frames on {threads} threads");
    }
}
