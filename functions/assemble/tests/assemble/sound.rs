use crate::{
    fixture::{ffmpeg, ffprobe},
    maker::{Video, clicks},
};
use serde_json::json;
use std::fs;

/// A picture of 4 s, and sound with a click of 20 ms at the beginning of each half second; `sound` changes it.
fn clicking(sound: &str, codec: &str) -> String {
    let click = "aevalsrc=0.8*sin(2*PI*1000*t)*lt(mod(t\\,0.5)\\,0.02):d=4:s=48000";
    format!(
        "-f lavfi -i testsrc2=s=160x90:r=25:d=4 -f lavfi -i {click} -filter_complex [1:a]{sound}[a] -map 0:v -map [a] \
         -c:v libx264 -preset ultrafast {codec}"
    )
}

fn assert_clicks(found: &[f64], expected: &[f64]) {
    let near = |(found, expected): (&f64, &f64)| (found - expected).abs() < 0.006;
    assert!(found.len() == expected.len() && found.iter().zip(expected).all(near), "{found:?} instead of {expected:?}");
}

async fn assembled(source: &str, first: i64) -> Video {
    let video = Video::starting_at(source, 100, first);
    video.cut(&[0, 30, 61]);
    let done = video.assemble().await.unwrap();
    assert!(done.output.has_sound && done.metrics["sound_dropped"] == 0.0);
    video
}

#[tokio::test]
async fn sound_stays_in_its_place_over_all_borders() {
    for codec in ["-c:a aac", "-c:a pcm_s16le", "-c:a libopus", "-c:a libmp3lame"] {
        let video = assembled(&clicking("anull", codec), 0).await;
        assert_clicks(&clicks(&video.sound_samples()), &[0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5]);
        let peaks = video.read("waveform.bin");
        let peaks = heaters_domain::waveform::decode(&peaks).unwrap();
        let loud: Vec<_> = peaks.iter().enumerate().filter(|(_, peak)| **peak > 120).map(|(at, _)| at / 25).collect();
        assert!((0..8).all(|half| loud.contains(&half)), "{codec}: {peaks:?}");
    }
}

#[tokio::test]
async fn a_clock_that_starts_anywhere_and_sound_that_starts_late_and_ends_early_are_kept() {
    let late = clicking("atrim=start=0.9:end=3.2", "-c:a aac -output_ts_offset 7.5");
    // 7.5 s are 96000 ticks.
    let video = assembled(&late, 96_000).await;
    let samples = video.sound_samples();
    assert_clicks(&clicks(&samples), &[1.0, 1.5, 2.0, 2.5, 3.0]);
    assert!((samples.len() as f64 / 48_000.0 - 4.0).abs() < 0.03);
}

#[tokio::test]
async fn a_chunk_without_sound_is_silent_and_the_others_keep_their_places() {
    let video = Video::new(&clicking("anull", "-c:a aac"), 100);
    video.cut(&[0, 33, 61]);
    fs::remove_file(video.chunk_folder(1).join("sound.mka")).unwrap();
    video.assemble().await.unwrap();
    // The neighbours overlap the second chunk, 1.32 s to 2.44 s, by 0.3 s.
    assert_clicks(&clicks(&video.sound_samples()), &[0.0, 0.5, 1.0, 1.5, 2.5, 3.0, 3.5]);
}

#[tokio::test]
async fn sound_of_an_object_of_its_own_is_taken_from_there() {
    let mut video = Video::new(&clicking("anull", "-an"), 100);
    video.cut(&[0, 61]);
    let click = "aevalsrc=0.8*sin(2*PI*1000*t)*lt(mod(t\\,0.5)\\,0.02)*gt(t\\,1.9):d=4:s=44100";
    ffmpeg(&video.folder(), &format!("-loglevel error -f lavfi -i {click} -c:a aac sound.m4a"));
    let object = |role: &str, key: &str| json!({ "role": role, "bucket": "media", "key": key, "size_bytes": 1 });
    video.sources = json!([object("picture", "p/a"), object("sound", "p/sound.m4a")]);
    video.source["sound"] = 0.into();
    fs::write(video.folder().join("source.json"), video.source.to_string()).unwrap();
    video.assemble().await.unwrap();
    assert_clicks(&clicks(&video.sound_samples()), &[2.0, 2.5, 3.0, 3.5]);
}

#[tokio::test]
async fn a_video_without_sound_is_a_video() {
    let video = Video::new("-f lavfi -i testsrc2=s=160x90:r=25:d=2 -c:v libx264 -preset ultrafast", 50);
    video.cut(&[0, 30]);
    let done = video.assemble().await.unwrap();
    assert_eq!((done.output.has_sound, done.output.waveform_key, done.metrics["sound_dropped"]), (false, None, 0.0));
    let streams = ffprobe(&video.folder(), "-loglevel error -show_entries stream=codec_name -of csv=p=0 proxy.mp4");
    assert_eq!(streams.trim(), "h264");
}

#[tokio::test]
async fn broken_sound_costs_the_sound_only() {
    let video = Video::new(&clicking("anull", "-c:a aac"), 100);
    video.cut(&[0, 30, 61]);
    for chunk in [1, 0] {
        fs::write(video.chunk_folder(chunk).join("sound.mka"), "not sound").unwrap();
        let done = video.assemble().await.unwrap();
        assert_eq!((done.output.has_sound, done.metrics["sound_dropped"]), (false, 1.0));
        fs::remove_file(video.folder().join("frames.idx")).unwrap();
    }
}
