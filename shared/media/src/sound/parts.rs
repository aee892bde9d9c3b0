//! Samples encoded in parts, each by a tool of its own, and the parts joined to one track.
//!
//! Neighbours encode some of the same samples, so that both encoders are in the same state where one takes over from
//! the other. Parts are cut by time alone: the result is the same on any number of cores.

use super::{ENCODED_FILE, SoundError, adts::Frames as Adts};
use crate::{
    args::{begin, owned},
    mp4::{self, MDAT_HEADER_BYTES, Mp4Error, Sample, Track, TrackHeader},
    runner::{Run, RunError, Said, Tools},
};
use heaters_domain::waveform::RATE;
use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, BufWriter, Write},
    num::NonZeroUsize,
    os::unix::fs::FileExt,
    path::Path,
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread,
    time::Duration,
};

pub const SAMPLE_RATE: u32 = 48_000;
const _: () = assert!(SAMPLE_RATE.is_multiple_of(RATE));
/// Two channels of 32 bits.
pub const FRAME_BYTES: usize = 8;
/// Samples of a frame of AAC.
const AAC_SAMPLES: u32 = 1024;
const AAC_BYTES: u64 = AAC_SAMPLES as u64 * FRAME_BYTES as u64;
/// A part's length in frames of AAC: about a minute.
const PART: u64 = 2816;
/// How many frames before its own a part's encoder begins with, and how many it goes on behind them.
const BEFORE: u64 = 24;
const BEHIND: u64 = 8;
/// An encoder's first frames, and the last before what it is given ends, are not like those of one that goes on.
const UNSETTLED_FIRST: u64 = 12;
const UNSETTLED_LAST: u64 = 4;
/// The first part as an MP4 file too: what it says of the format is the track's.
const FORMAT_FILE: &str = "sound-format.mp4";

/// Puts pieces of any length together to whole pairs of samples.
#[derive(Debug, Default)]
pub struct Frames {
    rest: Vec<u8>,
}

impl Frames {
    pub fn push(&mut self, piece: &[u8], take: &mut impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
        self.rest.extend_from_slice(piece);
        let whole = self.rest.len() - self.rest.len() % FRAME_BYTES;
        take(&self.rest[..whole])?;
        self.rest.drain(..whole);
        Ok(())
    }
}

/// What encodes the parts.
#[derive(Debug, Clone, Copy)]
pub struct Encoders<'a> {
    pub tools: &'a Tools,
    pub folder: &'a Path,
    pub kbps: u32,
    pub deadline: Duration,
    /// How many parts are encoded at once.
    pub threads: NonZeroUsize,
}

/// Samples to encode.
struct Part {
    number: usize,
    /// Of its first sample, in frames of AAC.
    first: u64,
    samples: Vec<u8>,
}

type Encoded = (usize, u64, Result<Vec<u8>, RunError>);

impl Encoders<'_> {
    /// Encodes what `decode` gives to the function that it is given: whole pairs of samples.
    pub fn run(
        &self,
        decode: impl FnOnce(&mut dyn FnMut(&[u8]) -> io::Result<()>) -> Result<Said, RunError>,
    ) -> Result<Track, SoundError> {
        thread::scope(|scope| {
            // A part waits until an encoder is free, so that few are in memory.
            let (parts, queue) = mpsc::sync_channel(0);
            let (done, encoded) = mpsc::channel();
            let queue = Arc::new(Mutex::new(queue));
            for _ in 0..self.threads.get() {
                let (queue, done) = (queue.clone(), done.clone());
                scope.spawn(move || self.work(&queue, &done));
            }
            // They end when nobody holds the other ends any more.
            drop((queue, done));
            let joined = scope.spawn(move || self.join(&encoded));
            let mut cutter = Cutter { parts, number: 0, first: 0, samples: Vec::new() };
            let decoded = decode(&mut |samples| cutter.push(samples)).map(drop);
            if decoded.is_ok() {
                // An error means that no encoder is left, and the join knows why.
                let _ = cutter.finish();
            } else {
                drop(cutter);
            }
            let joined = joined.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            match (decoded, joined) {
                // The decoder was stopped because an encoder had failed.
                (Err(RunError::Output { .. }), Err(error)) => Err(error),
                (Err(error), _) => Err(error.into()),
                (Ok(()), joined) => joined,
            }
        })
    }

    fn work(&self, queue: &Mutex<mpsc::Receiver<Part>>, done: &mpsc::Sender<Encoded>) {
        loop {
            let part = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
            let Ok(Part { number, first, samples }) = part else { return };
            let encoded = self.encode(number, &samples);
            let failed = encoded.is_err();
            if done.send((number, first, encoded)).is_err() || failed {
                return;
            }
        }
    }

    fn encode(&self, number: usize, samples: &[u8]) -> Result<Vec<u8>, RunError> {
        let args = command(self.kbps, number == 0);
        let run = Run { args: &args, folder: self.folder, deadline: self.deadline, subject: "the sound" };
        let mut encoded = Vec::new();
        let keep = |piece: &[u8]| {
            encoded.extend_from_slice(piece);
            Ok(())
        };
        self.tools.ffmpeg_fed(&run, |input| input.write_all(samples), keep, |_| ())?;
        Ok(encoded)
    }

    /// Writes the parts to [`ENCODED_FILE`] one after another as they come.
    fn join(&self, encoded: &mpsc::Receiver<Encoded>) -> Result<Track, SoundError> {
        let mut track = Joiner::create(self.folder)?;
        let mut early = BTreeMap::new();
        for (number, first, part) in encoded {
            let frames = Adts::parse(part?, first).ok_or(Mp4Error::Layout("the sound is not in frames"))?;
            early.insert(number, frames);
            while let Some(next) = early.remove(&track.parts) {
                track.add(next)?;
            }
        }
        Ok(track.finish(&mp4::read_track(&self.folder.join(FORMAT_FILE))?)?)
    }
}

