//! Chunks of Matroska and WebM against the whole.

use crate::{
    fixture::{ffmpeg, ready},
    sliced::{Counted, Proven, examine, prove, sent},
};
use heaters_domain::plan::{Reading, SourceClass};
use heaters_media::{
    mkv::{Event, Reader},
    source::{Cut, cued},
};
use std::{fs, path::Path};

fn make(args: &str, file: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    ffmpeg(folder.path(), &format!("-loglevel error {args} {file}"));
    folder
}

fn scene(seconds: u32) -> String {
    format!("-f lavfi -i testsrc2=s=96x64:r=25:d={seconds} -f lavfi -i sine=440:d={seconds}")
}

fn plan(folder: &Path, file: &str, seconds: u32) -> Option<(Cut, f64)> {
    let counted = Counted::open(&folder.join(file));
    let source = examine(folder, file, SourceClass::Cued);
    let planned = ready(sent(cued::plan(&counted.object(), &source, seconds))).unwrap();
    planned.map(|planned| (planned, counted.share()))
}

/// Plans and proves with chunks of several lengths.
fn check(folder: &Path, file: &str, lengths: &[(u32, usize)]) -> Vec<Proven> {
    let source = examine(folder, file, SourceClass::Cued);
    let one = |(seconds, count): &(u32, usize)| {
        let (planned, plan_read) = plan(folder, file, *seconds).unwrap();
        let chunks = planned.chunks.len();
        assert!((*count..=count * 3 / 2).contains(&chunks), "{file} in {chunks} chunks of {seconds} s");
        let proven = prove(folder, file, &source, &planned);
        println!("{file} in {chunks}: plan reads {plan_read:.3}, chunks {:.3}", proven.read);
        proven
    };
    lengths.iter().map(one).collect()
}

#[test]
fn common_files_are_cut_exactly() {
    let cases = [
        ("-c:v libx264 -preset ultrafast -bf 2 -g 25 -c:a aac", "avc.mkv"),
        ("-c:v libx264 -preset veryfast -bf 3 -b_strategy 0 -g 20 -c:a flac", "pyramid.mkv"),
        ("-c:v libvpx -deadline realtime -cpu-used 8 -auto-alt-ref 1 -lag-in-frames 16 -g 25 -c:a libvorbis", "a.webm"),
        ("-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -lag-in-frames 16 -g 25 -c:a libopus", "b.webm"),
        ("-c:v libsvtav1 -preset 12 -g 25 -svtav1-params keyint=25 -c:a libopus", "c.mkv"),
        ("-c:v mpeg2video -bf 2 -g 12 -c:a ac3", "mpeg2.mkv"),
    ];
    for (codecs, file) in cases {
        let folder = make(&format!("{} {codecs}", scene(6)), file);
        for proven in check(folder.path(), file, &[(2, 3), (3, 2)]) {
            assert_eq!(proven.complaints, 0, "{file}");
        }
    }
}

#[test]
fn key_frames_within_clusters_are_borders_too() {
    let long = "-c:v libx264 -preset ultrafast -bf 2 -g 20 -c:a libopus";
    let folder = make(&format!("{} {long}", scene(8)), "short.mkv");
    let path = folder.path();
    remux_into_long_clusters(path, "short.mkv", "long.mkv");
    let proven = check(path, "long.mkv", &[(2, 4), (3, 3)]);
    for proven in proven {
        assert_eq!(proven.complaints, 0);
        assert!(proven.read < 1.1, "{}", proven.read);
    }
}

/// Writes a file anew with a Cluster each 3 s and no Cues.
fn remux_into_long_clusters(path: &Path, from: &str, to: &str) {
    use heaters_media::mkv::{Clusters, header};
    let mut reader = Reader::open(fs::File::open(path.join(from)).unwrap()).unwrap();
    let head = reader.head().clone();
    let entries: Vec<_> = head.tracks.iter().map(|track| track.numbered(track.number).unwrap()).collect();
    let mut out = Clusters::new(header(head.timestamp_scale, head.duration, &entries), head.timestamp_scale);
    while let Some(block) = reader.next_block().unwrap() {
        out.push(block.track, &block).unwrap();
    }
    fs::write(path.join(to), out.finish().unwrap().0).unwrap();
    assert!(plan(path, to, 2).unwrap().0.packets.is_some(), "there are no cues");
}

