//! Matroska read and written, against ffmpeg's.

use crate::fixture::ffmpeg;
use heaters_media::mkv::{Clusters, Event, MkvError, Reader, header};
use proptest::prelude::*;
use std::{fs, path::Path, sync::OnceLock};

/// Packets as ffmpeg's demuxer gives them: stream, times, size and checksum.
fn packets(folder: &Path, file: &str) -> Vec<String> {
    let said = ffmpeg(folder, &format!("-loglevel error -copyts -i {file} -map 0 -c copy -f framecrc pipe:1"));
    let text = String::from_utf8(said).unwrap();
    text.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect()
}

fn make(folder: &Path, args: &str) {
    ffmpeg(folder, &format!("-loglevel error {args}"));
}

/// Reads a file's blocks, drops those that `keep` refuses, and writes the rest behind a header of its own.
fn rewrite(folder: &Path, files: &[&str], out: &str, keep: impl Fn(i64, i64) -> bool) {
    let first = Reader::open(fs::File::open(folder.join(files[0])).unwrap()).unwrap();
    let head = first.head();
    let entries: Vec<_> = head.tracks.iter().map(|track| track.numbered(track.number + 200).unwrap()).collect();
    let mut clusters = Clusters::new(header(head.timestamp_scale, None, &entries), head.timestamp_scale);
    let mut last = i64::MIN;
    for file in files {
        let mut reader = Reader::open(fs::File::open(folder.join(file)).unwrap()).unwrap();
        while let Some(block) = reader.next_block().unwrap() {
            if keep(block.time, last) {
                last = block.time;
                clusters.push(block.track + 200, &block).unwrap();
            }
        }
    }
    let (bytes, written) = clusters.finish().unwrap();
    assert!(written > 0 && written < bytes.len() as u64);
    fs::write(folder.join(out), bytes).unwrap();
}

#[test]
fn blocks_written_anew_are_the_packets_that_were_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    for (codec, rate) in [("libopus", 48_000), ("aac", 44_100), ("flac", 44_100), ("libvorbis", 48_000)] {
        make(
            path,
            &format!(
                "-f lavfi -i testsrc2=s=64x48:r=10:d=3 -f lavfi -i sine=440:d=3:r={rate} -c:v libx264 -bf 2 -g 10 \
                 -c:a {codec} -output_ts_offset 10 a.mkv"
            ),
        );
        rewrite(path, &["a.mkv"], "b.mkv", |_, _| true);
        assert_eq!(packets(path, "a.mkv"), packets(path, "b.mkv"), "{codec}");
    }
}

#[test]
fn overlapping_sound_is_joined_without_a_seam() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    make(path, "-f lavfi -i sine=440:d=6:r=48000 -c:a ac3 whole.mka");
    make(path, "-copyts -i whole.mka -c copy -to 3.5 -avoid_negative_ts disabled 0.mka");
    make(path, "-copyts -ss 2.5 -i whole.mka -c copy -avoid_negative_ts disabled 1.mka");
    rewrite(path, &["0.mka", "1.mka"], "joined.mka", |time, last| time > last);
    let (whole, joined) = (packets(path, "whole.mka"), packets(path, "joined.mka"));
    assert_eq!(whole.len(), joined.len());
    let different = whole.iter().zip(&joined).find(|(whole, joined)| whole != joined);
    assert_eq!(different, None);
}

#[test]
fn positions_are_those_of_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let video = "-f lavfi -i testsrc2=s=64x48:r=10:d=4 -c:v ffv1 -g 1";
    for (file, options) in [("a.mkv", ""), ("live.mkv", "-live 1 -cluster_time_limit 1000"), ("b.webm", "")] {
        let video = if options.is_empty() { video } else { "-f lavfi -i testsrc2=s=64x48:r=10:d=4 -c:v libvpx" };
        let video =
            if file.ends_with("webm") { "-f lavfi -i testsrc2=s=64x48:r=10:d=4 -c:v libvpx-vp9" } else { video };
        make(path, &format!("{video} {options} {file}"));
        let bytes = fs::read(path.join(file)).unwrap();
        let mut reader = Reader::open(&bytes[..]).unwrap();
        let head = reader.head().clone();
        assert_eq!((head.tracks.len(), head.tracks[0].kind, head.timestamp_scale), (1, 1, 1_000_000));
        let (mut blocks, mut clusters, mut end) = (0, 0, 0);
        while let Some(event) = reader.next_event().unwrap() {
            match event {
                Event::Cluster(at) => {
                    assert_eq!(bytes[at as usize..][..4], [0x1f, 0x43, 0xb6, 0x75]);
                    assert!(clusters > 0 || at == head.first_cluster);
                    clusters += 1;
                }
                Event::Block(block) => {
                    assert_eq!(block.time, blocks * 100);
                    assert!(block.at >= end, "blocks follow each other");
                    end = block.at + block.bytes;
                    let data = block.data();
                    assert_eq!(bytes[block.data_at as usize..][..data.len()], *data);
                    assert!(block.key || file != "a.mkv");
                    blocks += 1;
                }
            }
        }
        assert_eq!(blocks, 40, "{file}");
        assert!(clusters > 0);
        // What is left behind the last Cluster is no Cluster.
        assert_eq!(head.clusters_end(bytes.len() as u64), end, "{file}");
    }
}

fn walk(bytes: &[u8]) -> Result<u64, MkvError> {
    let mut reader = Reader::open(bytes)?;
    let mut blocks = 0;
    while let Some(block) = reader.next_block()? {
        assert!(block.at + block.bytes <= bytes.len() as u64);
        blocks += 1;
    }
    Ok(blocks)
}

fn sample() -> &'static [u8] {
    static SAMPLE: OnceLock<Vec<u8>> = OnceLock::new();
    SAMPLE.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        make(
            folder.path(),
            "-f lavfi -i testsrc2=s=64x48:r=10:d=1 -f lavfi -i sine=440:d=1 -c:v libx264 -c:a libopus a.mkv",
        );
        fs::read(folder.path().join("a.mkv")).unwrap()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn what_is_cut_off_is_an_error_or_an_end(length in 0usize..100_000) {
        let all = walk(sample()).unwrap();
        if let Ok(blocks) = walk(&sample()[..length.min(sample().len())]) {
            prop_assert!(blocks <= all);
        }
    }

    #[test]
    fn damage_is_survived(flips in prop::collection::vec((0usize..100_000, any::<u8>()), 1..20)) {
        let mut bytes = sample().to_vec();
        for (at, value) in flips {
            let at = at % bytes.len();
            bytes[at] = value;
        }
        let _ = walk(&bytes);
    }

    #[test]
    fn noise_is_survived(noise in prop::collection::vec(any::<u8>(), 0..400), keep in 0usize..900) {
        let mut bytes = sample()[..keep.min(sample().len())].to_vec();
        bytes.extend_from_slice(&noise);
        let _ = walk(&bytes);
        let _ = heaters_media::mkv::cues(&noise);
        let _ = heaters_media::mkv::group_block(&noise);
    }
}
