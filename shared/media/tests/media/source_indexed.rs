//! MP4 and MOV files read in chunks give the frames and the sound of the whole file, bit for bit.

use crate::fixture::{ffmpeg, ffprobe, ready, tools};
use heaters_domain::{
    plan::{Chunk, Reading, SourceClass},
    settings::ProxySettings,
};
use heaters_media::source::{
    self, LOCAL_FILE, Ranged, ReadAt, Walk,
    indexed::{self, Planned, Wanted},
    table::TableHead,
};
use std::{
    fs::{self, File},
    io,
    ops::Range,
    os::unix::fs::FileExt,
    path::Path,
};

/// A file read by ranges.
fn ranged(path: &Path) -> impl ReadAt<Error = io::Error> + use<> {
    let file = File::open(path).unwrap();
    let size = file.metadata().unwrap().len();
    Ranged::new(size, move |range: Range<u64>| {
        let mut bytes = vec![0; (range.end.min(size) - range.start) as usize];
        let read = file.read_exact_at(&mut bytes, range.start);
        std::future::ready(read.map(|()| bytes))
    })
}

fn stored(table: Vec<u8>) -> impl ReadAt<Error = io::Error> {
    Ranged::new(table.len() as u64, move |range: Range<u64>| {
        std::future::ready(Ok::<_, io::Error>(table[range.start as usize..range.end as usize].to_vec()))
    })
}

/// Walks and plans a file of `folder` for chunks of so many seconds.
fn planned(folder: &Path, file: &str, chunk_seconds: u32) -> (Walk, Planned) {
    let probed = folder.join("probed");
    fs::create_dir_all(&probed).unwrap();
    let object = ranged(&folder.join(file));
    let walk = ready(source::walk(&object, &probed.join(LOCAL_FILE))).unwrap();
    let proxy = ProxySettings::default();
    let wanted = Wanted { proxy: &proxy, sound_apart: false };
    let survey = indexed::survey(&tools(), &probed, &walk, wanted).unwrap();
    (walk, ready(survey.plan(&object, chunk_seconds)).unwrap())
}

/// Presentation time, size and checksum of a frame or a packet.
type Sum = (i64, u64, String);

/// All frames of a stream as a decoder gives them.
fn frames(folder: &Path, file: &str, stream: u32, ticks: u32) -> Vec<Sum> {
    let args = format!(
        "-loglevel error -copyts -i {file} -map 0:{stream} -fps_mode passthrough -enc_time_base 1:{ticks} -f framecrc -"
    );
    let text = String::from_utf8(ffmpeg(folder, &args)).unwrap();
    let sum = |line: &str| {
        let fields: Vec<&str> = line.split(',').map(str::trim).collect();
        (fields[2].parse().unwrap(), fields[4].parse().unwrap(), fields[5].to_owned())
    };
    text.lines().filter(|line| !line.starts_with('#')).map(sum).collect()
}

/// All packets of a stream as a demuxer gives them.
fn packets(folder: &Path, file: &str, stream: u32) -> Vec<Sum> {
    let text = ffprobe(
        folder,
        &format!(
            "-loglevel error -select_streams {stream} -show_entries packet=pts,size,data_hash -show_data_hash crc32 \
             -print_format default=nokey=1:noprint_wrappers=1 {file}"
        ),
    );
    let sum = |fields: &[&str]| (fields[0].parse().unwrap(), fields[1].parse().unwrap(), fields[2].to_owned());
    text.lines().filter(|line| !line.is_empty()).collect::<Vec<_>>().chunks(3).map(sum).collect()
}

fn inside(chunk: &Chunk, pts: i64) -> bool {
    chunk.start.is_none_or(|start| start <= pts) && chunk.end.is_none_or(|end| pts < end)
}

