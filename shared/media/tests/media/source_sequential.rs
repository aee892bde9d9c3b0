//! Chunks of transport streams and FLV against the whole.

use crate::{
    fixture::{ffmpeg, ready, tools},
    sliced::{Counted, Proven, examine, prove, sent},
};
use heaters_domain::plan::{Clock, Reading, SourceClass};
use heaters_media::source::{Cut, sequential};
use std::{fs, path::Path};

fn make(args: &str, file: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    ffmpeg(folder.path(), &format!("-loglevel error {args} {file}"));
    folder
}

fn scene(seconds: u32, rate: u32) -> String {
    format!("-f lavfi -i testsrc2=s=96x64:r={rate}:d={seconds} -f lavfi -i sine=440:d={seconds}:r=48000")
}

fn plan(folder: &Path, file: &str, seconds: u32) -> Option<(Cut, f64)> {
    let counted = Counted::open(&folder.join(file));
    let source = examine(folder, file, SourceClass::Sequential);
    let object = counted.object();
    let tools = tools();
    let planning = sent(sequential::plan(&object, &tools, folder, &source, seconds));
    let planned = futures::executor::block_on(planning).unwrap();
    planned.map(|planned| (planned, counted.share()))
}

/// Plans and proves with chunks of several lengths.
fn check(folder: &Path, file: &str, lengths: &[(u32, usize)]) -> Vec<Proven> {
    let source = examine(folder, file, SourceClass::Sequential);
    let one = |(seconds, count): &(u32, usize)| {
        let (planned, plan_read) = plan(folder, file, *seconds).unwrap();
        let chunks = planned.chunks.len();
        assert!((*count..=count * 3 / 2).contains(&chunks), "{file} in {chunks} chunks of {seconds} s");
        let proven = prove(folder, file, &source, &planned);
        assert_eq!(planned.packets, Some(planned.chunks.iter().map(|chunk| chunk.frames).sum()));
        println!("{file} in {chunks}: plan reads {plan_read:.3}, chunks {:.3}", proven.read);
        proven
    };
    lengths.iter().map(one).collect()
}

#[test]
fn transport_streams_are_cut_exactly() {
    let cases = [
        ("-c:v libx264 -preset ultrafast -bf 2 -g 25 -c:a aac", "avc.ts"),
        ("-c:v libx264 -preset veryfast -bf 3 -g 20 -c:a ac3", "pyramid.ts"),
        ("-c:v libx264 -preset ultrafast -bf 2 -g 25 -c:a mp2 -mpegts_m2ts_mode 1", "disc.m2ts"),
        ("-c:v libx264 -preset ultrafast -bf 0 -g 25 -an", "silent.ts"),
    ];
    for (codecs, file) in cases {
        let folder = make(&format!("{} {codecs}", scene(6, 25)), file);
        check(folder.path(), file, &[(2, 3), (3, 2), (0, 1)]);
    }
}

#[test]
fn open_groups_of_pictures_are_read_past_the_border() {
    let hevc = "-c:v libx265 -preset ultrafast -x265-params log-level=none:open-gop=1:keyint=25:min-keyint=1:bframes=3:\
                b-adapt=2:rc-lookahead=25:scenecut=0";
    let avc = "-c:v libx264 -preset veryfast -bf 3 -b_strategy 0 -x264-params open-gop=1:keyint=26:scenecut=0";
    let mpeg2 = "-c:v mpeg2video -bf 2 -g 12";
    for (codec, file) in [(hevc, "hevc.ts"), (avc, "avc.ts"), (mpeg2, "mpeg2.ts")] {
        let folder = make(&format!("{} {codec} -c:a mp2", scene(6, 25)), file);
        let proven = check(folder.path(), file, &[(1, 5), (2, 3)]);
        let overlaps = proven[0].chunks.windows(2).any(|pair| match (&pair[0].reading, &pair[1].reading) {
            (Reading::Slice { range: before, .. }, Reading::Slice { range: after, .. }) => before.end > after.start,
            _ => false,
        });
        assert!(overlaps, "{file}");
    }
}

