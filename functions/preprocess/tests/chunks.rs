//! The chunks of a planned file, over a folder as storage, with the real ffmpeg.

#[path = "../../../shared/media/tests/media/fixture.rs"]
#[allow(dead_code, reason = "shared with the media library's own tests")]
mod fixture;

use fixture::{ffmpeg, ffprobe, ready, tools};
use heaters_aws::DirStore;
use heaters_domain::{
    Outcome,
    contract::{ChunkInput, PreprocessOutput, ReadRange, SourceRole},
    plan::Chunk,
    settings::ProxySettings,
    thumbs,
    tiles::Tiles,
};
use heaters_media::{
    index::Index,
    mp4,
    source::{
        self, LOCAL_FILE, Ranged,
        indexed::{self, Planned, Wanted},
    },
};
use serde_json::json;
use std::{fs, ops::Range};

/// A folder as storage, with a file that is uploaded and planned.
struct Storage {
    root: tempfile::TempDir,
    planned: Planned,
}

impl Storage {
    fn new(args: &str, chunk_seconds: u32) -> Self {
        let root = tempfile::tempdir().unwrap();
        let (uploads, outputs, probed) =
            (root.path().join("uploads"), root.path().join("media/p"), root.path().join("probed"));
        for folder in [&uploads, &outputs, &probed] {
            fs::create_dir_all(folder).unwrap();
        }
        ffmpeg(&uploads, &format!("-loglevel error {args} a.mp4"));
        let bytes = fs::read(uploads.join("a.mp4")).unwrap();
        let object = Ranged::new(bytes.len() as u64, |range: Range<u64>| {
            let end = (range.end as usize).min(bytes.len());
            std::future::ready(Ok::<_, std::io::Error>(bytes[range.start as usize..end].to_vec()))
        });
        let walk = ready(source::walk(&object, &probed.join(LOCAL_FILE))).unwrap();
        let proxy = ProxySettings::default();
        let wanted = Wanted { proxy: &proxy, sound_apart: false };
        let survey = indexed::survey(&tools(), &probed, &walk, wanted).unwrap();
        let planned = ready(survey.plan(&object, chunk_seconds)).unwrap();
        fs::write(outputs.join("source.json"), serde_json::to_vec(&planned.source).unwrap()).unwrap();
        fs::write(outputs.join("packets.bin"), planned.table.as_ref().unwrap()).unwrap();
        Self { root, planned }
    }

    fn upload(&self) -> Vec<u8> {
        fs::read(self.root.path().join("uploads/a.mp4")).unwrap()
    }

    async fn preprocess(&self, chunk: &Chunk, source: serde_json::Value) -> (Outcome, PreprocessOutput) {
        let input: ChunkInput = serde_json::from_value(json!({ "chunk": chunk, "ingest": {
            "video": "01890a5d-ac96-774b-bcce-b302099a8057", "attempt": 1, "bucket": "media", "prefix": "p",
            "source": source,
            "settings": { "proxy": ProxySettings::default(), "scenes": { "sensitivity": 0.5, "min_length_seconds": 0.2 },
                          "chunk_seconds": 30 } }}))
        .unwrap();
        let store = DirStore::new(self.root.path());
        let scratch = self.root.path().join("scratch");
        let done = preprocess::run(&store, &tools(), &scratch, input).await.unwrap();
        (done.outcome, done.output)
    }

    fn object(&self, role: SourceRole) -> serde_json::Value {
        let size = self.upload().len();
        json!({ "role": role, "bucket": "uploads", "key": "a.mp4", "size_bytes": size })
    }

    async fn chunks(&self) -> Vec<PreprocessOutput> {
        let mut outputs = Vec::new();
        for chunk in &self.planned.chunks {
            outputs.push(self.preprocess(chunk, json!([self.object(SourceRole::Both)])).await.1);
        }
        outputs
    }

    fn read(&self, key: &str) -> Vec<u8> {
        fs::read(self.root.path().join("media").join(key)).unwrap()
    }

    fn index(&self, output: &PreprocessOutput) -> Index {
        Index::decode(&self.read(&output.index_key)).unwrap()
    }

    /// Times, key flags and thumbnails of all chunks.
    async fn frames(&self) -> (Vec<(i64, u32)>, Vec<thumbs::Thumb>) {
        let outputs = self.chunks().await;
        let frames = outputs.iter().flat_map(|output| self.index(output).frames);
        let thumbs = outputs.iter().flat_map(|output| thumbs::decode(&self.read(&output.thumbs_key)).unwrap());
        (frames.map(|frame| (frame.pts, frame.flags)).collect(), thumbs.collect())
    }
}

