use crate::{fixture::ffmpeg, maker::Video};
use std::{fs, path::Path};

/// The lossless picture of the frames `start..end`, as preprocess makes it.
fn lossless(video: &Video, chunk: u32, start: i64, end: i64) {
    let encode = "-c:v ffv1 -level 3 -coder 1 -context 1 -g 1 -slices 4 -slicecrc 1 -flags +bitexact -fflags +bitexact";
    let trim = format!("-fps_mode passthrough -vf trim=start_frame={start}:end_frame={end}");
    ffmpeg(
        video.work.path(),
        &format!(
            "-loglevel error -copyts -i {} -map 0:v {trim} {encode} -avoid_negative_ts disabled \
             -output_ts_offset 10 -f matroska master.mkv",
            video.file
        ),
    );
    fs::rename(video.work.path().join("master.mkv"), video.chunk_folder(chunk).join("master.mkv")).unwrap();
}

fn sums(folder: &Path, file: &str) -> Vec<String> {
    let text = ffmpeg(folder, &format!("-loglevel error -i {file} -map 0:v -fps_mode passthrough -f framemd5 pipe:1"));
    let text = String::from_utf8(text).unwrap();
    text.lines().filter(|line| !line.starts_with('#')).map(|line| line.rsplit(',').next().unwrap().to_owned()).collect()
}

fn samples(folder: &Path, file: &str) -> Vec<u8> {
    ffmpeg(folder, &format!("-loglevel error -i {file} -map 0:a -f s16le pipe:1"))
}

#[tokio::test]
async fn the_lossless_master_is_the_source_frame_by_frame_and_sample_by_sample() {
    for codec in ["-c:a aac", "-c:a pcm_s24le", "-c:a flac"] {
        let mut video = Video::new(
            &format!(
                "-f lavfi -i testsrc2=s=160x90:r=25:d=2.4 -f lavfi -i sine=440:d=2.4 -c:v libx264 -preset ultrafast {codec}"
            ),
            60,
        );
        video.settings["master"] = "ffv1".into();
        video.cut(&[0, 20, 33]);
        for (chunk, start, end) in [(0, 0, 20), (1, 20, 33), (2, 33, 60)] {
            lossless(&video, chunk, start, end);
        }
        let done = video.assemble().await.unwrap();
        assert_eq!(done.output.master_key.as_deref(), Some("p/master.mkv"));
        assert_eq!(sums(&video.folder(), "master.mkv"), sums(video.work.path(), video.file));
        let (kept, source) = (samples(&video.folder(), "master.mkv"), samples(video.work.path(), video.file));
        // An encoder's priming, 1024 samples before the clock's beginning, is kept too.
        let priming = if codec.contains("aac") { 2048 } else { 0 };
        assert!(kept.len() >= priming + source.len() && kept[priming..priming + source.len()] == source, "{codec}");
        // Seeking goes by the cues: the frame at 1.6 s, with the clock's 10 s.
        let seek = "-loglevel error -ss 1.59 -i master.mkv -map 0:v -frames:v 1 -f framemd5 pipe:1";
        let found = String::from_utf8(ffmpeg(&video.folder(), seek)).unwrap();
        let found = found.lines().last().unwrap().rsplit(',').next().unwrap().to_owned();
        assert_eq!(found, sums(video.work.path(), video.file)[40]);
    }
}
