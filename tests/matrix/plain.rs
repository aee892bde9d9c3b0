//! What a plain decode says of a film, to compare the pipeline with.

use crate::tools::{ffmpeg, ffprobe};
use heaters_domain::Rational;
use serde_json::Value;
use std::path::Path;

/// When each frame of a stream is shown, in ticks of the time base. `stream` is one that ffmpeg can map.
pub fn times(film: &Path, stream: &str, time_base: Rational) -> Vec<i64> {
    let (folder, name) = split(film);
    let Rational { num, den } = time_base;
    let command = format!(
        "-i file:{name} -map {stream} -fps_mode passthrough -enc_time_base {num}:{den} -vf scale=16:16 -f framecrc pipe:1"
    );
    let text = String::from_utf8(ffmpeg(folder, &command)).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| line.split(',').nth(2).unwrap().trim().parse().unwrap()).collect()
}

/// What a file of one picture and perhaps one sound holds.
pub struct Held {
    /// How many frames a decoder gets out of it.
    pub frames: usize,
    pub picture_seconds: f64,
    /// `None` without sound.
    pub sound_seconds: Option<f64>,
}

pub fn held(folder: &Path, name: &str) -> Held {
    let entries = "-show_entries stream=codec_type,nb_read_frames,duration -of json";
    let said = ffprobe(folder, &format!("-loglevel error -count_frames {entries} {name}"));
    let said: Value = serde_json::from_str(&said).unwrap();
    let stream = |kind: &str| said["streams"].as_array()?.iter().find(|stream| stream["codec_type"] == kind);
    let number = |stream: &Value, name: &str| stream[name].as_str().and_then(|text| text.parse::<f64>().ok());
    let picture = stream("video").unwrap_or_else(|| panic!("{name} has no picture: {said}"));
    Held {
        frames: number(picture, "nb_read_frames").unwrap() as usize,
        picture_seconds: number(picture, "duration").unwrap(),
        sound_seconds: stream("audio").map(|sound| number(sound, "duration").unwrap()),
    }
}

fn split(path: &Path) -> (&Path, &str) {
    (path.parent().unwrap(), path.file_name().unwrap().to_str().unwrap())
}
