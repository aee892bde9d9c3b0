//! A small video and its chunks as preprocess leaves them, made with ffmpeg alone.

use crate::fixture::{ffmpeg, tools};
use assemble::AssembleError;
use heaters_aws::DirStore;
use heaters_domain::{
    Rational,
    contract::{AssembleOutput, IngestInput},
    plan::{self, Chunk, Clock},
    stage::Done,
    thumbs::{self, CHROMA_BYTES, LUMA_BYTES, Thumb},
    tiles::{Tile, Tiles},
};
use heaters_media::{
    index::{FrameRecord, Head, Index},
    mp4,
};
use serde_json::json;
use std::{fs, path::PathBuf};

/// Ticks a frame: 25 frames a second of 1/12800 s.
pub const STEP: i64 = 512;
const TICKS: u32 = 12_800;
/// Seconds before a chunk's first frame from which it has sound: chunks overlap.
const OVERLAP: f64 = 0.3;

pub struct Video {
    root: tempfile::TempDir,
    pub work: tempfile::TempDir,
    pub file: &'static str,
    has_sound: bool,
    /// The frames of the whole video.
    frames: i64,
    /// The first frame's time on the source's clock.
    first: i64,
    pub settings: serde_json::Value,
    pub sources: serde_json::Value,
    pub source: serde_json::Value,
}

impl Video {
    /// Of `source`, arguments for inputs and filters that end with codecs, whose picture has so many frames.
    pub fn new(source: &str, frames: i64) -> Self {
        Self::starting_at(source, frames, 0)
    }

    pub fn starting_at(source: &str, frames: i64, first: i64) -> Self {
        let (root, work) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        // Only Matroska can start anywhere on its clock, and only MP4 has encoders' priming before it.
        let file = if source.contains("-output_ts_offset") {
            "a.mkv"
        } else if source.contains("pcm_") {
            "a.mov"
        } else {
            "a.mp4"
        };
        ffmpeg(work.path(), &format!("-loglevel error {source} -strict -2 {file}"));
        let settings = json!({
            "proxy": { "long_side": 320, "short_side": 180, "crf": 23, "preset": "veryfast", "sound_kbps": 96 },
            "scenes": { "sensitivity": 0.5, "min_length_seconds": 0.2 }, "chunk_seconds": 0,
        });
        let media = json!({
            "container": "mp4", "video_codec": "h264", "width": 160, "height": 90, "packets": frames, "fps": null,
            "time_base": {"num": 1, "den": TICKS}, "duration_seconds": frames as f64 / 25.0, "has_sound": true,
            "interlaced": false, "hdr_transfer": null, "title": null,
        });
        let has_sound = source.contains("-c:a");
        let described = json!({
            "media": media, "class": "indexed", "picture": 0, "sound": 1, "tile_seconds": 1,
            "colour": { "matrix": null, "full_range": false },
        });
        Self { root, work, file, has_sound, frames, first, settings, sources: json!([]), source: described }
    }

    pub fn folder(&self) -> PathBuf {
        self.root.path().join("media/p")
    }

    pub fn chunk_folder(&self, chunk: u32) -> PathBuf {
        self.folder().join(format!("chunks/{chunk:05}"))
    }

    /// Writes chunks that begin with these frames, the plan and the source.
    pub fn cut(&self, starts: &[i64]) {
        fs::create_dir_all(self.folder()).unwrap();
        let ends = starts.iter().skip(1).copied().chain([self.frames]);
        let mut chunks = Vec::new();
        for (index, (start, end)) in (0..).zip(starts.iter().zip(ends)) {
            let pts = |frame: i64| self.first + frame * STEP;
            fs::create_dir_all(self.chunk_folder(index)).unwrap();
            self.picture(index, *start, end);
            self.sound(index, *start, end);
            self.small_pictures(index, *start, end);
            chunks.push(Chunk {
                index,
                count: starts.len() as u32,
                start: (index > 0).then(|| pts(*start)),
                end: (index as usize + 1 < starts.len()).then(|| pts(end)),
                ..plan::whole((end - start) as u32, Clock::Source).remove(0)
            });
        }
        fs::write(self.folder().join("plan.json"), serde_json::to_vec(&chunks).unwrap()).unwrap();
        fs::write(self.folder().join("source.json"), self.source.to_string()).unwrap();
    }

