//! Sources that are larger than the scratch disk.

use crate::{
    ingest::{ingest, ingest_within, settings},
    plain,
    tools::ffmpeg,
};

/// What a function's disk has: less than any of the films, enough for all that is made of them.
const ROOM_BYTES: u64 = 66 << 20;
/// Noise is as large as pictures get.
const NOISE: &str = "-f lavfi -i testsrc2=s=1280x720:r=25:d=2.4,noise=alls=90:allf=t -f lavfi -i sine=440:d=2.4";

fn film(options: &str, file: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    ffmpeg(folder.path(), &format!("{NOISE} {options} {file}"));
    let bytes = std::fs::metadata(folder.path().join(file)).unwrap().len();
    assert!(bytes > ROOM_BYTES, "{file} has {bytes} bytes only");
    folder
}

/// Takes a film through a disk that has room for it, and through one that has none, and compares what comes of it.
fn check(options: &str, file: &str) {
    let folder = film(options, file);
    let path = folder.path().join(file);
    let (whole, piped) = (ingest(&path, &settings(30)), ingest_within(&path, &settings(30), ROOM_BYTES));
    let (whole, piped) = (whole.unwrap(), piped.unwrap_or_else(|sentence| panic!("{file}: {sentence}")));
    assert_eq!(piped.chunks, 1, "{file}");
    let times = |made: &crate::ingest::Made| made.index.frames.iter().map(|frame| frame.pts).collect::<Vec<_>>();
    assert_eq!(times(&piped), times(&whole), "{file}");
    // A plain decode counts from where the file begins, which need not be its first picture.
    let from_first = |times: &[i64]| times.iter().map(|time| time - times[0]).collect::<Vec<_>>();
    let plain = plain::times(&path, "0:v:0", piped.index.head.time_base);
    assert_eq!(from_first(&times(&piped)), from_first(&plain), "{file}");
    // Each frame, by its bytes in the proxy: the encoder gives the same for the same pictures.
    let media = |made: &crate::ingest::Made| {
        let proxy = std::fs::read(made.folder().join("proxy.mp4")).unwrap();
        let frames = made.index.frames.iter();
        frames.map(|frame| proxy[frame.offset as usize..][..frame.size as usize].to_vec()).collect::<Vec<_>>()
    };
    assert!(media(&piped) == media(&whole), "{file}: pictures");
    assert!(piped.thumbs == whole.thumbs, "{file}: thumbnails");
    let waveform = |made: &crate::ingest::Made| std::fs::read(made.folder().join("waveform.bin")).unwrap();
    assert!(waveform(&piped) == waveform(&whole), "{file}: sound");
}

#[test]
fn what_can_be_read_in_one_go_needs_no_room_for_itself() {
    check("-c:v mjpeg -q:v 1 -pix_fmt yuvj444p -c:a pcm_s16le", "film.avi");
    check("-c:v mpeg2video -qscale:v 1 -qmin 1 -bf 2 -g 12 -muxrate 900M -loglevel fatal -c:a mp2", "film.mpg");
}

#[test]
fn mxf_needs_no_room_for_itself() {
    let intra = "-c:v dnxhd -profile:v dnxhr_hq -pix_fmt yuv422p";
    check(&format!("-vf scale=2560:1440 {intra} -c:a pcm_s16le -ar 48000"), "film.mxf");
    // An index behind all of it says in which order the pictures are shown.
    check("-c:v mpeg2video -qscale:v 1 -qmin 1 -bf 2 -c:a pcm_s16le -ar 48000", "late.mxf");
}

#[test]
fn mp4_and_mov_of_one_chunk_need_no_room_for_themselves() {
    check("-c:v mjpeg -q:v 1 -pix_fmt yuvj444p -c:a pcm_s16le", "film.mov");
    check("-c:v libx264 -preset ultrafast -qp 4 -g 999 -bf 2 -c:a aac", "film.mp4");
}

#[test]
fn matroska_needs_no_room_for_itself() {
    // A codec of AVI's, which can't be cut.
    check("-c:v ffv1 -c:a flac", "film.mkv");
    // A recorded live stream with one key frame.
    check("-c:v libx264 -preset ultrafast -qp 4 -g 999 -c:a aac -f matroska -live 1", "live.mkv");
    // Its packets are looked into.
    let vp8 = "-c:v libvpx -deadline good -cpu-used 5 -b:v 400M -qmin 0 -qmax 0 -g 999";
    check(&format!("-vf scale=1440:810:flags=neighbor {vp8} -c:a libvorbis"), "film.webm");
}

#[test]
fn what_has_to_be_there_as_a_whole_is_refused_with_what_it_needs() {
    // Its reader goes back in it.
    let folder = film("-vf scale=1600:900:flags=neighbor", "film.gif");
    let refused = ingest_within(&folder.path().join("film.gif"), &settings(30), ROOM_BYTES).err().unwrap();
    assert!(refused.starts_with("The temporary disk has 69 MB free and this video needs"), "{refused}");
}