/// ffmpeg: samples on standard input to AAC on standard output.
fn command(kbps: u32, with_format: bool) -> Vec<String> {
    let mut args = begin();
    args.extend(owned(&["-protocol_whitelist", "pipe", "-f", "f32le", "-ac", "2", "-ar", &SAMPLE_RATE.to_string()]));
    // On speech and music the fast coder comes nearer to the source than the default, in half the time; the
    // encoder has no use for threads.
    args.extend(owned(&["-i", "pipe:0", "-map", "0:a:0", "-c:a", "aac", "-aac_coder", "fast"]));
    args.extend(owned(&["-b:a", &format!("{kbps}k"), "-flags", "+bitexact", "-fflags", "+bitexact"]));
    if with_format {
        args.extend(owned(&["-f", "tee", &format!("[f=adts]pipe\\:1|[f=mp4]{FORMAT_FILE}")]));
    } else {
        args.extend(owned(&["-f", "adts", "pipe:1"]));
    }
    args
}

/// Cuts samples into parts.
struct Cutter {
    parts: mpsc::SyncSender<Part>,
    number: usize,
    /// Of the first sample held, in frames of AAC.
    first: u64,
    samples: Vec<u8>,
}

impl Cutter {
    fn push(&mut self, samples: &[u8]) -> io::Result<()> {
        self.samples.extend_from_slice(samples);
        let next = (self.number as u64 + 1) * PART;
        let bytes = |frame: u64| ((frame - self.first) * AAC_BYTES) as usize;
        let (kept, end) = (bytes(next - BEFORE), bytes(next + BEHIND));
        // More than that has to be there: the last part needs samples of its own.
        if self.samples.len() <= end {
            return Ok(());
        }
        let rest = self.samples[kept..].to_vec();
        let mut samples = std::mem::replace(&mut self.samples, rest);
        samples.truncate(end);
        self.send(samples)?;
        (self.number, self.first) = (self.number + 1, next - BEFORE);
        Ok(())
    }

    fn finish(mut self) -> io::Result<()> {
        let samples = std::mem::take(&mut self.samples);
        self.send(samples)
    }

    fn send(&self, samples: Vec<u8>) -> io::Result<()> {
        let part = Part { number: self.number, first: self.first, samples };
        self.parts.send(part).map_err(|_| io::Error::other("the sound's encoders have stopped"))
    }
}

/// Writes an MP4 file: `[ftyp][mdat][moov]`.
struct Joiner {
    out: BufWriter<File>,
    /// Where the media data's header is.
    mdat: u64,
    sizes: Vec<u32>,
    /// How many parts there are so far.
    parts: usize,
    /// The last part, whose frames from that number on are to be written.
    last: Option<(Adts, u64)>,
}

impl Joiner {
    fn create(folder: &Path) -> Result<Self, Mp4Error> {
        let mut out = BufWriter::new(File::create(folder.join(ENCODED_FILE))?);
        let ftyp = mp4::ftyp()?;
        out.write_all(&ftyp)?;
        out.write_all(&mp4::mdat_header(0))?;
        Ok(Self { out, mdat: ftyp.len() as u64, sizes: Vec::new(), parts: 0, last: None })
    }

    fn add(&mut self, part: Adts) -> Result<(), Mp4Error> {
        let start = self.parts as u64 * PART;
        let from = match self.last.take() {
            None => 0,
            Some((last, from)) => {
                let reach = start - BEFORE + UNSETTLED_FIRST..start + BEHIND - UNSETTLED_LAST;
                let seam = last.seam(&part, start, reach);
                self.write(&last, from..seam)?;
                seam
            }
        };
        self.last = Some((part, from));
        self.parts += 1;
        Ok(())
    }

    fn write(&mut self, part: &Adts, numbers: std::ops::Range<u64>) -> Result<(), Mp4Error> {
        for number in numbers {
            let frame = part.get(number).ok_or(Mp4Error::Layout("a part of the sound is too short"))?;
            self.out.write_all(frame)?;
            self.sizes.push(frame.len() as u32);
        }
        Ok(())
    }

    fn finish(mut self, format: &Track) -> Result<Track, Mp4Error> {
        let (last, from) = self.last.take().ok_or(Mp4Error::Layout("there is no sound"))?;
        let end = last.end();
        self.write(&last, from..end)?;
        let mut offset = self.mdat + MDAT_HEADER_BYTES;
        let sample = |(number, size): (u64, &u32)| {
            let sample = Sample { offset, size: *size, time: number * u64::from(AAC_SAMPLES), duration: AAC_SAMPLES };
            offset += u64::from(*size);
            sample
        };
        let samples: Vec<Sample> = (0..).zip(&self.sizes).map(sample).collect();
        let track = Track { samples, ..format.clone() };
        let header = TrackHeader {
            stsd: track.stsd.clone(),
            size: None,
            timescale: track.timescale,
            samples: track.samples.iter().map(|sample| (sample.offset, sample.size, sample.duration)).collect(),
            edit_start: track.edit_start,
        };
        let duration = (track.samples.len() as u64 * u64::from(AAC_SAMPLES)).saturating_sub(track.edit_start);
        self.out.write_all(&mp4::moov(&[header], track.timescale, duration)?)?;
        let file = self.out.into_inner().map_err(io::IntoInnerError::into_error)?;
        let payload = self.sizes.iter().map(|size| u64::from(*size)).sum();
        file.write_all_at(&mp4::mdat_header(payload), self.mdat)?;
        Ok(track)
    }
}
