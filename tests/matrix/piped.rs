//! Sources that are larger than the scratch disk.

use crate::{
    ingest::{ingest, ingest_within, settings},
    plain,
    tools::ffmpeg,
};
use heaters_domain::plan::SourceClass;

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

#[test]
fn what_can_be_read_in_one_go_needs_no_room_for_itself() {
    for (options, file) in [
        ("-c:v mjpeg -q:v 1 -pix_fmt yuvj444p -c:a pcm_s16le", "film.avi"),
        ("-vf scale=2560:1440 -c:v dnxhd -profile:v dnxhr_hq -pix_fmt yuv422p -c:a pcm_s16le -ar 48000", "film.mxf"),
        ("-c:v mpeg2video -qscale:v 1 -qmin 1 -bf 2 -g 12 -muxrate 900M -loglevel fatal -c:a mp2", "film.mpg"),
    ] {
        let folder = film(options, file);
        let path = folder.path().join(file);
        let (whole, piped) = (ingest(&path, &settings(30)), ingest_within(&path, &settings(30), ROOM_BYTES));
        let (whole, piped) = (whole.unwrap(), piped.unwrap_or_else(|sentence| panic!("{file}: {sentence}")));
        assert_eq!((piped.class, piped.chunks), (SourceClass::Whole, 1), "{file}");
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
}

#[test]
fn what_has_to_be_there_as_a_whole_is_refused_with_what_it_needs() {
    // MXF that says in an index at its end in which order its pictures are shown.
    let mpeg = "-c:v mpeg2video -qscale:v 1 -qmin 1 -bf 2 -c:a pcm_s16le -ar 48000";
    let late = film(mpeg, "film.mxf");
    // Matroska that can't be cut: it is shorter than a chunk.
    let folder = film("-c:v mjpeg -q:v 1 -pix_fmt yuvj444p -c:a pcm_s16le", "film.mkv");
    for (folder, file) in [(late, "film.mxf"), (folder, "film.mkv")] {
        let refused = ingest_within(&folder.path().join(file), &settings(30), ROOM_BYTES).err().unwrap();
        assert!(refused.starts_with("The temporary disk has 69 MB free and this video needs"), "{file}: {refused}");
    }
}
