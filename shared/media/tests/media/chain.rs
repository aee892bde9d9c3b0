//! From sources of all kinds to clips, with the real ffmpeg.

use crate::fixture::{Proxy, ffmpeg, ffprobe, proxy};
use heaters_domain::{Rational, thumbs};
use heaters_media::{assembly::frame_rate, clip};

fn source(args: &str, file: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    ffmpeg(folder.path(), &format!("-loglevel error {args} {file}"));
    folder
}

fn picture(rate: &str, seconds: &str) -> String {
    format!("-f lavfi -i testsrc2=s=160x90:r={rate}:d={seconds}")
}

const X264: &str = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p";

/// The clip's frames are the proxy's, its length is exact, and nothing else is in it.
fn assert_exact(proxy: &Proxy, start: u32, end: u32) {
    let slice = proxy.cut(start, end);
    let all = proxy.frame_sums("proxy.mp4");
    assert_eq!(all.len(), proxy.index.frames.len());
    assert_eq!(proxy.frame_sums("clip.mp4"), all[start as usize..end as usize], "frames {start}..{end}");
    let seconds = (slice.end_pts - slice.frames[0].pts) as f64 * slice.head.time_base.as_f64();
    let said = ffprobe(
        proxy.folder.path(),
        "-loglevel error -show_entries format=duration:stream=duration -of csv=p=0 clip.mp4",
    );
    let durations: Vec<f64> = said.lines().map(|line| line.parse().unwrap()).collect();
    assert_eq!(durations.len(), 2 + usize::from(slice.head.sound.is_some()));
    for duration in durations {
        assert!((duration - seconds).abs() < 0.001, "{duration} s instead of {seconds} s");
    }
}

fn source_times(proxy: &Proxy, file: &str) -> Vec<f64> {
    let said = ffprobe(
        proxy.folder.path(),
        &format!(
            "-loglevel error -select_streams v:0 -show_entries frame=best_effort_timestamp_time -of csv=p=0 {file}"
        ),
    );
    said.lines()
        .map(|line| line.trim_end_matches(','))
        .filter(|line| !line.is_empty())
        .map(|line| line.parse().unwrap())
        .collect()
}

/// Every source frame is in the proxy, at its time relative to the first.
fn assert_same_times(proxy: &Proxy, file: &str) {
    let times = source_times(proxy, file);
    assert_eq!(times.len(), proxy.index.frames.len());
    let base = proxy.index.head.time_base.as_f64();
    for (time, frame) in times.iter().zip(&proxy.index.frames) {
        let shown = (frame.pts - proxy.index.head.start_pts) as f64 * base;
        assert!((time - times[0] - shown).abs() <= base + 1e-6, "{time} is shown at {shown}");
    }
    let track = thumbs::decode(&proxy.chunk.thumbs).unwrap();
    assert_eq!(track.len(), times.len());
}

#[test]
fn a_clip_with_sound_is_exact_at_25_frames_a_second() {
    let args = format!("{} -f lavfi -i sine=1000:d=1.6 {X264} -c:a aac", picture("25", "1.6"));
    let proxy = proxy(source(&args, "a.mp4"), "a.mp4");
    assert!(proxy.chunk.has_sound && !proxy.chunk.sound_dropped);
    assert_same_times(&proxy, "a.mp4");
    assert_eq!(frame_rate(&proxy.index), Rational { num: 25, den: 1 });
    for (start, end) in [(0, 40), (7, 8), (13, 31)] {
        assert_exact(&proxy, start, end);
    }
}

#[test]
fn a_clip_is_exact_at_29_97_frames_a_second_without_sound() {
    let args = format!("{} {X264} -bf 2", picture("30000/1001", "1"));
    let proxy = proxy(source(&args, "a.mkv"), "a.mkv");
    assert!(!proxy.chunk.has_sound);
    assert_same_times(&proxy, "a.mkv");
    assert_eq!(frame_rate(&proxy.index), Rational { num: 30000, den: 1001 });
    assert_exact(&proxy, 3, 17);
}

#[test]
fn a_clip_of_a_variable_frame_rate_keeps_every_time() {
    let select = "-vf select='not(mod(n,3))+lt(n,9)' -fps_mode vfr";
    let args = format!("{} -f lavfi -i sine=700:d=2 {select} {X264} -c:a aac", picture("30", "2"));
    let proxy = proxy(source(&args, "a.mp4"), "a.mp4");
    assert_same_times(&proxy, "a.mp4");
    assert_exact(&proxy, 2, 14);
}