/// A transport stream whose sound, 24,000 bytes a second, is cut into packets wherever its frames begin.
fn unaligned(codec: &str, samples_a_frame: u32, rate: u32, packet_bytes: u32, file: &str) -> tempfile::TempDir {
    let folder = make("-f lavfi -i testsrc2=s=96x64:r=25:d=5 -c:v libx264 -preset ultrafast -bf 2 -g 25", "picture.ts");
    let tones = format!("aevalsrc=0.3*sin(2*PI*(300*t+20*sin(t/3)))|0.25*sin(2*PI*(433*t+31*sin(t/4))):d=5:s={rate}");
    let path = folder.path();
    ffmpeg(path, &format!("-loglevel error -f lavfi -i {tones} -c:a {codec} -b:a 192k sound.{codec}"));
    // Pieces of 1024 bytes, each at the time of the first frame that begins in it.
    let frame_bytes = 24_000.0 * f64::from(samples_a_frame) / f64::from(rate);
    let time = format!("setts=ts=ceil(N*1024/{frame_bytes})*{samples_a_frame}/{rate}*90000");
    let sound = format!("-fflags +noparse+nofillin -i sound.{codec} -map 0:v -map 1:a -c copy -copyinkf -bsf:a {time}");
    ffmpeg(path, &format!("-loglevel error -i picture.ts {sound} -pes_payload_size {packet_bytes} {file}"));
    folder
}

#[test]
fn sound_that_is_not_aligned_to_its_packets_is_whole() {
    for (codec, samples, rate, packet_bytes) in
        [("aac", 1024, 48_000, 0), ("ac3", 1536, 48_000, 0), ("mp2", 1152, 44_100, 0), ("mp2", 1152, 44_100, 2930)]
    {
        let folder = unaligned(codec, samples, rate, packet_bytes, "a.ts");
        check(folder.path(), "a.ts", &[(1, 4), (2, 2)]);
    }
}

#[test]
fn flash_video_is_cut_exactly() {
    let cases = [
        ("-c:v libx264 -preset ultrafast -bf 2 -g 25 -c:a aac", "avc.flv"),
        ("-c:v flv -g 25 -c:a libmp3lame", "sorenson.flv"),
        ("-c:v libx264 -preset ultrafast -bf 2 -g 25 -an -output_ts_offset 7", "silent.flv"),
    ];
    for (codecs, file) in cases {
        let folder = make(&format!("{} {codecs}", scene(8, 25)), file);
        for proven in check(folder.path(), file, &[(2, 4), (4, 2)]) {
            assert!(proven.read < 1.2, "{}", proven.read);
        }
    }
}

#[test]
fn the_turn_of_the_clock_is_followed() {
    // Stamps of 33 bits turn after 95443.7 s.
    for start in [95_343, 95_413] {
        let codec = format!("-c:v libx264 -preset ultrafast -g 4 -c:a aac -output_ts_offset {start}");
        let folder = make(&format!("{} {codec}", scene(200, 2)), "a.ts");
        let proven = check(folder.path(), "a.ts", &[(20, 8)]);
        let shifted = |clock: &Clock| matches!(clock, Clock::Shifted { .. });
        let clocks = proven[0].chunks.iter().filter_map(|chunk| match &chunk.reading {
            Reading::Slice { clock, .. } => Some(clock),
            _ => None,
        });
        assert_eq!(clocks.filter(|clock| shifted(clock)).count() > 0, start == 95_343);
    }
}

#[test]
fn a_clock_that_jumps_makes_one_chunk() {
    let folder = make(&format!("{} -c:v libx264 -preset ultrafast -g 25 -c:a aac", scene(4, 25)), "a.ts");
    let path = folder.path();
    let once = fs::read(path.join("a.ts")).unwrap();
    fs::write(path.join("twice.ts"), [&once[..], &once].concat()).unwrap();
    let (planned, _) = plan(path, "twice.ts", 1).unwrap();
    assert_eq!(planned.chunks.len(), 1);
    assert_eq!(planned.chunks[0].reading, Reading::Whole { clock: Clock::Repaired });
    assert_eq!(planned.packets, Some(200));
}

