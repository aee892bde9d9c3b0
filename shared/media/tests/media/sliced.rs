//! The proof of a plan: what ffmpeg decodes of the chunks' files is what it decodes of the whole.

use crate::fixture::{DEADLINE, ffmpeg, ready, tools};
use heaters_domain::plan::{Chunk, Source, SourceClass};
use heaters_media::{
    Run,
    args::{OFFSET_SECONDS, SOUND_FILE},
    mkv::Reader,
    probe,
    sound::Join,
    source::{self, Cut, LOCAL_FILE, Local, Ranged, ReadAt},
};
use std::{
    cell::RefCell,
    convert::Infallible,
    fs,
    io::Read,
    ops::Range,
    path::Path,
    sync::atomic::{AtomicU64, Ordering},
};

/// A file as an object that counts what is read of it.
pub struct Counted {
    bytes: Vec<u8>,
    pub read: AtomicU64,
}

impl Counted {
    pub fn open(path: &Path) -> Self {
        Self::of(fs::read(path).unwrap())
    }

    pub fn of(bytes: Vec<u8>) -> Self {
        Self { bytes, read: AtomicU64::new(0) }
    }

    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub fn object(&self) -> impl ReadAt<Error = Infallible> + '_ {
        Ranged::new(self.bytes.len() as u64, move |range: Range<u64>| {
            self.read.fetch_add(range.end - range.start, Ordering::Relaxed);
            let end = range.end.min(self.bytes.len() as u64);
            std::future::ready(Ok::<_, Infallible>(self.bytes[range.start as usize..end as usize].to_vec()))
        })
    }

    /// How often each byte was read, in the mean.
    pub fn share(&self) -> f64 {
        self.read.load(Ordering::Relaxed) as f64 / self.bytes.len() as f64
    }
}

/// A future that a function may be asked to run on any thread.
pub fn sent<F: Future + Send>(future: F) -> F {
    future
}

/// A decoded frame or a packet: its time, size and checksum.
pub type Line = (i64, u64, String);

/// Runs ffmpeg on one stream of a file. Gives its lines and how often it complained.
pub fn lines(folder: &Path, file: &str, keeps_clock: bool, stream: u32, options: &str) -> (Vec<Line>, u32) {
    let mut args: Vec<String> = ["-nostdin", "-hide_banner", "-loglevel", "level+warning"].map(str::to_owned).into();
    args.extend(keeps_clock.then(|| "-copyts".to_owned()));
    args.extend(["-i".to_owned(), format!("file:{file}"), "-map".to_owned(), format!("0:{stream}")]);
    args.extend(options.split_whitespace().map(str::to_owned));
    args.extend(["-f", "framecrc", "pipe:1"].map(str::to_owned));
    let output = RefCell::new(Vec::new());
    let run = Run { args: &args, folder, deadline: DEADLINE, subject: "a test video" };
    let keep = |piece: &[u8]| {
        output.borrow_mut().extend_from_slice(piece);
        Ok(())
    };
    let said = tools().ffmpeg(&run, keep, |_| ()).unwrap();
    if said.complaints.total() > 0 {
        eprintln!("{file}: {:?}", said.tail);
    }
    (read_lines(&output.into_inner()), said.complaints.total())
}

/// The lines that ffmpeg's framecrc writes.
pub fn read_lines(text: &[u8]) -> Vec<Line> {
    let line = |line: &str| {
        let fields: Vec<&str> = line.split(',').map(str::trim).collect();
        (fields[2].parse().unwrap(), fields[4].parse().unwrap(), fields[5].to_owned())
    };
    std::str::from_utf8(text).unwrap().lines().filter(|line| !line.starts_with('#')).map(line).collect()
}

fn pictures(folder: &Path, file: &str, keeps_clock: bool, source: &Source) -> (Vec<Line>, u32) {
    let base = source.media.time_base;
    let options = format!("-fps_mode passthrough -enc_time_base {}:{}", base.num, base.den);
    lines(folder, file, keeps_clock, source.picture, &options)
}

pub struct Proven {
    pub chunks: Vec<Chunk>,
    /// What the chunks read, in sizes of the source.
    pub read: f64,
    /// How often ffmpeg complained over all chunks.
    pub complaints: u32,
}

/// The source as probe sees it.
pub fn examine(folder: &Path, file: &str, class: SourceClass) -> Source {
    let mut source = probe::examine(&tools(), folder, file).unwrap();
    source.class = class;
    source
}

