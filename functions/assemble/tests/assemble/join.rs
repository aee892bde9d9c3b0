use crate::{
    fixture::ffprobe,
    maker::{STEP, Video},
};
use heaters_domain::{Fault, Outcome, Rational, thumbs, waveform};
use heaters_media::index::Index;
use std::fs;

const SOURCE: &str = "-f lavfi -i testsrc2=s=160x90:r=25:d=2.4 -f lavfi -i sine=440:d=2.4 -c:v libx264 \
                      -preset ultrafast -c:a aac";

fn probed(video: &Video, entries: &str, file: &str) -> String {
    ffprobe(&video.folder(), &format!("-loglevel error -count_frames {entries} -of csv=p=0 {file}")).trim().to_owned()
}

#[tokio::test]
async fn chunks_become_one_video_with_all_that_goes_with_it() {
    let video = Video::new(SOURCE, 60);
    video.cut(&[0, 20, 33]);
    let done = video.assemble().await.unwrap();
    let output = &done.output;
    assert_eq!((output.frames, output.fps, output.has_sound), (60, Rational { num: 25, den: 1 }, true));
    assert!((output.duration_seconds - 2.4).abs() < 1e-6);
    let index = Index::decode(&video.read("frames.idx")).unwrap();
    assert_eq!(video.read("proxy.mp4").len() as u64, index.head.media_bytes);
    assert!(index.frames.iter().zip(0..).all(|(frame, number)| frame.pts == number * STEP));
    assert_eq!(probed(&video, "-select_streams v -show_entries stream=nb_read_frames", "proxy.mp4"), "60");
    assert_eq!(thumbs::decode(&video.read("thumbs.bin")).unwrap().len(), 60);
    let sizes = "-show_entries stream=width,height";
    assert_eq!(probed(&video, sizes, "poster.jpg"), "160,90");
    assert_eq!(probed(&video, sizes, "storyboard-000.jpg"), "1600,900");
    let text = String::from_utf8(video.read("storyboard.vtt")).unwrap();
    assert_eq!(output.storyboard_key.as_deref(), Some("p/storyboard.vtt"));
    // Seconds 0, 1 and 2, though the second chunk has a tile in second 0 too and the third in second 1.
    assert_eq!(text.matches(" --> ").count(), 3);
    assert!(text.ends_with("00:00:02.000 --> 00:00:02.400\nstoryboard-000.jpg#xywh=320,0,160,90\n"), "{text}");
    let peaks = video.read("waveform.bin");
    let peaks = waveform::decode(&peaks).unwrap();
    assert_eq!((peaks.len(), output.waveform_key.as_deref()), (120, Some("p/waveform.bin")));
    assert!(peaks.iter().all(|peak| (20..60).contains(peak)), "{peaks:?}");

    fs::remove_dir_all(video.folder().join("chunks")).unwrap();
    let again = video.assemble().await.unwrap();
    assert_eq!((again.outcome, again.output), (Outcome::AlreadyDone, done.output));
}

#[tokio::test]
async fn the_chunks_lengths_do_not_show() {
    let made = |starts: &'static [i64]| async move {
        let video = Video::new(SOURCE, 60);
        video.cut(starts);
        video.assemble().await.unwrap();
        let times: Vec<_> =
            Index::decode(&video.read("frames.idx")).unwrap().frames.iter().map(|frame| frame.pts).collect();
        let names = ["thumbs.bin", "waveform.bin", "storyboard.vtt", "storyboard-000.jpg"];
        (times, names.map(|name| video.read(name)), video.sound_samples())
    };
    let whole = made(&[0]).await;
    assert!(whole == made(&[0, 20, 33]).await);
    assert!(whole == made(&[0, 7, 14, 21, 28, 35, 42, 49, 56]).await);
}

#[tokio::test]
async fn a_chunk_that_does_not_fit_is_refused_and_nothing_is_finished() {
    let video = Video::new(SOURCE, 60);
    video.cut(&[0, 20, 33]);
    let (second, third) = (video.chunk_folder(1), video.chunk_folder(2));
    let (index, thumbs) = (fs::read(second.join("frames.idx")).unwrap(), fs::read(second.join("thumbs.bin")).unwrap());
    fs::copy(third.join("thumbs.bin"), second.join("thumbs.bin")).unwrap();
    let error = video.assemble().await.unwrap_err();
    assert_eq!(error.sentence(), "Section 2 of the review copy does not match the video frame by frame.");
    fs::write(second.join("thumbs.bin"), thumbs).unwrap();
    fs::copy(third.join("frames.idx"), second.join("frames.idx")).unwrap();
    let error = video.assemble().await.unwrap_err();
    assert!(error.sentence().starts_with("Section 2 of the review copy does not follow"), "{}", error.sentence());
    assert!(!video.folder().join("frames.idx").exists());
    fs::write(second.join("frames.idx"), index).unwrap();
    video.assemble().await.unwrap();
}