const FILM: &str = "-f lavfi -i testsrc2=s=96x64:r=25:d=4 -f lavfi -i sine=440:d=4 -c:v libx264 -g 20 -bf 2 -c:a aac";

#[tokio::test]
async fn chunks_read_by_samples_are_the_film() {
    let (whole, parts) = (Storage::new(FILM, 0), Storage::new(FILM, 1));
    assert_eq!((whole.planned.chunks.len(), parts.planned.chunks.len()), (1, 5));
    let (one, many) = (whole.frames().await, parts.frames().await);
    assert_eq!(one.0, many.0);
    assert!(one.1 == many.1, "the thumbnails differ");
    assert_eq!(one.0.iter().filter(|(_, flags)| *flags == 1).count(), 5);
}

#[tokio::test]
async fn a_chunk_says_what_it_read_and_is_recognised_when_finished() {
    let storage = Storage::new(FILM, 1);
    let source = json!([storage.object(SourceRole::Both)]);
    let (outcome, output) = storage.preprocess(&storage.planned.chunks[2], source.clone()).await;
    assert_eq!(outcome, Outcome::Completed);
    assert!(output.read.iter().all(|range| range.role == SourceRole::Both && range.sha256.len() == 64));
    let bytes: u64 = output.read.iter().map(|range| range.end - range.start).sum();
    assert!(bytes > 0 && bytes * 3 < storage.upload().len() as u64, "{bytes}");
    let stored: Vec<ReadRange> = serde_json::from_slice(&storage.read("p/chunks/00002/read.json")).unwrap();
    assert_eq!(stored, output.read);
    let tiles = Tiles::decode(&storage.read("p/chunks/00002/tiles.bin")).unwrap();
    assert_eq!((tiles.width, tiles.height, tiles.tiles[0].pts), (96, 64, storage.index(&output).head.start_pts));
    let again = storage.preprocess(&storage.planned.chunks[2], source).await;
    assert_eq!(again, (Outcome::AlreadyDone, output));
}

#[tokio::test]
async fn sound_of_another_object_is_left_to_the_join() {
    let storage = Storage::new(FILM, 1);
    let source = json!([storage.object(SourceRole::Picture), storage.object(SourceRole::Sound)]);
    let (_, output) = storage.preprocess(&storage.planned.chunks[1], source).await;
    assert_eq!(output.sound_key, None);
    assert!(output.read.iter().all(|range| range.role == SourceRole::Picture));
}

#[tokio::test]
async fn a_picture_that_serves_as_the_proxy_is_not_encoded_again() {
    let intra = "-f lavfi -i testsrc2=s=96x64:r=25:d=3 -f lavfi -i sine=440:d=3 -pix_fmt yuv420p -c:v libx264 -g 1 -bf 0 \
                 -c:a aac";
    for chunk_seconds in [0, 1] {
        let storage = Storage::new(intra, chunk_seconds);
        assert!(storage.planned.source.reusable);
        let outputs = storage.chunks().await;
        let frames: Vec<_> = outputs.iter().flat_map(|output| storage.index(output).frames).collect();
        let said = ffprobe(
            &storage.root.path().join("uploads"),
            "-loglevel error -select_streams v -show_entries packet=pts,size,pos -of csv=p=0 a.mp4",
        );
        let found: Vec<_> =
            frames.iter().map(|frame| format!("{},{},{}", frame.pts, frame.size, frame.offset)).collect();
        assert_eq!(found, said.lines().map(|line| line.trim_end_matches(',')).collect::<Vec<_>>());
        assert!(frames.iter().all(|frame| frame.flags == 1));
        let track = &mp4::read_file_tracks(&storage.root.path().join("uploads/a.mp4")).unwrap()[0];
        for output in outputs {
            let index = storage.index(&output);
            assert_eq!(index.head.stsd, mp4::encode_stsd(&track.stsd).unwrap());
            assert_eq!((index.head.width, index.head.height, index.head.media_bytes), (96, 64, 0));
            assert!(!storage.root.path().join("media").join(&output.media_key).exists());
            assert_eq!(thumbs::decode(&storage.read(&output.thumbs_key)).unwrap().len(), index.frames.len());
            assert!(
                !Tiles::decode(&storage.read(&output.index_key.replace("frames.idx", "tiles.bin")))
                    .unwrap()
                    .tiles
                    .is_empty()
            );
        }
    }
}