#[test]
fn open_groups_of_pictures_are_read_past_the_border() {
    let hevc = "-c:v libx265 -preset ultrafast -x265-params log-level=none:open-gop=1:keyint=25:min-keyint=1:bframes=3:b-adapt=2:rc-lookahead=25:scenecut=0";
    let avc = "-c:v libx264 -preset veryfast -bf 3 -b_strategy 0 -x264-params open-gop=1:keyint=26:scenecut=0";
    for (codec, file) in [(hevc, "hevc.mkv"), (avc, "avc.mkv")] {
        let folder = make(&format!("{} {codec} -c:a aac", scene(6)), file);
        let proven = check(folder.path(), file, &[(1, 6), (2, 3)]);
        let overlaps = proven[0].chunks.windows(2).any(|pair| match (&pair[0].reading, &pair[1].reading) {
            (Reading::Slice { range: before, .. }, Reading::Slice { range: after, .. }) => before.end > after.start,
            _ => false,
        });
        assert!(overlaps, "{file}");
    }
}

#[test]
fn a_live_stream_without_cues_is_read_once_to_plan() {
    let codec = "-c:v libvpx -deadline realtime -cpu-used 8 -g 25 -c:a libopus";
    let folder = make(&format!("{} {codec} -live 1 -cluster_time_limit 700", scene(6)), "a.webm");
    let (planned, read) = plan(folder.path(), "a.webm", 2).unwrap();
    assert_eq!(planned.packets, Some(150));
    assert_eq!(planned.chunks.iter().map(|chunk| chunk.frames).sum::<u32>(), 150);
    assert!(read < 2.0, "{read}");
    check(folder.path(), "a.webm", &[(2, 3), (3, 2)]);
}

#[test]
fn what_was_cut_off_is_planned_without_its_cues() {
    let folder = make(&format!("{} -c:v libx264 -preset ultrafast -bf 2 -g 25 -c:a aac", scene(8)), "a.mkv");
    let path = folder.path();
    let bytes = fs::read(path.join("a.mkv")).unwrap();
    fs::write(path.join("b.mkv"), &bytes[..bytes.len() * 3 / 4]).unwrap();
    assert!(plan(path, "b.mkv", 2).unwrap().0.packets.is_some());
    check(path, "b.mkv", &[(2, 3)]);
}

#[test]
fn the_clock_of_the_source_is_kept() {
    let codec = "-c:v libx264 -preset ultrafast -bf 2 -g 25 -c:a aac -output_ts_offset 100";
    let folder = make(&format!("{} {codec}", scene(6)), "late.mkv");
    let proven = check(folder.path(), "late.mkv", &[(2, 3)]);
    assert!(proven[0].chunks[1].start.unwrap() >= 102_000);
    let rate = "-vf select='not(mod(n,3))+lt(n,9)' -fps_mode vfr";
    let variable = make(&format!("{} {rate} -c:v libx264 -preset ultrafast -g 8 -c:a aac", scene(6)), "vfr.mkv");
    check(variable.path(), "vfr.mkv", &[(2, 3)]);
}

#[test]
fn a_plan_reads_little_of_a_large_file() {
    let noise =
        "-f lavfi -i testsrc2=s=320x180:r=25:d=20,noise=alls=60:allf=t -c:v libx264 -preset ultrafast -qp 20 -g 50";
    let folder = make(noise, "large.mkv");
    let (planned, read) = plan(folder.path(), "large.mkv", 5).unwrap();
    assert!(planned.chunks.len() >= 4);
    assert!(read < 0.1, "{read}");
    let proven = check(folder.path(), "large.mkv", &[(5, 4)]);
    assert!(proven[0].read < 1.01, "{}", proven[0].read);
}

/// The positions of the bytes of `wanted` in a file.
fn positions(bytes: &[u8], wanted: &[u8]) -> Vec<usize> {
    bytes.windows(wanted.len()).enumerate().filter(|(_, window)| *window == wanted).map(|(at, _)| at).collect()
}