/// What the chunks of a plan give, one after another, and how many bytes were read for them.
fn read_chunks(folder: &Path, file: &str, planned: &Planned) -> (Vec<Sum>, Vec<Sum>, u64) {
    let object = ranged(&folder.join(file));
    let table = stored(planned.table.clone().unwrap_or_default());
    let sound_ticks = planned
        .table
        .as_ref()
        .map_or(0, |_| ready(TableHead::read(&table)).unwrap().sound.map_or(0, |sound| i64::from(sound.timescale)));
    let ticks = planned.source.media.time_base.den;
    let (mut all_frames, mut all_sound, mut bytes) = (Vec::new(), Vec::new(), 0);
    for chunk in &planned.chunks {
        let at = folder.join("chunk");
        fs::create_dir_all(&at).unwrap();
        let local = ready(source::fetch(&object, &table, &at, &planned.source, chunk)).unwrap();
        bytes += local.read.iter().map(|span| span.range.end - span.range.start).sum::<u64>();
        let mut shown: Vec<Sum> = frames(&at, LOCAL_FILE, local.picture, ticks)
            .into_iter()
            .map(|(pts, size, sum)| (pts + local.shift, size, sum))
            .filter(|(pts, ..)| inside(chunk, *pts))
            .collect();
        assert_eq!(shown.len() as u32, chunk.frames, "frames of chunk {}", chunk.index);
        shown.sort();
        all_frames.extend(shown);
        let Some(stream) = local.sound else { continue };
        let shift = local.shift * sound_ticks / i64::from(ticks);
        all_sound.extend(packets(&at, LOCAL_FILE, stream).into_iter().map(|(pts, size, sum)| (pts + shift, size, sum)));
    }
    (all_frames, all_sound, bytes)
}

/// What a file is expected to be planned as.
struct Case<'a> {
    name: &'a str,
    /// ffmpeg's arguments, a run each; the last makes `name`.
    make: &'a [&'a str],
    /// The chunk lengths to try, and how many chunks there are at least with the shortest.
    seconds: &'a [u32],
    chunks: usize,
}

fn assert_same(found: &[Sum], expected: &[Sum], what: &str) {
    let differs = found.iter().zip(expected).find(|(found, expected)| found != expected);
    assert_eq!(differs, None, "{what}");
    assert_eq!(found.len(), expected.len(), "{what}");
}

fn check(case: &Case<'_>) {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for args in case.make {
        ffmpeg(folder, &format!("-loglevel error {args}"));
    }
    let size = fs::metadata(folder.join(case.name)).unwrap().len();
    let mut expected = None;
    for seconds in case.seconds {
        let (walk, planned) = planned(folder, case.name, *seconds);
        assert_eq!(planned.source.class, SourceClass::Indexed, "{}", case.name);
        assert_eq!(planned.missing_packets, 0);
        assert!(walk.read_bytes <= size);
        if Some(seconds) == case.seconds.first() {
            assert!(planned.chunks.len() >= case.chunks, "{} in {:?}", case.name, planned.chunks);
        }
        let (shown, sound) = expected.get_or_insert_with(|| {
            let mut shown = frames(folder, case.name, planned.source.picture, planned.source.media.time_base.den);
            shown.sort();
            (shown, planned.source.sound.map(|stream| packets(folder, case.name, stream)).unwrap_or_default())
        });
        assert!(!shown.is_empty());
        assert_eq!(planned.source.media.packets as usize, shown.len());
        let (chunked, heard, bytes) = read_chunks(folder, case.name, &planned);
        assert_same(&chunked, shown, &format!("frames of {} in chunks of {seconds} s", case.name));
        assert_same(&heard, sound, &format!("sound of {} in chunks of {seconds} s", case.name));
        if seconds == case.seconds.last().unwrap() {
            assert!(bytes * 10 <= size * 13, "{bytes} bytes of {size} were read");
        }
    }
}

const PICTURE: &str = "-f lavfi -i testsrc2=s=96x64:r=25:d=6";
const SOUND: &str = "-f lavfi -i sine=440:r=44100:d=6";

#[test]
fn h264_with_b_frames() {
    let make = format!("{PICTURE} {SOUND} -c:v libx264 -g 20 -bf 3 -c:a aac a.mp4");
    check(&Case { name: "a.mp4", make: &[&make], seconds: &[1, 2, 0], chunks: 5 });
}

#[test]
fn h264_with_open_groups() {
    let make =
        format!("{PICTURE} -c:v libx264 -g 12 -bf 2 -x264-params open-gop=1:scenecut=0 -movflags +faststart a.mp4");
    check(&Case { name: "a.mp4", make: &[&make], seconds: &[1, 2], chunks: 5 });
}

#[test]
fn hevc_with_open_groups() {
    let make = format!(
        "{PICTURE} {SOUND} -c:v libx265 -x265-params open-gop=1:keyint=12:min-keyint=12:bframes=3:scenecut=0:log-level=0 \
         -tag:v hvc1 -c:a aac a.mp4"
    );
    check(&Case { name: "a.mp4", make: &[&make], seconds: &[1, 3], chunks: 5 });
}

