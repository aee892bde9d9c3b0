//! The chunk length shows nowhere but in the proxy's bytes.

use crate::{
    ingest::{Made, ingest, settings},
    tools::ffmpeg,
};
use heaters_domain::plan::SourceClass;

const FILM: &str = "-f lavfi -i testsrc2=s=160x90:r=25:d=12 -f lavfi -i sine=440:d=12 \
                    -c:v libx264 -preset veryfast -g 15 -bf 2 -c:a aac";
/// Seconds; the first is one chunk.
const LENGTHS: [u32; 6] = [0, 1, 2, 3, 4, 7];

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

fn assert_same(options: &str, file: &str, class: SourceClass) {
    let folder = tempfile::tempdir().unwrap();
    ffmpeg(folder.path(), &format!("{FILM} {options} {file}"));
    let made = LENGTHS.map(|seconds| ingest(&folder.path().join(file), &settings(seconds)).unwrap());
    let counts: Vec<usize> = made.iter().map(|made| made.chunks).collect();
    assert!(counts[0] == 1 && counts[1..].is_sorted_by(|one, other| one >= other) && counts[4] > 2, "{counts:?}");
    assert!(made[1..].iter().all(|made| made.class == class));
    let whole = outputs(&made[0]);
    assert_eq!(whole.frames.len(), made[0].output.frames as usize);
    assert!(whole.frames.iter().any(|(_, flags)| *flags == 1), "no key frame of the source is known");
    for (one, seconds) in made.iter().zip(LENGTHS).skip(1) {
        let found = outputs(one);
        assert!(found.frames == whole.frames && found.end == whole.end, "{file}: times in chunks of {seconds} s");
        for (number, (one, other)) in found.files.iter().zip(&whole.files).enumerate() {
            assert!(one == other, "{file}: output {number} in chunks of {seconds} s");
        }
    }
}

#[test]
fn of_an_indexed_source() {
    assert_same("", "film.mp4", SourceClass::Indexed);
    assert_same("-vf setpts='PTS+0.3*mod(N\\,7)/TB/25' -fps_mode vfr", "film.mov", SourceClass::Indexed);
}

#[test]
fn of_a_cued_source() {
    assert_same("", "film.mkv", SourceClass::Cued);
}

#[test]
fn of_a_sequential_source() {
    assert_same("", "film.ts", SourceClass::Sequential);
}