/// Fetches and decodes every chunk, and compares it with the whole.
pub fn prove(folder: &Path, file: &str, source: &Source, planned: &Cut) -> Proven {
    let counted = Counted::open(&folder.join(file));
    let (mut frames, mut joined, mut complaints) = (Vec::new(), Vec::new(), 0);
    let mut sound = Join::new(&mut joined);
    let base = source.media.time_base.as_f64();
    for chunk in &planned.chunks {
        let local = ready(source::fetch(&counted.object(), &counted.object(), folder, source, chunk)).unwrap();
        let (mut decoded, complained) = pictures(folder, LOCAL_FILE, local.keeps_clock, source);
        complaints += complained;
        for frame in &mut decoded {
            frame.0 += local.shift;
        }
        let after = |limit: Option<i64>, pts: i64| limit.is_none_or(|limit| pts >= limit);
        decoded.retain(|frame| after(chunk.start, frame.0) && !(chunk.end.is_some() && after(chunk.end, frame.0)));
        assert!(!decoded.is_empty(), "chunk {} of {} has frames", chunk.index, chunk.count);
        frames.extend(decoded);
        if let Some(stream) = local.sound {
            copy_sound(folder, LOCAL_FILE, &local, stream, local.shift as f64 * base);
            sound.add(fs::File::open(folder.join(SOUND_FILE)).unwrap()).unwrap();
        }
    }
    let (whole, _) = pictures(folder, file, true, source);
    same(&frames, &whole, "pictures");
    assert_eq!(sound.finish().unwrap(), 0, "chunks whose sound is in another format");
    if let Some(stream) = source.sound {
        copy_sound(folder, file, &whole_of(source), stream, 0.0);
        same_sound(&packets(&joined[..]), &packets(fs::File::open(folder.join(SOUND_FILE)).unwrap()));
    }
    Proven { chunks: planned.chunks.clone(), read: counted.share(), complaints }
}

/// All of a source, on its own clock.
pub fn whole_of(source: &Source) -> Local {
    Local { picture: source.picture, sound: source.sound, keeps_clock: true, shift: 0, read: Vec::new() }
}

/// Copies a stream's packets to [`SOUND_FILE`] as a pass does.
pub fn copy_sound(folder: &Path, file: &str, local: &Local, stream: u32, shift_seconds: f64) {
    let clock = if local.keeps_clock { "-copyts" } else { "" };
    let offset = f64::from(OFFSET_SECONDS) + shift_seconds;
    let copy = "-c copy -map_metadata -1 -fflags +bitexact -avoid_negative_ts disabled";
    ffmpeg(
        folder,
        &format!("-loglevel fatal {clock} -i {file} -map 0:{stream} {copy} -output_ts_offset {offset:.6} {SOUND_FILE}"),
    );
}

/// The packets of a file with sound alone: their times in milliseconds, and their bytes.
pub fn packets(file: impl Read) -> Vec<(i64, Vec<u8>)> {
    let mut reader = Reader::open(file).unwrap();
    let next = || reader.next_block().unwrap().map(|block| (block.time, block.data().to_vec()));
    std::iter::from_fn(next).collect()
}

/// Every packet is there once and whole, and where it is heard in the whole, but for what times are rounded to.
pub fn same_sound(chunks: &[(i64, Vec<u8>)], whole: &[(i64, Vec<u8>)]) {
    let wrong = chunks.iter().zip(whole).position(|(one, other)| one.1 != other.1 || one.0.abs_diff(other.0) > 1);
    let around = |packets: &[(i64, Vec<u8>)]| {
        let from = wrong.unwrap_or(chunks.len().min(whole.len())).saturating_sub(2);
        packets.iter().skip(from).take(5).map(|(time, data)| (*time, data.len())).collect::<Vec<_>>()
    };
    assert!(
        wrong.is_none() && chunks.len() == whole.len(),
        "sound differs: {} packets of {}, from {wrong:?}: {:?} instead of {:?}",
        chunks.len(),
        whole.len(),
        around(chunks),
        around(whole)
    );
}

pub fn same(chunks: &[Line], whole: &[Line], what: &str) {
    let different = chunks.iter().zip(whole).position(|(chunk, whole)| chunk != whole);
    let around = |lines: &[Line]| {
        let at = different.unwrap_or(chunks.len().min(whole.len()));
        lines[at.saturating_sub(2).min(lines.len())..(at + 3).min(lines.len())].to_vec()
    };
    assert!(
        different.is_none() && chunks.len() == whole.len(),
        "{what} differ: {} of {}, from {different:?}: {:?} instead of {:?}",
        chunks.len(),
        whole.len(),
        around(chunks),
        around(whole)
    );
}