#[test]
fn all_key_frames_at_odd_rates() {
    let make = format!(
        "-f lavfi -i testsrc2=s=64x48:r=30000/1001:d=5 {SOUND} -shortest -c:v libx264 -g 1 -c:a libmp3lame a.mp4"
    );
    check(&Case { name: "a.mp4", make: &[&make], seconds: &[1, 2], chunks: 5 });
}

#[test]
fn fragments() {
    let make = format!(
        "{PICTURE} {SOUND} -c:v libx264 -g 15 -bf 2 -c:a aac -movflags frag_keyframe+empty_moov+default_base_moof a.mp4"
    );
    check(&Case { name: "a.mp4", make: &[&make], seconds: &[1, 2], chunks: 5 });
}

#[test]
fn indexed_fragments_with_a_delayed_index() {
    let make = format!(
        "{PICTURE} {SOUND} -c:v libx264 -g 15 -bf 2 -c:a aac -movflags dash+delay_moov -frag_duration 700000 a.mp4"
    );
    check(&Case { name: "a.mp4", make: &[&make], seconds: &[1, 2], chunks: 5 });
}

#[test]
fn a_copied_cut_with_an_edit_list() {
    let make = format!("{PICTURE} {SOUND} -c:v libx264 -g 50 -bf 2 -c:a aac whole.mp4");
    let cut = "-ss 1.3 -i whole.mp4 -t 4.1 -c copy a.mp4";
    check(&Case { name: "a.mp4", make: &[&make, cut], seconds: &[1, 2], chunks: 3 });
}

#[test]
fn times_below_zero() {
    let make = format!("{PICTURE} {SOUND} -c:v libx264 -g 20 -bf 2 -c:a aac whole.mp4");
    let moved = "-itsoffset -2.5 -i whole.mp4 -c copy -avoid_negative_ts disabled -use_editlist 0 a.mov";
    check(&Case { name: "a.mov", make: &[&make, moved], seconds: &[1, 2], chunks: 4 });
}

#[test]
fn a_late_start() {
    let make = format!("{PICTURE} {SOUND} -c:v libx264 -g 20 -bf 2 -c:a aac whole.mp4");
    let moved = "-itsoffset 7 -i whole.mp4 -itsoffset 6.5 -i whole.mp4 -map 0:v -map 1:a -c copy a.mp4";
    check(&Case { name: "a.mp4", make: &[&make, moved], seconds: &[1, 2], chunks: 4 });
}

#[test]
fn uncompressed_sound_in_quicktime() {
    let make = format!("{PICTURE} {SOUND} -c:v mjpeg -q:v 10 -c:a pcm_s16le -ac 2 a.mov");
    check(&Case { name: "a.mov", make: &[&make], seconds: &[1, 2], chunks: 5 });
    let make = format!("{PICTURE} {SOUND} -c:v prores_ks -c:a pcm_s24be -movflags +faststart a.mov");
    check(&Case { name: "a.mov", make: &[&make], seconds: &[2], chunks: 3 });
}

#[test]
fn block_coded_sound_in_quicktime() {
    let make = format!("{PICTURE} {SOUND} -c:v libx264 -g 25 -c:a adpcm_ima_qt a.mov");
    check(&Case { name: "a.mov", make: &[&make], seconds: &[1], chunks: 5 });
}

#[test]
fn a_rotated_film() {
    let make = format!("{PICTURE} {SOUND} -c:v libx264 -g 20 -c:a aac whole.mp4");
    let turned = "-i whole.mp4 -c copy -metadata:s:v rotate=90 a.mp4";
    check(&Case { name: "a.mp4", make: &[&make, turned], seconds: &[1], chunks: 5 });
    let folder = tempfile::tempdir().unwrap();
    ffmpeg(folder.path(), &format!("-loglevel error {make}"));
    ffmpeg(folder.path(), &format!("-loglevel error {turned}"));
    let (_, planned) = planned(folder.path(), "a.mp4", 1);
    assert_eq!((planned.source.media.width, planned.source.media.height), (64, 96));
}