#[test]
fn odd_sizes_and_rotation_become_even_and_upright() {
    let odd = proxy(source("-f lavfi -i testsrc2=s=321x181:r=10:d=0.5 -c:v ffv1", "a.mkv"), "a.mkv");
    assert_eq!((odd.index.head.width, odd.index.head.height), (320, 180));
    let args = format!("{} {X264}", picture("10", "0.5"));
    let folder = source(&args, "flat.mp4");
    ffmpeg(folder.path(), "-loglevel error -i flat.mp4 -c copy -metadata:s:v rotate=90 a.mp4");
    let portrait = proxy(folder, "a.mp4");
    assert_eq!((portrait.index.head.width, portrait.index.head.height), (90, 160));
    assert_exact(&portrait, 1, 4);
}

#[test]
fn a_video_of_one_frame_is_a_video() {
    let one = proxy(source(&format!("{} {X264}", picture("25", "0.04")), "a.mp4"), "a.mp4");
    assert_eq!(one.index.frames.len(), 1);
    assert_exact(&one, 0, 1);
}

#[test]
fn an_interlaced_source_keeps_its_frame_count() {
    let args = format!("{} -vf interlace -c:v mpeg2video -flags +ilme+ildct", picture("50", "1"));
    let proxy = proxy(source(&args, "a.ts"), "a.ts");
    assert_same_times(&proxy, "a.ts");
}

#[test]
fn high_dynamic_range_is_mapped() {
    let tags = "-color_trc smpte2084 -colorspace bt2020nc -color_primaries bt2020 -pix_fmt yuv420p10le";
    let args = format!("{} -c:v libx265 -preset ultrafast -x265-params log-level=none {tags}", picture("10", "0.4"));
    let proxy = proxy(source(&args, "a.mp4"), "a.mp4");
    assert_eq!(proxy.index.frames.len(), 4);
    let tags = ffprobe(
        proxy.folder.path(),
        "-loglevel error -show_entries stream=color_transfer,pix_fmt -of csv=p=0 proxy.mp4",
    );
    assert_eq!(tags.trim(), "yuv420p,bt709");
}

/// The first moment with sound, in seconds from the first frame.
fn first_sound(proxy: &Proxy, file: &str) -> f64 {
    let samples = ffmpeg(proxy.folder.path(), &format!("-loglevel error -i {file} -map 0:a -ac 1 -f s16le pipe:1"));
    let loud = samples.chunks_exact(2).position(|sample| i16::from_le_bytes([sample[0], sample[1]]).abs() > 2000);
    loud.unwrap() as f64 / 48_000.0
}

#[test]
fn sound_that_starts_late_stays_in_its_place() {
    let beep = "-f lavfi -i sine=1000:d=1:r=48000 -filter_complex [1:a]volume=8,adelay=400:all=1[a] -map 0:v -map [a]";
    let args = format!("{} {beep} {X264} -c:a aac", picture("25", "1.6"));
    let folder = source(&args, "whole.mp4");
    // The sound's first 0.3 s are cut off by packets, and the whole starts at 5 s on its clock.
    ffmpeg(
        folder.path(),
        "-loglevel error -i whole.mp4 -ss 0.3 -i whole.mp4 -map 0:v -map 1:a -c copy -output_ts_offset 5 a.ts",
    );
    let before = {
        let proxy = proxy(source(&args, "a.mp4"), "a.mp4");
        proxy.cut(5, 20);
        assert!((first_sound(&proxy, "clip.mp4") - 0.2).abs() < 0.005, "{}", first_sound(&proxy, "clip.mp4"));
        first_sound(&proxy, "proxy.mp4")
    };
    assert!((before - 0.4).abs() < 0.005, "{before}");
    let shifted = proxy(folder, "a.ts");
    assert_same_times(&shifted, "a.ts");
    assert_exact(&shifted, 4, 11);
}

#[test]
fn single_frames_make_a_clip_of_their_own() {
    let proxy = proxy(source(&format!("{} {X264}", picture("25", "1")), "a.mp4"), "a.mp4");
    let frames = [20, 3, 9].map(|frame: usize| proxy.index.frames[frame]);
    proxy.write(&clip::of_frames(&proxy.index.head, frames).unwrap());
    let all = proxy.frame_sums("proxy.mp4");
    assert_eq!(proxy.frame_sums("clip.mp4"), [20, 3, 9].map(|frame| all[frame].clone()));
}

#[test]
fn the_same_source_gives_the_same_bytes() {
    let make = || proxy(source(&format!("{} {X264}", picture("25", "0.6")), "a.mp4"), "a.mp4");
    assert_eq!(make().media, make().media);
}