#[test]
fn pictures_that_refresh_slowly_are_no_borders() {
    let refresh = "-c:v libx264 -preset ultrafast -x264-params intra-refresh=1:keyint=25:bframes=0";
    let folder = make(&format!("{} {refresh} -c:a aac", scene(6, 25)), "a.ts");
    check(folder.path(), "a.ts", &[(2, 1)]);
}

#[test]
fn tables_that_change_make_one_chunk() {
    let folder = make(&format!("{} -c:v libx264 -preset ultrafast -g 25 -c:a aac", scene(4, 25)), "a.ts");
    let path = folder.path();
    let mut bytes = fs::read(path.join("a.ts")).unwrap();
    let is_table = |packet: &[u8]| packet[1..3] == [0x50, 0x00];
    let last = bytes.chunks_exact(188).rposition(is_table).unwrap() * 188;
    assert!(last > bytes.len() / 2);
    // The version of the table.
    bytes[last + 10] ^= 0x02;
    fs::write(path.join("b.ts"), bytes).unwrap();
    assert!(plan(path, "a.ts", 1).is_some() && plan(path, "b.ts", 1).is_none());
}

#[test]
fn a_plan_reads_the_source_once_and_the_chunks_once_more() {
    let noise = "-f lavfi -i testsrc2=s=320x180:r=25:d=20,noise=alls=60:allf=t -f lavfi -i sine=440:d=20";
    let folder = make(&format!("{noise} -c:v libx264 -preset ultrafast -qp 16 -g 25 -c:a aac"), "large.ts");
    let (_, read) = plan(folder.path(), "large.ts", 5).unwrap();
    let proven = check(folder.path(), "large.ts", &[(5, 4)]);
    assert!(read + proven[0].read < 2.3, "{read} and {}", proven[0].read);
}

#[test]
fn what_was_cut_off_is_still_a_stream() {
    let codecs = "-c:v libx264 -preset ultrafast -bf 2 -g 25 -c:a mp2";
    let folder = make(&format!("{} {codecs}", scene(8, 25)), "a.ts");
    let path = folder.path();
    let bytes = fs::read(path.join("a.ts")).unwrap();
    fs::write(path.join("b.ts"), &bytes[..bytes.len() * 3 / 4 + 77]).unwrap();
    check(path, "b.ts", &[(2, 3)]);
}

#[test]
fn damage_is_survived() {
    for (codec, file) in [("mpeg2video", "a.ts"), ("flv", "a.flv")] {
        let folder = make(&format!("{} -c:v {codec} -g 12 -c:a libmp3lame -ar 44100", scene(2, 25)), file);
        let path = folder.path();
        let source = examine(path, file, SourceClass::Sequential);
        let bytes = fs::read(path.join(file)).unwrap();
        let mut seed = 1_u64;
        for round in 0..20_usize {
            let mut wrong = bytes.clone();
            for _ in 0..10 {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                // Tables and configuration are at the beginning.
                let range = if seed & 1 == 1 { 1200 } else { wrong.len() };
                wrong[(seed >> 33) as usize % range] = (seed >> 20) as u8;
            }
            wrong.truncate(wrong.len() - round * 97);
            fs::write(path.join("wrong"), &wrong).unwrap();
            let counted = Counted::open(&path.join("wrong"));
            let (object, tools) = (counted.object(), tools());
            let planned = futures::executor::block_on(sequential::plan(&object, &tools, path, &source, 1)).unwrap();
            for chunk in planned.into_iter().flat_map(|planned| planned.chunks) {
                ready(heaters_media::source::fetch(&object, &object, path, &source, &chunk)).unwrap();
            }
        }
    }
}

#[test]
fn other_containers_are_left_whole() {
    let folder = make(&format!("{} -c:v mpeg4 -c:a mp2", scene(2, 25)), "a.avi");
    assert!(plan(folder.path(), "a.avi", 1).is_none());
}
