//! The storyboard: small pictures of a video for the scrub bar, on sheets, and the WebVTT that says which is
//! shown when.

use crate::{
    Frame, Rational,
    index::{FrameRecord, Head},
    tiles,
};
use std::fmt::Write;

/// How many tiles a sheet has across and down.
pub const ACROSS: u32 = 10;
pub const DOWN: u32 = 10;
/// The most tiles of a sheet.
pub const SHEET_TILES: u32 = ACROSS * DOWN;

/// Which tiles of the chunks make the storyboard: of each bucket of time the first. `times` are the tiles' in
/// the order of the chunks, in ticks of the picture's time base. Gives the numbers of those that are kept.
pub fn kept(times: &[i64], time_base: Rational, tile_seconds: u32) -> Vec<usize> {
    let mut last = None;
    let buckets = times.iter().map(|pts| tiles::bucket(*pts, time_base, tile_seconds)).enumerate();
    let is_new = |(_, bucket): &(usize, i64)| {
        let is_new = last.is_none_or(|last| *bucket > last);
        last = if is_new { Some(*bucket) } else { last };
        is_new
    };
    buckets.filter(is_new).map(|(number, _)| number).collect()
}

/// When and where the tiles are shown.
#[derive(Debug, Clone, Copy)]
pub struct Cues<'a> {
    /// Each tile's presentation time in ticks.
    pub times: &'a [i64],
    /// The first frame's start and the last one's end, in ticks.
    pub start: i64,
    pub end: i64,
    pub time_base: Rational,
    /// A tile's size in pixels.
    pub width: u32,
    pub height: u32,
}

/// The WebVTT: a cue for each tile, from 0 to the video's end without gaps. Times count from the first
/// frame's start. `sheet` names the sheet of a number, relative to the text.
pub fn vtt(cues: &Cues<'_>, sheet: impl Fn(u32) -> String) -> String {
    let milliseconds = |ticks: i64| milliseconds(ticks - cues.start, cues.time_base);
    let mut text = "WEBVTT\n".to_owned();
    let ends = cues.times.iter().skip(1).copied().chain([cues.end]);
    for (number, (time, end)) in (0u32..).zip(cues.times.iter().zip(ends)) {
        let start = if number == 0 { 0 } else { milliseconds(*time) };
        let (start, end) = (clock(start), clock(milliseconds(end)));
        let place = number % SHEET_TILES;
        let (x, y) = (place % ACROSS * cues.width, place / ACROSS * cues.height);
        let (name, width, height) = (sheet(number / SHEET_TILES), cues.width, cues.height);
        // Writing to a String can't fail.
        let _ = write!(text, "\n{start} --> {end}\n{name}#xywh={x},{y},{width},{height}\n");
    }
    text
}

fn milliseconds(ticks: i64, time_base: Rational) -> u64 {
    let ticks = i128::from(ticks).max(0) * i128::from(time_base.num) * 1000;
    let den = i128::from(time_base.den.max(1));
    ((ticks + den / 2) / den) as u64
}

/// A tile as the text says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cue {
    /// From when it is shown.
    pub milliseconds: u64,
    /// Counted from 0.
    pub sheet: u32,
    /// Its place on the sheet in pixels.
    pub x: u32,
    pub y: u32,
    pub width: u32,
    pub height: u32,
}

/// The inverse of [`vtt`], as far as it matters; `None` for another text.
pub fn read(text: &str) -> Option<Vec<Cue>> {
    let mut lines = text.lines();
    if lines.next() != Some("WEBVTT") {
        return None;
    }
    let mut cues = Vec::new();
    while let Some(line) = lines.next() {
        let Some((start, _)) = line.split_once(" --> ") else { continue };
        let (name, place) = lines.next()?.split_once("#xywh=")?;
        let place: Vec<u32> = place.split(',').map(str::parse).collect::<Result<_, _>>().ok()?;
        let [x, y, width, height] = place.try_into().ok()?;
        let sheet = name.rsplit_once('-')?.1.strip_suffix(".jpg")?.parse().ok()?;
        cues.push(Cue { milliseconds: read_clock(start)?, sheet, x, y, width, height });
    }
    Some(cues)
}

/// The inverse of [`clock`].
fn read_clock(text: &str) -> Option<u64> {
    let (clock, milliseconds) = text.split_once('.')?;
    let parts: Vec<u64> = clock.split(':').map(str::parse).collect::<Result<_, _>>().ok()?;
    let [hours, minutes, seconds] = parts.try_into().ok()?;
    Some(((hours * 60 + minutes) * 60 + seconds) * 1000 + milliseconds.parse::<u64>().ok()?)
}

