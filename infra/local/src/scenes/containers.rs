//! Boundaries lie at the right frames and seconds from the first frame, whatever the container does to time stamps.

use super::{Only, Options, Scenes, detect};
use heaters_domain::settings::SceneSettings;
use heaters_media::{Run, Tools};
use std::path::Path;

const FRAMES: usize = 115;
/// Where the three shots of a film meet.
const CUTS: [usize; 2] = [40, 75];
const FPS: f64 = 25.0;

#[derive(Clone, Copy)]
struct Film<'a> {
    size: &'a str,
    filter: &'a str,
    encoder: &'a str,
    file: &'a str,
}

const PLAIN: Film<'_> = Film {
    size: "320x180",
    filter: "format=yuv420p",
    encoder: "-c:v libx264 -preset ultrafast -bf 2 -g 60 -sc_threshold 0",
    file: "film.mp4",
};

fn ffmpeg(folder: &Path, args: &str) {
    let args: Vec<String> = format!("-nostdin -y {args}").split_whitespace().map(str::to_owned).collect();
    let run = Run { args: &args, folder, deadline: super::DEADLINE, subject: "a film" };
    let tools = Tools { ffmpeg: "ffmpeg".into(), ffprobe: "ffprobe".into() };
    tools.ffmpeg(&run, |_| Ok(()), |_| ()).unwrap();
}

fn make(folder: &Path, film: Film<'_>) {
    let Film { size, filter, encoder, file } = film;
    let shot = |source: &str, frames: usize, name: &str| {
        format!("{source}=s={size}:r=25,trim=end_frame={frames},format=yuv444p,setsar=1[{name}];")
    };
    let shots = [
        shot("testsrc2", CUTS[0], "a"),
        shot("rgbtestsrc", CUTS[1] - CUTS[0], "b"),
        shot("smptehdbars", FRAMES - CUTS[1], "c"),
    ];
    let graph = format!("{}[a][b][c]concat=n=3[out0]", shots.concat());
    ffmpeg(folder, &format!("-f lavfi -i {graph} -vf {filter} -fps_mode passthrough {encoder} {file}"));
}

fn found(folder: &Path, file: &str) -> Scenes {
    let SceneSettings { sensitivity, min_length_seconds } = SceneSettings::default();
    let options =
        Options { files: Vec::new(), json: true, sensitivity, min_length: min_length_seconds, only: Only::All };
    detect(&folder.join(file), &options).unwrap()
}

/// `skipped` frames of the film are not shown; a frame's time follows from its number.
fn has_cuts(scenes: &Scenes, skipped: usize, seconds: impl Fn(usize) -> f64) {
    let expected = CUTS.map(|cut| cut - skipped);
    assert_eq!(scenes.frames, FRAMES - skipped);
    let frames: Vec<_> = scenes.boundaries.iter().map(|boundary| boundary.frame as usize).collect();
    assert_eq!(frames, expected, "{scenes:?}");
    for boundary in &scenes.boundaries {
        let expected = seconds(boundary.frame as usize);
        // Some containers round to a millisecond.
        assert!((boundary.seconds - expected).abs() < 0.0011, "{} s instead of {expected}", boundary.seconds);
    }
}

fn at_rate(frame: usize) -> f64 {
    frame as f64 / FPS
}

fn film_has_cuts(film: Film<'_>) {
    let folder = tempfile::tempdir().unwrap();
    make(folder.path(), film);
    has_cuts(&found(folder.path(), film.file), 0, at_rate);
}

#[test]
fn in_a_transport_stream_that_starts_late() {
    let encoder = format!("{} -output_ts_offset 11 -muxdelay 0", PLAIN.encoder);
    film_has_cuts(Film { encoder: &encoder, file: "film.ts", ..PLAIN });
}

#[test]
fn in_an_mp4_whose_edit_list_leaves_frames_out() {
    let folder = tempfile::tempdir().unwrap();
    make(folder.path(), PLAIN);
    // Copied from the key frame on, of which the edit list shows what comes after half a second.
    ffmpeg(folder.path(), "-ss 0.52 -i film.mp4 -c copy -avoid_negative_ts disabled cut.mp4");
    has_cuts(&found(folder.path(), "cut.mp4"), 13, at_rate);
}

#[test]
fn in_an_mp4_whose_edit_list_begins_with_a_pause() {
    let folder = tempfile::tempdir().unwrap();
    make(folder.path(), PLAIN);
    ffmpeg(folder.path(), "-itsoffset 1.5 -i film.mp4 -c copy late.mp4");
    has_cuts(&found(folder.path(), "late.mp4"), 0, at_rate);
}

#[test]
fn in_a_turned_mp4() {
    let folder = tempfile::tempdir().unwrap();
    make(folder.path(), PLAIN);
    ffmpeg(folder.path(), "-i film.mp4 -c copy -metadata:s:v rotate=90 turned.mp4");
    has_cuts(&found(folder.path(), "turned.mp4"), 0, at_rate);
}

#[test]
fn in_interlaced_h264() {
    let encoder = format!("{} -flags +ildct+ilme -x264opts tff=1", PLAIN.encoder);
    film_has_cuts(Film { size: "352x288", encoder: &encoder, ..PLAIN });
}

#[test]
fn in_pictures_of_odd_size() {
    let filter = "format=yuv444p";
    film_has_cuts(Film { size: "427x241", filter, file: "film.mkv", ..PLAIN });
    let encoder = "-c:v libvpx-vp9 -deadline realtime -cpu-used 8";
    film_has_cuts(Film { size: "427x241", encoder, file: "film.webm", ..PLAIN });
}

#[test]
fn where_frames_last_differently_long() {
    let folder = tempfile::tempdir().unwrap();
    // A frame's length grows from a 50th of a second on.
    let filter = "settb=1/1000,setpts=20*N+N*N/4,format=yuv420p";
    let encoder = format!("{} -enc_time_base 1/1000 -video_track_timescale 1000", PLAIN.encoder);
    make(folder.path(), Film { filter, encoder: &encoder, ..PLAIN });
    let time = |frame: usize| (20.0 * frame as f64 + (frame * frame) as f64 / 4.0).floor() / 1000.0;
    has_cuts(&found(folder.path(), PLAIN.file), 0, time);
}

#[test]
fn in_prores() {
    film_has_cuts(Film {
        filter: "format=yuv422p10",
        encoder: "-c:v prores_ks -profile:v 0",
        file: "film.mov",
        ..PLAIN
    });
}

#[test]
fn in_mpeg_2() {
    let encoder = "-c:v mpeg2video -bf 2 -g 12 -q:v 4";
    film_has_cuts(Film { size: "352x288", encoder, file: "film.mpg", ..PLAIN });
    film_has_cuts(Film { size: "352x288", encoder, file: "film.m2v", ..PLAIN });
}

#[test]
fn in_four_times_full_hd() {
    film_has_cuts(Film { filter: "scale=3840:2160:flags=neighbor,format=yuv420p", ..PLAIN });
}
