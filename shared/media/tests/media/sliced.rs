//! The proof of a plan: what ffmpeg decodes of the chunks' files is what it decodes of the whole.

use crate::fixture::{DEADLINE, ready, tools};
use heaters_domain::plan::{Chunk, Source, SourceClass};
use heaters_media::{
    Run, probe,
    source::{self, Cut, LOCAL_FILE, Ranged, ReadAt},
};
use std::{
    cell::RefCell,
    convert::Infallible,
    fs,
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
        Self { bytes: fs::read(path).unwrap(), read: AtomicU64::new(0) }
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
    let text = String::from_utf8(output.into_inner()).unwrap();
    let line = |line: &str| {
        let fields: Vec<&str> = line.split(',').map(str::trim).collect();
        (fields[2].parse().unwrap(), fields[4].parse().unwrap(), fields[5].to_owned())
    };
    if said.complaints.total() > 0 {
        eprintln!("{file}: {:?}", said.tail);
    }
    (text.lines().filter(|line| !line.starts_with('#')).map(line).collect(), said.complaints.total())
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
    let (mut frames, mut packets, mut complaints) = (Vec::new(), Vec::<Line>::new(), 0);
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
        if let Some(sound) = local.sound {
            let options = "-c copy -enc_time_base 1:1000000 -avoid_negative_ts disabled";
            let (mut copied, _) = lines(folder, LOCAL_FILE, local.keeps_clock, sound, options);
            let shift = sound_ticks(folder, sound, local.shift as f64 * base);
            for packet in &mut copied {
                packet.0 += shift;
            }
            // The last packet of a slice may be cut off; the next slice has it whole.
            if packets.last().is_some_and(|last| copied.iter().any(|packet| packet.0 == last.0)) {
                packets.pop();
            }
            let last = packets.last().map_or(i64::MIN, |packet| packet.0);
            packets.extend(copied.into_iter().filter(|packet| packet.0 > last));
        }
    }
    let (whole, _) = pictures(folder, file, true, source);
    same(&frames, &whole, "pictures");
    if let Some(sound) = source.sound {
        let (whole, _) = lines(folder, file, true, sound, "-c copy -avoid_negative_ts disabled");
        same(&packets, &whole, "sound");
    }
    Proven { chunks: planned.chunks.clone(), read: counted.share(), complaints }
}

/// Seconds in ticks of a stream of the local file.
fn sound_ticks(folder: &Path, stream: u32, seconds: f64) -> i64 {
    let said = crate::fixture::ffprobe(
        folder,
        &format!("-loglevel error -select_streams {stream} -show_entries stream=time_base -of csv=p=0 {LOCAL_FILE}"),
    );
    let (num, den) = said.trim().lines().next().unwrap().split_once('/').unwrap();
    (seconds * den.trim_end_matches(',').parse::<f64>().unwrap() / num.parse::<f64>().unwrap()).round() as i64
}

fn same(chunks: &[Line], whole: &[Line], what: &str) {
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