    fn picture(&self, chunk: u32, start: i64, end: i64) {
        let file = self.file;
        let trim = format!("trim=start_frame={start}:end_frame={end}");
        let encode =
            "-c:v libx264 -preset ultrafast -g 1 -pix_fmt yuv420p -video_track_timescale 12800 -fflags +bitexact";
        ffmpeg(
            self.work.path(),
            &format!("-loglevel error -i {file} -map 0:v -vf {trim},setpts=PTS-STARTPTS {encode} -f mp4 picture.mp4"),
        );
        let path = self.work.path().join("picture.mp4");
        let track = mp4::read_track(&path).unwrap();
        assert_eq!(track.samples.len() as i64, end - start);
        let media_bytes = mp4::make_piece(&path, chunk == 0).unwrap();
        let times = (start..end).map(|frame| self.first + frame * STEP);
        let records = track.samples.iter().zip(times);
        let index = Index {
            head: Head {
                frames: (end - start) as u32,
                time_base: Rational { num: 1, den: TICKS },
                start_pts: self.first + start * STEP,
                end_pts: self.first + end * STEP,
                width: 160,
                height: 90,
                stsd: mp4::encode_stsd(&track.stsd).unwrap(),
                sound: None,
                media_bytes,
                fps: Rational::new(25, 1),
            },
            frames: records
                .map(|(sample, pts)| FrameRecord { pts, offset: sample.offset, size: sample.size, flags: 0 })
                .collect(),
            sound: Vec::new(),
        };
        fs::rename(path, self.chunk_folder(chunk).join("media.bin")).unwrap();
        fs::write(self.chunk_folder(chunk).join("frames.idx"), index.encode()).unwrap();
    }

    /// What preprocess does: packets copied, 10 s later.
    fn sound(&self, chunk: u32, start: i64, end: i64) {
        if !self.has_sound {
            return;
        }
        let file = self.file;
        let start = self.first as f64 / f64::from(TICKS) + (start as f64 / 25.0 - OVERLAP).max(0.0);
        let seconds = end as f64 / 25.0 + OVERLAP + self.first as f64 / f64::from(TICKS);
        // The first chunk has the source's sound from its very beginning. What is cut off in front moves the rest.
        let (cut, offset) = if chunk == 0 { (String::new(), 10.0) } else { (format!("-ss {start}"), 10.0 + start) };
        let copy = format!("{cut} -map 0:a -c copy -avoid_negative_ts disabled -output_ts_offset {offset}");
        let (end, work) = (format!("-to {seconds}"), self.work.path());
        ffmpeg(work, &format!("-loglevel error -copyts {end} -i {file} {copy} -f matroska sound.mka"));
        fs::rename(self.work.path().join("sound.mka"), self.chunk_folder(chunk).join("sound.mka")).unwrap();
    }

    fn small_pictures(&self, chunk: u32, start: i64, end: i64) {
        let sample = |frame: i64, at: usize| (frame as usize * 7 + at) as u8;
        let thumb = |frame| Thumb {
            luma: std::array::from_fn::<_, LUMA_BYTES, _>(|at| sample(frame, at)),
            u: [sample(frame, 1); CHROMA_BYTES],
            v: [128; CHROMA_BYTES],
        };
        let folder = self.chunk_folder(chunk);
        let read = format!(r#"[{{"role":"both","start":{start},"end":{end},"sha256":"00"}}]"#);
        fs::write(folder.join("read.json"), read).unwrap();
        fs::write(folder.join("thumbs.bin"), thumbs::encode((start..end).map(thumb)).unwrap()).unwrap();
        // The first frame of each second.
        let firsts: Vec<i64> = (start..end).filter(|frame| *frame == start || frame % 25 == 0).collect();
        let tiles = firsts.iter().map(|frame| {
            let colour = format!("color=c=0x{:02x}4080:s=160x90:d=0.04", frame % 250);
            let jpeg = ffmpeg(
                self.work.path(),
                &format!(
                    "-loglevel error -f lavfi -i {colour} -frames:v 1 -pix_fmt yuvj420p -c:v mjpeg -f image2pipe pipe:1"
                ),
            );
            Tile { pts: self.first + frame * STEP, jpeg }
        });
        let tiles = Tiles { width: 160, height: 90, tiles: tiles.collect() };
        fs::write(folder.join("tiles.bin"), tiles.encode()).unwrap();
    }

    pub fn input(&self) -> IngestInput {
        serde_json::from_value(json!({ "ingest": {
            "video": "01890a5d-ac96-774b-bcce-b302099a8057", "attempt": 1, "bucket": "media", "prefix": "p",
            "source": self.sources, "settings": self.settings,
        }}))
        .unwrap()
    }

    pub async fn assemble(&self) -> Result<Done<AssembleOutput>, AssembleError> {
        let store = DirStore::new(self.root.path());
        assemble::run(&store, &tools(), &self.root.path().join("scratch"), self.input()).await
    }

    pub fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.folder().join(name)).unwrap()
    }

    /// The sound of the finished proxy: 48 kHz, one channel.
    pub fn sound_samples(&self) -> Vec<i16> {
        let samples = ffmpeg(&self.folder(), "-loglevel error -i proxy.mp4 -map 0:a -ac 1 -f s16le pipe:1");
        samples.chunks_exact(2).map(|sample| i16::from_le_bytes([sample[0], sample[1]])).collect()
    }
}

/// Where clicks begin, in seconds: loud after a while of silence.
pub fn clicks(samples: &[i16]) -> Vec<f64> {
    let (mut clicks, mut quiet) = (Vec::new(), usize::MAX / 2);
    for (at, sample) in samples.iter().enumerate() {
        if sample.unsigned_abs() > 4000 {
            if quiet > 4800 {
                clicks.push(at as f64 / 48_000.0);
            }
            quiet = 0;
        } else {
            quiet += 1;
        }
    }
    clicks
}
