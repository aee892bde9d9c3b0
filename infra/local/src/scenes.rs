//! Shot boundaries of local video files, by the same steps as an ingest: thumbnails, scores, decision.

use crate::output;
use anyhow::Context;
use heaters_domain::{
    Fault,
    scenes::{Boundary, BoundaryKind, decide},
    settings::SceneSettings,
};
use heaters_media::{Tools, args, pass, probe};
use heaters_vision::score_files;
use serde::Serialize;
use std::{
    fs,
    num::NonZeroUsize,
    path::{Path, PathBuf},
    process::ExitCode,
    thread,
    time::Duration,
};

const DEADLINE: Duration = Duration::from_hours(24);

#[derive(Debug, Clone, clap::Args)]
pub struct Options {
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Print JSON: an object, or an array of them for several files.
    #[arg(long)]
    json: bool,
    /// How readily a boundary is seen, 0..1; higher finds more.
    #[arg(long, value_name = "0..1", default_value_t = SceneSettings::default().sensitivity, value_parser = sensitivity)]
    sensitivity: f64,
    /// The shortest shot.
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = SceneSettings::default().min_length_seconds,
        value_parser = seconds
    )]
    min_length: f64,
    /// Which boundaries to print: cuts alone, or gradual transitions too.
    #[arg(long, value_enum, default_value_t = Only::All)]
    only: Only,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Only {
    Hard,
    All,
}

fn sensitivity(text: &str) -> Result<f64, String> {
    let value: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    if (0.0..=1.0).contains(&value) { Ok(value) } else { Err("not between 0 and 1".to_owned()) }
}

fn seconds(text: &str) -> Result<f64, String> {
    let value: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    if value.is_finite() && value >= 0.0 { Ok(value) } else { Err("not a length".to_owned()) }
}

/// What is printed of one file.
#[derive(Debug, Serialize)]
struct Scenes {
    file: PathBuf,
    /// Nominal, or the mean where the container names no frame rate.
    fps: f64,
    frames: usize,
    boundaries: Vec<Shown>,
}

#[derive(Debug, Serialize)]
struct Shown {
    frame: u32,
    /// From the first frame.
    seconds: f64,
    kind: BoundaryKind,
    start_frame: u32,
    end_frame: u32,
    confidence: f64,
}

/// Detects and prints the scenes of all files. Where some can't be read it goes on with the others, and
/// says so in the exit code.
pub fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let mut code = ExitCode::SUCCESS;
    let mut all = Vec::new();
    for file in &options.files {
        match detect(file, options).with_context(|| file.display().to_string()) {
            Ok(scenes) if options.json => all.push(scenes),
            Ok(scenes) => print_table(&scenes),
            Err(error) => {
                eprintln!("{error:#}");
                code = ExitCode::FAILURE;
            }
        }
    }
    match &all[..] {
        [] => {}
        [one] if options.files.len() == 1 => println!("{}", serde_json::to_string(one)?),
        several => println!("{}", serde_json::to_string(several)?),
    }
    Ok(code)
}

