//! Containers that can't be cut: what chunks of the copy give is what a plain decode of the source gives.

use crate::{
    fixture::{ffmpeg, tools},
    sliced::{Counted, Line, copy_sound, lines, packets, same, same_sound, whole_of},
};
use futures::{StreamExt, channel::mpsc, executor::block_on, future::join};
use heaters_domain::plan::{Chunk, Source, SourceClass};
use heaters_media::{
    args::SOUND_FILE,
    probe,
    sound::Join,
    source::{self, LOCAL_FILE, Local, Span, delta::Rebuilt, repackage},
};
use std::{fs, path::Path};

const SECONDS: u32 = 2;
const X264: &str = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p";

fn make(options: &str, file: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let scene = "-f lavfi -i testsrc2=s=320x180:r=25:d=6.4 -f lavfi -i sine=440:d=6.4:r=48000";
    ffmpeg(folder.path(), &format!("-loglevel fatal {scene} -g 12 {options} {file}"));
    folder
}

/// A copy and its plan.
struct Made {
    original: Source,
    planned: Source,
    chunks: Vec<Chunk>,
    table: Counted,
    bytes: Counted,
    delta: Counted,
    read: Vec<Span>,
}

/// `None`: the source is not read from a copy.
fn copy(folder: &Path, file: &str) -> Option<Made> {
    let counted = Counted::open(&folder.join(file));
    block_on(source::ends(&counted.object(), &folder.join(LOCAL_FILE))).unwrap();
    let (original, details) = probe::examine_closely(&tools(), folder, LOCAL_FILE).unwrap();
    if !repackage::pays(&original, &details, SECONDS) {
        return None;
    }
    let (to, parts) = mpsc::channel(1);
    let (object, tools) = (counted.object(), tools());
    let copying = repackage::copy(&object, &tools, folder, (&original, &details), to);
    let (copied, delta) = block_on(join(copying, parts.concat()));
    let copied = copied.unwrap().ok().filter(|copied| copied.is_cut(SECONDS))?;
    assert_eq!(copied.delta_bytes, delta.len() as u64, "{file}");
    let (read, bytes, delta) = (copied.read.clone(), Counted::open(&folder.join(file)), Counted::of(delta));
    let (source, stored) = (bytes.object(), delta.object());
    let planned =
        block_on(async { copied.plan(&Rebuilt::open(&source, &stored).await.unwrap(), SECONDS).await }).unwrap();
    drop((source, stored));
    let table = Counted::of(planned.table.unwrap());
    Some(Made { original, planned: planned.source, chunks: planned.chunks, table, bytes, delta, read })
}

/// The frames of a file that belong to a chunk.
fn frames(folder: &Path, file: &str, stream: u32, source: &Source) -> Vec<Line> {
    let base = source.media.time_base;
    let options = format!("-fps_mode passthrough -enc_time_base {}:{}", base.num, base.den);
    lines(folder, file, true, stream, &options).0
}

fn of_chunk(folder: &Path, local: &Local, chunk: &Chunk, source: &Source) -> Vec<Line> {
    let mut frames = frames(folder, LOCAL_FILE, local.picture, source);
    for frame in &mut frames {
        frame.0 += local.shift;
    }
    let (from, to) = (chunk.start.unwrap_or(i64::MIN), chunk.end.unwrap_or(i64::MAX));
    frames.retain(|frame| (from..to).contains(&frame.0));
    frames
}

/// Compares every frame, and every packet of the sound where it is copied. Gives what is stored, in sizes of the source.
fn check(path: &Path, file: &str, copies_sound: bool) -> f64 {
    let made = copy(path, file).unwrap_or_else(|| panic!("{file} is not copied"));
    assert!(made.chunks.len() > 2, "{file} in {} chunks", made.chunks.len());
    let (mut pictures, mut joined) = (Vec::new(), Vec::new());
    let mut sound = Join::new(&mut joined);
    let (source, delta) = (made.bytes.object(), made.delta.object());
    for chunk in &made.chunks {
        let copy = block_on(Rebuilt::open(&source, &delta)).unwrap();
        let local = block_on(source::fetch(&copy, &made.table.object(), path, &made.planned, chunk));
        let local = local.unwrap();
        let frames = of_chunk(path, &local, chunk, &made.planned);
        assert_eq!(frames.len(), chunk.frames as usize, "{file}: frames of chunk {}", chunk.index);
        pictures.extend(frames);
        if let Some(stream) = local.sound {
            let shift = local.shift as f64 * made.planned.media.time_base.as_f64();
            copy_sound(path, LOCAL_FILE, &local, stream, shift);
            sound.add(fs::File::open(path.join(SOUND_FILE)).unwrap()).unwrap();
        }
    }
    same(&pictures, &frames(path, file, made.original.picture, &made.original), file);
    assert_eq!(made.planned.media.packets as usize, pictures.len(), "{file}");
    assert_eq!(sound.finish().unwrap(), 0, "{file}");
    if let Some(stream) = made.original.sound.filter(|_| copies_sound) {
        copy_sound(path, file, &whole_of(&made.original), stream, 0.0);
        same_sound(&packets(&joined[..]), &packets(fs::File::open(path.join(SOUND_FILE)).unwrap()));
    }
    assert_eq!(made.original.sound.is_some(), !joined.is_empty(), "{file}: sound");
    assert_eq!(made.planned.class, SourceClass::Repackaged, "{file}");
    let share = made.delta.bytes().len() as f64 / made.bytes.bytes().len() as f64;
    eprintln!("{file}: the delta has {:.2} % of the source", 100.0 * share);
    share
}