/// The frame that each cue begins with, given all frames of the video.
pub fn first_frames(cues: &[Cue], head: &Head, frames: &[FrameRecord]) -> Vec<Frame> {
    let shown = |frame: &FrameRecord| milliseconds(frame.pts - head.start_pts, head.time_base);
    let last = frames.len().saturating_sub(1);
    let first = |cue: &Cue| frames.partition_point(|frame| shown(frame) < cue.milliseconds).min(last) as Frame;
    cues.iter().map(first).collect()
}

/// Milliseconds as WebVTT writes them.
fn clock(milliseconds: u64) -> String {
    let (seconds, rest) = (milliseconds / 1000, milliseconds % 1000);
    format!("{:02}:{:02}:{:02}.{rest:03}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

/// How many sheets hold so many tiles.
pub fn sheets(tiles: usize) -> u32 {
    tiles.div_ceil(SHEET_TILES as usize) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const BASE: Rational = Rational { num: 1, den: 1000 };

    fn cues(times: &[i64], start: i64, end: i64) -> String {
        let cues = Cues { times, start, end, time_base: BASE, width: 160, height: 90 };
        vtt(&cues, |sheet| format!("storyboard-{sheet:03}.jpg"))
    }

    #[test]
    fn the_text_is_what_players_read() {
        let expected = "WEBVTT\n\n\
                        00:00:00.000 --> 00:00:01.500\nstoryboard-000.jpg#xywh=0,0,160,90\n\n\
                        00:00:01.500 --> 01:01:02.250\nstoryboard-000.jpg#xywh=160,0,160,90\n";
        assert_eq!(cues(&[500, 2000], 500, 3_662_750), expected);
    }

    #[test]
    fn the_eleventh_tile_begins_a_row_and_the_hundred_and_first_a_sheet() {
        let times: Vec<i64> = (0..101).map(|second| second * 1000).collect();
        let text = cues(&times, 0, 101_000);
        assert!(text.contains("00:00:10.000 --> 00:00:11.000\nstoryboard-000.jpg#xywh=0,90,160,90\n"));
        assert!(text.ends_with("00:01:40.000 --> 00:01:41.000\nstoryboard-001.jpg#xywh=0,0,160,90\n"));
        assert_eq!((sheets(0), sheets(100), sheets(101)), (0, 1, 2));
    }

    #[test]
    fn a_bucket_over_a_border_is_kept_once() {
        assert_eq!(kept(&[-40, 0, 990, 1000, 1500, 2000, 2040], BASE, 1), [0, 1, 3, 5]);
        assert_eq!(kept(&[], BASE, 1), [0; 0]);
    }

    #[test]
    fn what_is_no_storyboard_is_not_read() {
        for text in ["", "WEBVTT\n\n00:00:00.000 --> x\na.jpg\n", "WEBVTT\n\n0.0 --> x\ns-1.jpg#xywh=1,2,3,4\n"] {
            assert_eq!(read(text), None, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn a_tile_is_found_at_its_frame(
            steps in prop::collection::vec(1i64..5000, 1..250),
            start in -5000i64..5000,
            every in 1usize..9,
        ) {
            let mut times = vec![start];
            for step in &steps {
                times.push(times[times.len() - 1] + step);
            }
            let end = times.pop().unwrap();
            let frames: Vec<_> =
                times.iter().map(|pts| FrameRecord { pts: *pts, offset: 0, size: 1, flags: 0 }).collect();
            let head = Head {
                frames: frames.len() as u32, time_base: BASE, start_pts: start, end_pts: end, width: 160, height: 90,
                stsd: Vec::new(), sound: None, media_bytes: 0, fps: None,
            };
            let tiles: Vec<i64> = times.iter().copied().step_by(every).collect();
            let read = read(&cues(&tiles, start, end)).unwrap();
            prop_assert!(read.iter().enumerate().all(|(number, cue)| cue.sheet == number as u32 / SHEET_TILES));
            let expected: Vec<u32> = (0..times.len() as u32).step_by(every).collect();
            prop_assert_eq!(first_frames(&read, &head, &frames), expected);
        }

        #[test]
        fn cues_cover_the_video_without_gaps(steps in prop::collection::vec(1i64..5000, 1..250), start in -5000i64..5000) {
            let mut times = vec![start];
            for step in steps {
                times.push(times[times.len() - 1] + step);
            }
            let end = times.pop().unwrap();
            let text = cues(&times, start, end);
            let spans: Vec<(&str, &str)> = text.lines().filter_map(|line| line.split_once(" --> ")).collect();
            prop_assert_eq!(spans.len(), times.len());
            prop_assert_eq!(spans[0].0, "00:00:00.000");
            prop_assert!(spans.windows(2).all(|pair| pair[0].1 == pair[1].0));
            prop_assert_eq!(spans[spans.len() - 1].1, clock((end - start) as u64));
        }
    }
}