#[test]
fn a_variable_rate() {
    let make = "-f lavfi -i testsrc2=s=64x48:r=25:d=9 -vf select='not(mod(floor(n/7),3))' -fps_mode vfr \
                -enc_time_base 1:90000 -c:v libx264 -g 9 -bf 2 -video_track_timescale 90000 a.mp4";
    check(&Case { name: "a.mp4", make: &[make], seconds: &[1, 2], chunks: 4 });
}

#[test]
fn one_key_frame_only() {
    let make = format!("{PICTURE} {SOUND} -c:v libx264 -g 9999 -c:a aac a.mp4");
    check(&Case { name: "a.mp4", make: &[&make], seconds: &[1], chunks: 1 });
}

#[test]
fn pictures_that_are_refreshed_bit_by_bit() {
    // Such key frames say themselves that pictures are exact only later: chunks can't begin there.
    let make = format!("{PICTURE} -c:v libx264 -g 25 -x264-params intra-refresh=1 a.mp4");
    check(&Case { name: "a.mp4", make: &[&make], seconds: &[1], chunks: 1 });
}

#[test]
fn other_codecs() {
    for (name, codecs) in [
        ("a.mp4", "-c:v mpeg4 -g 10 -bf 2 -c:a ac3"),
        ("a.mov", "-c:v mpeg2video -g 12 -bf 2 -c:a flac -strict -2 -f mp4"),
        (
            "a.mp4",
            "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -g 20 -auto-alt-ref 1 -lag-in-frames 10 -c:a libopus",
        ),
        ("a.mp4", "-c:v libsvtav1 -preset 12 -g 25 -svtav1-params keyint=25:scd=0"),
    ] {
        let make = format!("{PICTURE} {SOUND} {codecs} {name}");
        check(&Case { name, make: &[&make], seconds: &[2], chunks: 3 });
    }
}

#[test]
fn sound_behind_the_picture() {
    let make = format!("{PICTURE} {SOUND} -c:v libx264 -g 25 -c:a aac whole.mp4");
    // One interleaving period for the whole film, and other streams between.
    let apart = "-i whole.mp4 -map 0:a -map 0:v -map 0:a -c copy -max_interleave_delta 0 a.mov";
    check(&Case { name: "a.mov", make: &[&make, apart], seconds: &[1, 3], chunks: 5 });
}

#[test]
fn a_film_that_is_cut_off_is_planned_as_far_as_it_goes() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    ffmpeg(
        folder,
        &format!("-loglevel error {PICTURE} {SOUND} -c:v libx264 -g 25 -bf 2 -c:a aac -movflags +faststart whole.mp4"),
    );
    let whole = fs::read(folder.join("whole.mp4")).unwrap();
    fs::write(folder.join("a.mp4"), &whole[..whole.len() * 6 / 10]).unwrap();
    for seconds in [2, 0] {
        let (_, planned) = planned(folder, "a.mp4", seconds);
        assert!(planned.missing_packets > 100, "{}", planned.missing_packets);
        assert!(planned.chunks.iter().all(|chunk| matches!(chunk.reading, Reading::Samples { .. })));
        let (shown, sound, _) = read_chunks(folder, "a.mp4", &planned);
        let all = frames(folder, "whole.mp4", 0, planned.source.media.time_base.den);
        assert_eq!(shown.len() as u32, planned.source.media.packets);
        assert!(shown.len() > 60 && shown.len() < all.len() && !sound.is_empty());
        // The last frames may lack others that they refer to.
        assert!(shown.iter().take(shown.len() - 4).eq(all.iter().take(shown.len() - 4)));
    }
}

#[test]
fn what_chunks_can_not_carry_is_read_as_a_whole() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    // Two sample descriptions: the second half has another size.
    let make = "-f lavfi -i testsrc2=s=64x48:r=25:d=4 -c:v libx264 -g 25 one.mp4";
    ffmpeg(folder, &format!("-loglevel error {make}"));
    let bytes = fs::read(folder.join("one.mp4")).unwrap();
    let at = bytes.windows(4).position(|kind| kind == b"stsd").unwrap();
    let mut several = bytes.clone();
    several[at + 11] = 2;
    fs::write(folder.join("several.mp4"), &several).unwrap();
    let (_, planned) = planned(folder, "several.mp4", 1);
    assert_eq!((planned.source.class, planned.chunks.len(), planned.table), (SourceClass::Whole, 1, None));
    assert!(matches!(planned.chunks[0].reading, Reading::Whole { .. }));
}