fn detect(file: &Path, options: &Options) -> anyhow::Result<Scenes> {
    let tools = Tools { ffmpeg: tool("FFMPEG", "ffmpeg"), ffprobe: tool("FFPROBE", "ffprobe") };
    // The tools work in a folder of their own, so that nothing is written beside the video.
    let folder = tempfile::tempdir().context("no temporary folder could be made")?;
    let name = "video";
    std::os::unix::fs::symlink(fs::canonicalize(file)?, folder.path().join(name))?;
    let source =
        probe::examine(&tools, folder.path(), name).map_err(|error| anyhow::anyhow!("{}", error.sentence()))?;
    let bar = output::frame_bar(&file.file_name().unwrap_or_default().to_string_lossy(), expected_frames(&source));
    let seen = pass::thumbnails(&tools, folder.path(), &source, name, DEADLINE, |frames| {
        bar.set_position(frames.into());
    });
    bar.finish_and_clear();
    let seen = seen.map_err(|error| anyhow::anyhow!("{}", error.sentence()))?;
    let cores = thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    let track = score_files(&[folder.path().join(args::THUMBS_FILE)], cores)?;

    let tick = source.media.time_base.as_f64();
    let start = seen[0];
    let times: Vec<f64> = seen.iter().map(|pts| (pts - start) as f64 * tick).collect();
    let mean_fps = mean_fps(&times).or_else(|| source.media.fps.map(heaters_domain::Rational::as_f64)).unwrap_or(25.0);
    let settings = SceneSettings { sensitivity: options.sensitivity, min_length_seconds: options.min_length };
    let found = decide(&track, &settings, mean_fps);
    let wanted = |boundary: &&Boundary| options.only == Only::All || boundary.kind == BoundaryKind::Cut;
    Ok(Scenes {
        file: file.to_owned(),
        fps: source.media.fps.map_or(mean_fps, heaters_domain::Rational::as_f64),
        frames: times.len(),
        boundaries: found.iter().filter(wanted).map(|boundary| shown(boundary, &times)).collect(),
    })
}

fn tool(variable: &str, name: &str) -> PathBuf {
    std::env::var_os(variable).map_or_else(|| name.into(), PathBuf::from)
}

/// 0 where the header doesn't say.
fn expected_frames(source: &heaters_domain::plan::Source) -> u64 {
    let fps = source.media.fps.map_or(0.0, heaters_domain::Rational::as_f64);
    (source.media.duration_seconds.max(0.0) * fps) as u64
}

fn mean_fps(times: &[f64]) -> Option<f64> {
    let (frames, last) = (times.len(), times.last().copied().unwrap_or(0.0));
    (frames > 1 && last > 0.0).then(|| (frames - 1) as f64 / last)
}

fn shown(boundary: &Boundary, times: &[f64]) -> Shown {
    let Boundary { frame, kind, start_frame, end_frame, confidence } = *boundary;
    let seconds = times.get(frame as usize).copied().unwrap_or(0.0);
    Shown { frame, seconds, kind, start_frame, end_frame, confidence }
}

fn print_table(scenes: &Scenes) {
    let Scenes { file, fps, frames, boundaries } = scenes;
    println!("{}: {frames} frames at {fps:.3} a second, {} boundaries", file.display(), boundaries.len());
    if boundaries.is_empty() {
        return;
    }
    println!("{:>8} {:>11}  {:<10} {:>17}  confidence", "frame", "seconds", "kind", "frames");
    for Shown { frame, seconds, kind, start_frame, end_frame, confidence } in boundaries {
        let span = if start_frame == end_frame { String::new() } else { format!("{start_frame}..{end_frame}") };
        println!("{frame:>8} {seconds:>11.3}  {:<10} {span:>17}  {confidence:>10.2}", kind.as_str());
    }
}

#[cfg(test)]
mod containers;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_boundary_is_shown_at_its_own_frames_time() {
        let times = [0.0, 0.04, 0.08, 0.5, 0.54];
        let boundary = Boundary { frame: 3, kind: BoundaryKind::Wipe, start_frame: 1, end_frame: 4, confidence: 0.9 };
        let shown = serde_json::to_value(shown(&boundary, &times)).unwrap();
        let expected = serde_json::json!({
            "frame": 3, "seconds": 0.5, "kind": "wipe", "start_frame": 1, "end_frame": 4, "confidence": 0.9
        });
        assert_eq!(shown, expected);
        assert!((mean_fps(&times).unwrap() - 4.0 / 0.54).abs() < 1e-9);
    }

    #[test]
    fn only_sensible_settings_are_taken() {
        assert!(sensitivity("0.5").is_ok() && sensitivity("1.1").is_err() && sensitivity("high").is_err());
        assert!(seconds("0.4").is_ok() && seconds("-1").is_err() && seconds("inf").is_err());
    }
}
