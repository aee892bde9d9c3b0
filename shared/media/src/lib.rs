//! Media: ffprobe's answers, ffmpeg's arguments, the one place that runs them, the frame index and the
//! MP4 clip cutter.

pub mod args;
pub mod assembly;
pub mod clip;
mod complaints;
mod feed;
pub mod filters;
pub mod index;
pub mod join;
pub mod master;
pub mod mkv;
pub mod mp4;
pub mod pass;
pub mod pictures;
pub mod probe;
pub mod reuse;
pub mod runner;
mod sandbox;
pub mod sound;
pub mod source;

pub use complaints::Complaints;
pub use probe::ProbeError;
pub use runner::{LINE, Run, RunError, Said, Tools, run_on_line};