#[test]
fn cues_that_lie_are_left_out() {
    let codec = "-c:v libx264 -preset ultrafast -bf 2 -g 25 -c:a aac";
    let folder = make(&format!("{} {codec}", scene(8)), "true.mkv");
    let path = folder.path();
    let bytes = fs::read(path.join("true.mkv")).unwrap();
    let cues = *positions(&bytes, &[0x1c, 0x53, 0xbb, 0x6b]).last().unwrap();
    // The times of every second cue become wrong, then the positions of some, then all.
    for (id, step) in [(0xb3, 2), (0xf1, 3), (0xf1, 1)] {
        let mut wrong = bytes.clone();
        let places: Vec<usize> =
            (cues..bytes.len() - 3).filter(|at| bytes[*at] == id && bytes[at + 1] == 0x82).collect();
        assert!(!places.is_empty());
        places.iter().step_by(step).for_each(|at| wrong[at + 3] ^= 0x1f);
        fs::write(path.join("false.mkv"), &wrong).unwrap();
        let source = examine(path, "false.mkv", SourceClass::Cued);
        for (seconds, count) in [(2, 4), (4, 2)] {
            let (planned, _) = plan(path, "false.mkv", seconds).unwrap();
            assert!(planned.chunks.len() >= count, "{} chunks of {seconds} s", planned.chunks.len());
            prove(path, "false.mkv", &source, &planned);
        }
    }
}

#[test]
fn key_flags_that_lie_are_not_believed() {
    let codec = "-c:v libx264 -preset ultrafast -bf 0 -g 50 -c:a aac -live 1";
    let folder = make(&format!("{} {codec}", scene(8)), "true.mkv");
    let path = folder.path();
    let mut bytes = fs::read(path.join("true.mkv")).unwrap();
    let mut reader = Reader::open(fs::File::open(path.join("true.mkv")).unwrap()).unwrap();
    let mut flags = Vec::new();
    while let Some(event) = reader.next_event().unwrap() {
        if let Event::Block(block) = event
            && block.track == 1
        {
            flags.push(block.data_at as usize - 1);
        }
    }
    for at in flags {
        bytes[at] |= 0x80;
    }
    fs::write(path.join("false.mkv"), &bytes).unwrap();
    let source = examine(path, "false.mkv", SourceClass::Cued);
    let (planned, _) = plan(path, "false.mkv", 1).unwrap();
    assert_eq!(planned.chunks.len(), 4);
    prove(path, "false.mkv", &source, &planned);
}

#[test]
fn what_can_not_be_cut_is_said() {
    let avi = make(&format!("{} -c:v mpeg4 -bf 2", scene(3)), "a.avi");
    ffmpeg(avi.path(), "-loglevel error -fflags +genpts -i a.avi -map 0:v -c copy a.mkv");
    let mut bytes = fs::read(avi.path().join("a.mkv")).unwrap();
    assert!(plan(avi.path(), "a.mkv", 1).is_some());
    let at = positions(&bytes, b"V_MPEG4/ISO/ASP")[0];
    bytes[at..at + 15].copy_from_slice(b"V_MS/VFW/FOURCC");
    fs::write(avi.path().join("b.mkv"), &bytes).unwrap();
    let source = examine(avi.path(), "a.mkv", SourceClass::Cued);
    let counted = Counted::open(&avi.path().join("b.mkv"));
    assert_eq!(ready(cued::plan(&counted.object(), &source, 1)).unwrap(), None);
}

#[test]
fn damage_is_survived() {
    let codec = "-c:v libx264 -preset ultrafast -bf 2 -g 12 -c:a aac";
    let folder = make(&format!("{} {codec}", scene(3)), "a.mkv");
    let path = folder.path();
    let source = examine(path, "a.mkv", SourceClass::Cued);
    let bytes = fs::read(path.join("a.mkv")).unwrap();
    let mut seed = 1_u64;
    for _ in 0..300 {
        let mut wrong = bytes.clone();
        for _ in 0..8 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            // Heads and cues are what a plan reads.
            let from_end = seed & 1 == 1;
            let at = (seed >> 33) as usize % 900.min(wrong.len());
            let at = if from_end { wrong.len() - 1 - at } else { at };
            wrong[at] = (seed >> 20) as u8;
        }
        wrong.truncate(wrong.len() - (seed >> 50) as usize % 2000);
        fs::write(path.join("b.mkv"), &wrong).unwrap();
        let counted = Counted::open(&path.join("b.mkv"));
        let planned = ready(cued::plan(&counted.object(), &source, 1)).unwrap();
        for chunk in planned.into_iter().flat_map(|planned| planned.chunks) {
            let _ = ready(heaters_media::source::fetch(&counted.object(), &counted.object(), path, &source, &chunk));
        }
    }
}
