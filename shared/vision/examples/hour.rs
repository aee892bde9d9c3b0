//! How long making the scores of an hour takes, on one core and on all, and deciding about them.
//!
//! `hour FILE.raw…` repeats the raw thumbnails until there are 90,000 frames. Prints JSON, all times in seconds.

mod raw;

use heaters_domain::{
    scenes::{ScoreTrack, decide},
    settings::SceneSettings,
    thumbs::encode,
};
use std::{num::NonZeroUsize, path::PathBuf, thread, time::Instant};

const FRAMES: usize = 90_000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let files: Vec<Vec<u8>> = std::env::args_os().skip(1).map(std::fs::read).collect::<Result<_, _>>()?;
    let folder = tempfile::tempdir()?;
    let (mut tracks, mut frames) = (Vec::<PathBuf>::new(), 0);
    for file in files.iter().cycle() {
        let path = folder.path().join(tracks.len().to_string());
        std::fs::write(&path, encode(raw::thumbs(file).take(FRAMES - frames))?)?;
        tracks.push(path);
        frames = FRAMES.min(frames + raw::thumbs(file).count());
        if frames == FRAMES {
            break;
        }
    }
    let started = Instant::now();
    heaters_vision::score_files(&tracks, NonZeroUsize::MIN)?;
    let on_one = started.elapsed().as_secs_f64();
    let threads = thread::available_parallelism()?;
    let started = Instant::now();
    let track = heaters_vision::score_files(&tracks, threads)?.encode()?;
    let on_all = started.elapsed().as_secs_f64();
    let started = Instant::now();
    let scores = ScoreTrack::decode(&track)?;
    let read = started.elapsed().as_secs_f64();
    let started = Instant::now();
    let boundaries = decide(&scores, &SceneSettings::default(), 25.0).len();
    let decided = started.elapsed().as_secs_f64();
    let report = serde_json::json!({
        "frames": scores.frames.len(), "bytes_a_frame": track.len() as f64 / scores.frames.len() as f64,
        "on_one_core": on_one, "cores": threads, "on_all_cores": on_all,
        "read": read, "decided": decided, "boundaries": boundaries,
    });
    println!("{report}");
    Ok(())
}
