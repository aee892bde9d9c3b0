//! The chunk length shows nowhere but in the proxy's bytes.

use crate::{
    ingest::{Made, ingest, settings},
    tools::ffmpeg,
};
use heaters_domain::plan::SourceClass;

const SCENE: &str = "-f lavfi -i testsrc2=s=160x90:r=25:d=12 -f lavfi -i sine=440:r=48000:d=12";
const X264: &str = "-c:v libx264 -preset veryfast -g 15 -bf 2 -c:a aac";
/// Seconds; the first is one chunk.
const LENGTHS: [u32; 6] = [0, 1, 2, 3, 4, 7];
/// Fewer, where there are many kinds.
const FEW_LENGTHS: [u32; 3] = [0, 2, 3];

/// All outputs of an ingest that may not depend on the chunk length.
#[derive(PartialEq)]
struct Outputs {
    frames: Vec<(i64, u32)>,
    end: i64,
    files: Vec<Vec<u8>>,
}

fn outputs(made: &Made) -> Outputs {
    let read = |name| std::fs::read(made.folder().join(name)).unwrap();
    Outputs {
        frames: made.index.frames.iter().map(|frame| (frame.pts, frame.flags)).collect(),
        end: made.index.head.end_pts,
        files: ["thumbs.bin", "storyboard.vtt", "storyboard-000.jpg", "waveform.bin"].map(read).to_vec(),
    }
}

fn assert_same(options: &str, file: &str, class: SourceClass, lengths: &[u32]) {
    let folder = tempfile::tempdir().unwrap();
    ffmpeg(folder.path(), &format!("{SCENE} {options} {file}"));
    let made: Vec<Made> =
        lengths.iter().map(|seconds| ingest(&folder.path().join(file), &settings(*seconds)).unwrap()).collect();
    let counts: Vec<usize> = made.iter().map(|made| made.chunks).collect();
    let falling = counts[1..].is_sorted_by(|one, other| one >= other);
    let last = lengths.iter().zip(&counts).rfind(|(seconds, _)| **seconds <= 4);
    assert!(counts[0] == 1 && falling && last.is_some_and(|(_, count)| *count > 2), "{file}: {counts:?}");
    assert!(made[1..].iter().all(|made| made.class == class), "{file}");
    let whole = outputs(&made[0]);
    assert_eq!(whole.frames.len(), made[0].output.frames as usize);
    assert!(whole.frames.iter().any(|(_, flags)| *flags == 1), "no key frame of the source is known");
    for (one, seconds) in made.iter().zip(lengths).skip(1) {
        let found = outputs(one);
        assert!(found.frames == whole.frames && found.end == whole.end, "{file}: times in chunks of {seconds} s");
        for (number, (one, other)) in found.files.iter().zip(&whole.files).enumerate() {
            assert!(one == other, "{file}: output {number} in chunks of {seconds} s");
        }
    }
}

#[test]
fn of_an_indexed_source() {
    assert_same(X264, "film.mp4", SourceClass::Indexed, &LENGTHS);
    assert_same(
        &format!("{X264} -vf setpts='PTS+0.3*mod(N\\,7)/TB/25' -fps_mode vfr"),
        "film.mov",
        SourceClass::Indexed,
        &LENGTHS,
    );
}

#[test]
fn of_a_cued_source() {
    assert_same(X264, "film.mkv", SourceClass::Cued, &LENGTHS);
}

#[test]
fn of_a_sequential_source() {
    assert_same(X264, "film.ts", SourceClass::Sequential, &LENGTHS);
}

fn assert_same_copied(options: &str, file: &str) {
    assert_same(&format!("-g 15 {options}"), file, SourceClass::Repackaged, &FEW_LENGTHS);
}

#[test]
fn of_avi() {
    assert_same("-g 15 -c:v mpeg4 -bf 2 -c:a libmp3lame", "film.avi", SourceClass::Repackaged, &LENGTHS);
    // A clock in other than whole parts of a second.
    assert_same_copied("-r 30000/1001 -c:v mpeg4 -bf 2 -c:a pcm_s16le", "ntsc.avi");
    assert_same_copied("-c:v libx264 -preset veryfast -bf 0 -c:a libmp3lame", "camera.avi");
    assert_same_copied("-c:v mjpeg -c:a pcm_s16le", "intra.avi");
}

#[test]
fn of_a_programme_stream() {
    assert_same("-g 15 -c:v mpeg2video -bf 2 -c:a mp2", "film.mpg", SourceClass::Repackaged, &LENGTHS);
    assert_same_copied("-c:v mpeg2video -bf 2 -c:a ac3 -f vob", "film.vob");
    assert_same_copied("-c:v mpeg2video -bf 2 -c:a pcm_s16be -f vob", "lpcm.vob");
}

#[test]
fn of_other_containers_that_cant_be_cut() {
    assert_same_copied("-c:v mpeg2video -bf 2 -c:a pcm_s16le", "film.mxf");
    assert_same_copied("-c:v libtheora -c:a libvorbis", "film.ogv");
    assert_same_copied("-c:v wmv2 -c:a wmav2", "film.wmv");
    assert_same_copied("-c:v ffv1 -c:a flac", "film.mkv");
}
