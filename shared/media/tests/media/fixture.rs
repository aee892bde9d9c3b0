//! Small videos made by ffmpeg, and the whole way from such a video to clips, without storage.

use heaters_domain::{
    FrameRange,
    plan::{Chunk, Clock, Reading, Source},
    settings::ProxySettings,
};
use heaters_media::{
    Run, Tools, args, clip,
    index::{Index, Slice},
    join::{self, IndexJoin},
    pass::{self, Pass},
    probe,
    sound::{self, Encoded, Encoding, Input},
    source::Local,
};
use std::{
    convert::Infallible,
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
    time::Duration,
};

pub const DEADLINE: Duration = Duration::from_mins(1);

pub fn tools() -> Tools {
    Tools { ffmpeg: PathBuf::from("ffmpeg"), ffprobe: PathBuf::from("ffprobe") }
}

/// Runs ffmpeg with arguments separated by blanks and returns its standard output.
pub fn ffmpeg(folder: &Path, args: &str) -> Vec<u8> {
    let mut args: Vec<String> = args.split_whitespace().map(str::to_owned).collect();
    args.splice(0..0, ["-nostdin".to_owned(), "-y".to_owned()]);
    let mut output = Vec::new();
    let run = Run { args: &args, folder, deadline: DEADLINE, subject: "a test video" };
    let keep = |piece: &[u8]| {
        output.extend_from_slice(piece);
        Ok(())
    };
    tools().ffmpeg(&run, keep, |_| ()).unwrap();
    output
}

pub fn ffprobe(folder: &Path, args: &str) -> String {
    let args: Vec<String> = args.split_whitespace().map(str::to_owned).collect();
    let run = Run { args: &args, folder, deadline: DEADLINE, subject: "a test video" };
    String::from_utf8(tools().ffprobe(&run).unwrap()).unwrap()
}

/// A proxy in a folder of its own.
pub struct Proxy {
    pub folder: tempfile::TempDir,
    pub index: Index,
    pub chunk: pass::Chunk,
    pub media: Vec<u8>,
}

/// All of a source, of which the frames between two times are the chunk's.
pub fn whole(source: &Source, start: Option<i64>, end: Option<i64>) -> (Local, Chunk) {
    let local = Local { picture: source.picture, sound: source.sound, keeps_clock: true, shift: 0, read: Vec::new() };
    let index = u32::from(start.is_some());
    let reading = Reading::Whole { clock: Clock::Source };
    (local, Chunk { index, count: 1, frames: 1, start, end, reading })
}

/// Takes `source`, a file in `folder`, through probe, preprocess and assemble.
pub fn proxy(folder: tempfile::TempDir, source: &str) -> Proxy {
    let path = folder.path();
    let found = probe::examine(&tools(), path, source).unwrap();
    let settings = ProxySettings { long_side: 320, short_side: 180, ..ProxySettings::default() };
    let (local, plan) = whole(&found, None, None);
    let pass = Pass {
        source: &found,
        settings: &settings,
        chunk: &plan,
        local: &local,
        file: source,
        master: false,
        reused: None,
    };
    let chunk = pass::run(&tools(), path, &pass, DEADLINE, |_| ()).unwrap();
    let mut join = IndexJoin::default();
    join.add(&plan, chunk.index.clone()).unwrap();
    let mut index = join.finish().unwrap();
    let sound = chunk.has_sound.then(|| encode_sound(path, &index));
    let tail = join::tail(&mut index, sound.as_ref().map(|sound| &sound.track)).unwrap();
    let mut media = fs::read(path.join(args::PICTURE_FILE)).unwrap();
    media.extend_from_slice(&tail.before);
    if let Some(range) = tail.sound {
        let encoded = fs::read(path.join(sound::ENCODED_FILE)).unwrap();
        media.extend_from_slice(&encoded[range.start as usize..range.end as usize]);
    }
    media.extend_from_slice(&tail.after);
    fs::write(path.join("proxy.mp4"), &media).unwrap();
    assert_eq!(index.head.media_bytes, media.len() as u64);
    Proxy { folder, index, chunk, media }
}

/// A folder that serves as storage, with a proxy of 40 frames and sound at the prefix `p` of the bucket `media`.
pub fn stored_proxy() -> (tempfile::TempDir, Proxy) {
    let source = tempfile::tempdir().unwrap();
    let av = "-f lavfi -i testsrc2=s=160x90:r=25:d=1.6 -f lavfi -i sine=440:d=1.6 -c:v libx264 -c:a aac";
    ffmpeg(source.path(), &format!("-loglevel error {av} a.mp4"));
    let proxy = proxy(source, "a.mp4");
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("media/p");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("proxy.mp4"), &proxy.media).unwrap();
    fs::write(folder.join("frames.idx"), proxy.index.encode()).unwrap();
    (root, proxy)
}

/// Encodes the sound of the only chunk, as long as the picture.
fn encode_sound(folder: &Path, index: &Index) -> Encoded {
    let feed = |out: &mut dyn Write| {
        let mut join = sound::Join::new(out);
        join.add(File::open(folder.join(args::SOUND_FILE))?).map_err(io::Error::other)?;
        join.finish().map(drop).map_err(io::Error::other)
    };
    let start = index.head.start_pts as f64 * index.head.time_base.as_f64();
    let encoding = Encoding {
        start_seconds: start + f64::from(args::OFFSET_SECONDS),
        duration_seconds: index.head.duration_seconds(),
        kbps: 96,
        lossless: None,
    };
    sound::encode(&tools(), folder, Input::Stream(feed), &encoding, DEADLINE).unwrap()
}

impl Proxy {
    /// Writes the clip of a range as `clip.mp4`.
    pub fn cut(&self, start: u32, end: u32) -> Slice {
        let slice = self.index.slice(FrameRange { start, end }).unwrap();
        self.write(&clip::of_slice(&slice).unwrap());
        slice
    }

    pub fn write(&self, clip: &clip::Clip) {
        let fetch = |range: std::ops::Range<u64>| async move {
            Ok::<_, Infallible>(self.media[range.start as usize..range.end as usize].to_vec())
        };
        let mut out = Vec::new();
        ready(clip::write(clip, &fetch, &mut out)).unwrap();
        assert_eq!(out.len() as u64, clip.size_bytes());
        fs::write(self.folder.path().join("clip.mp4"), out).unwrap();
    }

    /// The checksum of each decoded frame of a file.
    pub fn frame_sums(&self, file: &str) -> Vec<String> {
        let text = ffmpeg(
            self.folder.path(),
            &format!("-loglevel error -i {file} -map 0:v -fps_mode passthrough -f framemd5 pipe:1"),
        );
        let text = String::from_utf8(text).unwrap();
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        lines.map(|line| line.rsplit(',').next().unwrap().trim().to_owned()).collect()
    }
}

/// The result of a future that never waits.
pub fn ready<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    match future.as_mut().poll(&mut std::task::Context::from_waker(std::task::Waker::noop())) {
        std::task::Poll::Ready(value) => value,
        std::task::Poll::Pending => panic!("the future waits"),
    }
}
