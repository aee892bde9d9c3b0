//! The sound of many chunks, joined and encoded once.

use crate::fixture::{DEADLINE, ffmpeg, tools};
use heaters_media::{
    args::OFFSET_SECONDS,
    sound::{self, Encoding, Input, Join},
};
use std::{
    fs::{self, File},
    io::{self, Write},
};

const SECONDS: u32 = 300;
const CHUNK_SECONDS: u32 = 30;

#[test]
fn sound_of_many_chunks_keeps_its_time_to_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let click = "aevalsrc=0.8*sin(2*PI*1000*t)*lt(mod(t\\,1)\\,0.04)";
    // A rate that packets' times, rounded to milliseconds, never meet.
    ffmpeg(path, &format!("-loglevel error -f lavfi -i {click}:d={SECONDS}:s=11025 -c:a aac -b:a 24k a.mp4"));
    let count = SECONDS / CHUNK_SECONDS;
    for chunk in 0..count {
        let (start, end) = ((chunk * CHUNK_SECONDS).saturating_sub(1), (chunk + 1) * CHUNK_SECONDS + 1);
        let cut = if chunk == 0 { String::new() } else { format!("-ss {start}") };
        let copy = format!("-c copy -avoid_negative_ts disabled -output_ts_offset {}", start + OFFSET_SECONDS);
        ffmpeg(path, &format!("-loglevel error -copyts -to {end} -i a.mp4 {cut} {copy} -f matroska {chunk}.mka"));
    }
    let feed = |out: &mut dyn Write| {
        let mut join = Join::new(out);
        for chunk in 0..count {
            join.add(File::open(path.join(format!("{chunk}.mka")))?).map_err(io::Error::other)?;
        }
        join.finish().map(drop).map_err(io::Error::other)
    };
    let encoding = Encoding {
        start_seconds: f64::from(OFFSET_SECONDS),
        duration_seconds: f64::from(SECONDS),
        kbps: 64,
        lossless: None,
    };
    let encoded = sound::encode(&tools(), path, Input::Stream(feed), &encoding, DEADLINE).unwrap();
    assert_eq!(heaters_domain::waveform::decode(&encoded.waveform).unwrap().len() as u32, SECONDS * 50);

    let samples = ffmpeg(path, &format!("-loglevel error -i {} -ac 1 -f s16le pipe:1", sound::ENCODED_FILE));
    let samples: Vec<i16> = samples.chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect();
    for second in 1..SECONDS as usize {
        let from = second * 48_000 - 4_800;
        let loud = samples[from..from + 9_600].iter().position(|sample| sample.unsigned_abs() > 6_000).unwrap();
        let late = (loud as f64 - 4_800.0) / 48_000.0;
        // Half a frame at 60 frames a second is 8.3 ms.
        assert!(late.abs() < 0.008, "the click at {second} s is {late} s late");
    }
    fs::remove_dir_all(path).unwrap();
}

/// Tones that go up and down, never twice the same within a part.
const TONES: &str =
    "aevalsrc=0.3*sin(2*PI*(300*t+20*sin(t/3)))+0.2*sin(2*PI*(1700*t+90*cos(t/5)))|0.25*sin(2*PI*(433*t+31*sin(t/4)))";

#[test]
fn nobody_hears_where_the_parts_are_joined() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    // Three parts; the seams are near 60.07 s and 120.15 s.
    ffmpeg(path, &format!("-loglevel error -f lavfi -i {TONES}:d=150:s=48000 -c:a pcm_f32le a.mka"));
    let encoding = Encoding { start_seconds: 0.0, duration_seconds: 150.0, kbps: 96, lossless: None };
    let input: Input<'_, fn(&mut dyn Write) -> io::Result<()>> = Input::File { name: "a.mka", stream: 0 };
    let encoded = sound::encode(&tools(), path, input, &encoding, DEADLINE).unwrap();
    let frames = (150.0f64 * 48_000.0 / 1024.0).ceil() as usize + 1;
    assert_eq!((encoded.track.samples.len(), encoded.track.edit_start), (frames, 1024));

    let samples = |file: &str| -> Vec<f32> {
        let bytes = ffmpeg(path, &format!("-loglevel error -i {file} -t 150 -ac 2 -f f32le pipe:1"));
        bytes.chunks_exact(4).map(|four| f32::from_le_bytes(four.try_into().unwrap())).collect()
    };
    let (source, made) = (samples("a.mka"), samples(sound::ENCODED_FILE));
    // The largest difference in each 50 ms: where encodings don't fit there is a click.
    let span = 2 * 2_400;
    let worst: Vec<f32> = source
        .chunks(span)
        .zip(made.chunks(span))
        .map(|(one, other)| one.iter().zip(other).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max))
        .collect();
    let near_seams = |at: usize| [60.07, 120.15].iter().any(|seam: &f64| (at as f64 / 20.0 - seam).abs() < 0.6);
    let of = |seams: bool| {
        let found = worst.iter().enumerate().filter(|(at, _)| *at > 2 && *at < 2_990 && near_seams(*at) == seams);
        found.map(|(_, worst)| *worst).fold(0.0, f32::max)
    };
    assert!(of(false) > 0.0 && of(true) <= 1.5 * of(false), "{} at the seams, {} elsewhere", of(true), of(false));
}
