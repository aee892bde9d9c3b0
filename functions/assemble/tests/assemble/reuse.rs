use crate::{
    fixture::{ffmpeg, ffprobe},
    maker::Video,
};
use heaters_domain::FrameRange;
use heaters_media::{
    clip,
    index::{FrameRecord, Index},
    mp4,
    source::table::{Record, StreamHead, TableHead},
};
use serde_json::json;
use std::{convert::Infallible, fs, path::Path};

/// The packet table of an MP4 file of picture and sound, both from the clock's beginning, and where its frames lie.
fn table(source: &[u8], path: &Path, late: i64) -> (Vec<u8>, Vec<mp4::Sample>) {
    let tracks = mp4::read_file_tracks(path).unwrap();
    let records = |track: &mp4::Track, late: i64| -> Vec<Record> {
        let record = |sample: &mp4::Sample| Record {
            dts: sample.time as i64 - track.edit_start as i64 + late,
            delay: 0,
            duration: sample.duration,
            offset: sample.offset,
            size: sample.size,
            key: true,
            discard: false,
        };
        track.samples.iter().map(record).collect()
    };
    let stream = |track: &mp4::Track, number| StreamHead {
        packets: track.samples.len() as u32,
        timescale: track.timescale,
        track: number,
    };
    let moov = source.windows(4).rposition(|kind| kind == b"moov").unwrap() - 4;
    let head = TableHead {
        picture: stream(&tracks[0], 1),
        sound: Some(stream(&tracks[1], 2)),
        shift_seconds: 0,
        beginning: source[moov..].to_vec(),
        source_bytes: source.len() as u64,
    };
    (head.encode(&records(&tracks[0], 0), &records(&tracks[1], late)), tracks[0].samples.clone())
}

fn sums(folder: &Path, file: &str) -> Vec<String> {
    let text = ffmpeg(folder, &format!("-loglevel error -i {file} -map 0:v -fps_mode passthrough -f framemd5 pipe:1"));
    let text = String::from_utf8(text).unwrap();
    text.lines().filter(|line| !line.starts_with('#')).map(|line| line.rsplit(',').next().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_picture_that_serves_as_the_proxys_stays_as_it_is_and_clips_of_it_play() {
    let mut video = Video::new(
        "-f lavfi -i testsrc2=s=160x90:r=25:d=2.4 -f lavfi -i sine=440:d=2.4 -c:v libx264 -preset ultrafast -g 1 -bf 0 \
         -pix_fmt yuv420p -video_track_timescale 12800 -c:a aac",
        60,
    );
    video.source["reusable"] = true.into();
    video.cut(&[0, 20, 33]);
    let original = fs::read(video.work.path().join("a.mp4")).unwrap();
    fs::write(video.folder().join("My video+.mp4"), &original).unwrap();
    video.sources =
        json!([{ "role": "both", "bucket": "media", "key": "p/My video+.mp4", "size_bytes": original.len() }]);
    // Where the sound begins after the picture an index can't say so, and it is kept behind the original instead.
    for late in [0, 48_000] {
        let (packets, samples) = table(&original, &video.work.path().join("a.mp4"), late);
        fs::write(video.folder().join("packets.bin"), packets).unwrap();
        for (chunk, first) in [(0, 0), (1, 20), (2, 33)] {
            let path = video.chunk_folder(chunk).join("frames.idx");
            let mut index = Index::decode(&fs::read(&path).unwrap()).unwrap();
            index.head.media_bytes = 0;
            let places = index.frames.iter_mut().zip(&samples[first..]);
            places.for_each(|(frame, sample): (&mut FrameRecord, _)| {
                (frame.offset, frame.size) = (sample.offset, sample.size);
            });
            index.head.stsd =
                mp4::encode_stsd(&mp4::read_file_tracks(&video.work.path().join("a.mp4")).unwrap()[0].stsd).unwrap();
            fs::write(&path, index.encode()).unwrap();
            let _ = fs::remove_file(video.chunk_folder(chunk).join("media.bin"));
        }
        let done = video.assemble().await.unwrap();
        assert!(done.output.reused && done.output.has_sound && done.output.storyboard_key.is_some());
        let proxy = video.read("proxy.mp4");
        assert_eq!((proxy.len() > original.len(), &proxy[..original.len()]), (late > 0, original.as_slice()));
        assert_eq!(done.output.proxy_bytes, proxy.len() as u64);

        let index = Index::decode(&video.read("frames.idx")).unwrap();
        let slice = index.slice(FrameRange { start: 13, end: 41 }).unwrap();
        let fetch = |range: std::ops::Range<u64>| {
            let bytes = proxy[range.start as usize..range.end as usize].to_vec();
            async move { Ok::<_, Infallible>(bytes) }
        };
        let mut cut = Vec::new();
        clip::write(&clip::of_slice(&slice).unwrap(), &fetch, &mut cut).await.unwrap();
        fs::write(video.folder().join("clip.mp4"), cut).unwrap();
        assert_eq!(sums(&video.folder(), "clip.mp4"), sums(video.work.path(), "a.mp4")[13..41]);
        let durations = ffprobe(&video.folder(), "-loglevel error -show_entries stream=duration -of csv=p=0 clip.mp4");
        let durations: Vec<f64> = durations.lines().map(|line| line.parse().unwrap()).collect();
        assert!(
            durations.len() == 2 && durations.iter().all(|seconds| (seconds - 1.12).abs() < 0.001),
            "{durations:?}"
        );
        fs::remove_file(video.folder().join("frames.idx")).unwrap();
    }
}