/// All packets are the source's: little is stored but headers.
fn check_copied(options: &str, file: &str) {
    let folder = make(options, file);
    let share = check(folder.path(), file, true);
    assert!(share < 0.1, "{file}: the delta has {share} of the source");
}

/// The sound's packets are others, which are stored.
fn check_with_other_sound(options: &str, file: &str) {
    check(make(options, file).path(), file, false);
}

#[test]
fn avi_is_copied() {
    check_copied("-c:v mpeg4 -c:a libmp3lame", "a.avi");
    check_copied("-c:v mpeg4 -bf 2 -c:a libmp3lame", "reordered.avi");
    check_copied("-r 30000/1001 -c:v mpeg4 -bf 2 -c:a pcm_s16le", "ntsc.avi");
    check_copied(&format!("{X264} -bf 0 -c:a libmp3lame"), "camera.avi");
    check_copied("-c:v mjpeg -c:a pcm_s16le", "intra.avi");
    check_copied("-c:v huffyuv -an", "huffyuv.avi");
}

#[test]
fn programme_streams_are_copied() {
    check_copied("-c:v mpeg2video -bf 2 -c:a mp2", "a.mpg");
    check_copied("-c:v mpeg1video -bf 2 -c:a mp2", "b.mpg");
    check_copied("-c:v mpeg2video -bf 2 -flags +ildct+ilme -top 1 -c:a ac3 -f vob", "a.vob");
    check_copied("-c:v mpeg2video -bf 2 -flags +cgop -sc_threshold 1000000000 -c:a ac3 -f vob", "closed.vob");
    // The samples of a disc, which no other container has.
    check_with_other_sound("-c:v mpeg2video -bf 2 -c:a pcm_s16be -f vob", "lpcm.vob");
}

#[test]
fn mxf_is_copied() {
    check_copied("-c:v mpeg2video -bf 2 -c:a pcm_s16le", "a.mxf");
    check_copied("-c:v mpeg2video -bf 0 -g 1 -c:a pcm_s16le", "intra.mxf");
    check_copied("-r 30000/1001 -c:v mpeg2video -bf 2 -g 15 -c:a pcm_s16le", "ntsc.mxf");
    check_copied("-c:v dnxhd -profile:v dnxhr_lb -pix_fmt yuv422p -c:a pcm_s24le", "dnxhr.mxf");
}

#[test]
fn more_than_is_looked_at_is_copied() {
    // MXF's beginning doesn't say when pictures are shown.
    let noise = "-vf scale=1280:720,noise=alls=20:allf=t";
    check_copied(&format!("{noise} -c:v mpeg2video -q:v 2 -bf 2 -c:a pcm_s16le"), "long.mxf");
    // Few pictures are there of what is kept.
    let large = "-vf scale=2560:1440:flags=neighbor -c:v dnxhd -profile:v dnxhr_hq -pix_fmt yuv422p";
    check_copied(&format!("{large} -c:a pcm_s24le"), "large.mxf");
}

#[test]
fn other_containers_are_copied() {
    check_with_other_sound("-c:v libtheora -c:a libvorbis", "a.ogv");
    check_with_other_sound("-c:v wmv2 -c:a wmav2", "a.wmv");
    check_copied("-c:v msmpeg4 -c:a libmp3lame", "b.asf");
    check_copied("-s 720x576 -c:v dvvideo -pix_fmt yuv420p -ac 2 -c:a pcm_s16le", "a.dv");
    check_copied(&format!("{X264} -bf 2 -c:a aac"), "a.nut");
    check_copied("-c:v mpeg2video -bf 2 -an", "a.m2v");
    check_with_other_sound("-c:v ffv1 -c:a flac", "lossless.mkv");
    check_copied("-c:v ffv1 -c:a pcm_f32le", "float.mkv");
    check_with_other_sound("-c:v ffv1 -ac 6 -c:a flac", "surround.mkv");
}

#[test]
fn what_was_read_is_told_once_and_whole() {
    let folder = make("-c:v mpeg2video -bf 2 -c:a mp2", "a.mpg");
    let made = copy(folder.path(), "a.mpg").unwrap();
    let bytes = fs::metadata(folder.path().join("a.mpg")).unwrap().len();
    let ranges: Vec<_> = made.read.iter().map(|span| (span.range.start, span.range.end)).collect();
    assert_eq!(ranges, [(0, bytes)]);
    let read = made.bytes.share() + made.delta.share();
    assert!((1.0..1.2).contains(&read), "planning reads the source {read} times");
}

/// Where times would have to be guessed, or the other container can't hold the picture.
#[test]
fn what_would_lose_something_is_not_copied() {
    for (options, file) in [
        // Pictures may be shown later than the next one is decoded, and AVI says of none when it is shown.
        (&*format!("{X264} -bf 2 -c:a libmp3lame"), "h264.avi"),
        (&*format!("{X264} -bf 2 -c:a mp2 -f vob"), "h264.vob"),
        // Two pictures in a packet.
        ("-c:v libxvid -bf 2 -an", "packed.avi"),
        // Only the index at the end says where decoding can begin.
        ("-c:v msmpeg4 -an", "old.avi"),
        ("-c:v ffv1 -an", "lossless.avi"),
        ("-c:v rawvideo -pix_fmt yuv420p -an", "raw.avi"),
        (&*format!("{X264} -an"), "a.264"),
        ("-c:v libx265 -preset ultrafast -x265-params log-level=none -an", "a.265"),
        ("-c:v libvpx -deadline realtime -cpu-used 8 -an", "a.ivf"),
        ("-c:v rv20 -c:a ac3", "a.rm"),
    ] {
        assert!(copy(make(options, file).path(), file).is_none(), "{file}");
    }
}
