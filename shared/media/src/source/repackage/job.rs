//! One time that a source's packets are copied: what blocks, each part of which works in a thread of its own.

use super::{
    DEADLINE, FILLED_IN, Piece,
    held::{self, Difference, Rules},
    outline::Outline,
    sound,
    trial::{self, Stream},
};
use crate::{
    ProbeError,
    args::{self, Repackaging, Samples},
    complaints::PictureTools,
    probe::{self, Details},
    runner::{Run, RunError, Said, Tools},
    source::{
        LOCAL_FILE, Walk,
        delta::{Maker, Window},
        indexed::Survey,
        listing::{self, Listing},
    },
};
use futures::{SinkExt, StreamExt, channel::mpsc, executor};
use heaters_domain::plan::Source;
use std::{
    io::{self, Write},
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// What is kept of the copy.
const OUTLINE_FILE: &str = "copy";
/// How much of the delta is given away at once: storage takes 10,000 parts of an object.
const PART_BYTES: usize = 16 << 20;
/// Why a copy can't serve.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unfit {
    #[error(transparent)]
    Different(#[from] Difference),
    #[error("the copy can't be examined")]
    Unreadable(#[from] ProbeError),
    #[error(transparent)]
    Run(#[from] RunError),
    #[error("the copy's streams are not the source's: {0}")]
    Streams(String),
    #[error("the first frames of the copy are not the source's")]
    Frames,
    #[error("the copy can't be told as a table")]
    Table,
    #[error("the source is damaged: {0}")]
    Damaged(String),
    #[error("the decoder's parameters change on the way")]
    Changes,
}

/// Writes pieces as they come, and shows each before.
fn feed(
    mut pieces: mpsc::Receiver<Piece>,
    show: impl Fn(&Piece) + Send,
) -> impl FnOnce(&mut dyn Write) -> io::Result<()> + Send {
    move |input| {
        while let Some(piece) = executor::block_on(pieces.next()) {
            show(&piece);
            input.write_all(&piece)?;
        }
        Ok(())
    }
}

/// Nobody panics while this is held, and if so, the copy is given up.
fn seen(window: &Mutex<Window>) -> MutexGuard<'_, Window> {
    window.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The delta's way out, in parts.
struct PartsTo {
    to: mpsc::Sender<Vec<u8>>,
    part: Vec<u8>,
}

impl PartsTo {
    fn push(&mut self, piece: &[u8]) -> io::Result<()> {
        let (now, later) = piece.split_at(piece.len().min(PART_BYTES - self.part.len()));
        self.part.extend_from_slice(now);
        if self.part.len() == PART_BYTES {
            self.send()?;
        }
        self.part.extend_from_slice(later);
        Ok(())
    }

    fn send(&mut self) -> io::Result<()> {
        let part = std::mem::replace(&mut self.part, Vec::with_capacity(PART_BYTES));
        executor::block_on(self.to.send(part)).map_err(io::Error::other)
    }

    fn finish(mut self) -> io::Result<()> {
        if self.part.is_empty() { Ok(()) } else { self.send() }
    }
}

/// What became of the copy.
pub(super) struct Written {
    pub walk: Walk,
    pub delta_bytes: u64,
    /// Where what was kept of its media data ends.
    sampled_to: u64,
    said: Said,
}

/// What the blocking parts know.
#[derive(Clone)]
pub(super) struct Job {
    tools: Tools,
    folder: std::path::PathBuf,
    source: Source,
    details: Details,
    fills_in: bool,
    /// What the sound becomes, where its packets can't be copied.
    samples: Option<Samples>,
    /// How much of both files is looked at.
    pub sample_bytes: u64,
}

impl Job {
    pub(super) fn new(tools: &Tools, folder: &Path, source: &Source, details: &Details, size_bytes: u64) -> Self {
        let sound = details.sound.as_ref().filter(|_| source.sound.is_some());
        Self {
            tools: tools.clone(),
            folder: folder.to_owned(),
            source: source.clone(),
            details: details.clone(),
            fills_in: FILLED_IN.contains(&source.media.video_codec.as_str()),
            samples: sound.and_then(sound::samples),
            sample_bytes: trial::sample_bytes(source, size_bytes),
        }
    }

    /// The source's own packets.
    pub(super) fn list(&self, pieces: mpsc::Receiver<Piece>) -> Result<Listing, RunError> {
        listing::list_fed(&self.tools, &self.folder, &self.source, self.fills_in, feed(pieces, |_| ()))
    }

    /// Writes the copy: gives its delta to `to`, and keeps here what is needed of it.
    pub(super) fn write(
        &self,
        pieces: mpsc::Receiver<Piece>,
        window: &Mutex<Window>,
        to: mpsc::Sender<Vec<u8>>,
    ) -> Result<Written, RunError> {
        let Self { source, fills_in, samples, .. } = self;
        let args = args::repackage(&Repackaging { source, fills_in: *fills_in, samples: *samples });
        let run = Run { args: &args, folder: &self.folder, deadline: DEADLINE, subject: "the source's copy" };
        let failed = |source| RunError::Output { tool: "ffmpeg".to_owned(), subject: run.subject.to_owned(), source };
        let mut outline = Outline::create(&self.folder.join(OUTLINE_FILE), self.sample_bytes).map_err(failed)?;
        let mut parts = PartsTo { to, part: Vec::with_capacity(PART_BYTES) };
        let mut delta = Maker::new(|piece: &[u8]| parts.push(piece));
        let keep = |piece: &[u8]| {
            let mut from = 0;
            for begin in outline.push(piece)? {
                delta.push(&piece[from..begin], &seen(window))?;
                delta.begin_fragment(&mut seen(window));
                from = begin;
            }
            delta.push(&piece[from..], &seen(window))
        };
        let said = self.tools.ffmpeg_fed(&run, feed(pieces, |piece| seen(window).push(piece)), keep, |_| ())?;
        let delta_bytes = delta.finish().map_err(failed)?;
        parts.finish().map_err(failed)?;
        let (walk, sampled_to) = outline.finish().map_err(failed)?;
        Ok(Written { walk, delta_bytes, sampled_to, said })
    }

    /// Proves that the copy has the source's packets, and takes it as an indexed source.
    pub(super) fn survey(&self, listing: &Listing, written: &Written) -> Result<Survey, Unfit> {
        let Self { tools, folder, source, .. } = self;
        let Written { walk, sampled_to, said, .. } = written;
        let media = &source.media;
        let of_picture =
            PictureTools { codec: &media.video_codec, container: &media.container, stream: source.picture };
        if said.complaints.of_picture(of_picture) > 0 {
            return Err(Unfit::Damaged(said.tail.join(" | ")));
        }
        if listing.changes {
            return Err(Unfit::Changes);
        }
        let (copy, details) = probe::examine_closely(tools, folder, OUTLINE_FILE)?;
        self.compare_streams(&copy, &details)?;
        let copied = listing::list(tools, folder, OUTLINE_FILE, copy.picture, copy.sound)?;
        let rules = Rules {
            codec: &media.video_codec,
            details: (&self.details, &details),
            decoded_sound: self.samples.is_some(),
        };
        let copied = held::hold(listing, copied, &rules)?;
        let of_source = Stream { file: LOCAL_FILE, index: source.picture };
        let of_copy = Stream { file: OUTLINE_FILE, index: copy.picture };
        if !trial::agree(tools, folder, trial::comparable(&copied.picture, *sampled_to), of_source, of_copy)? {
            return Err(Unfit::Frames);
        }
        Survey::of_copy(walk, source, &copy, &copied).ok_or(Unfit::Table)
    }

    fn compare_streams(&self, copy: &Source, details: &Details) -> Result<(), Unfit> {
        let (one, other) = (&self.source.media, &copy.media);
        let codec = |details: &Details| details.sound.as_ref().map(|sound| sound.codec.clone());
        let expected = match (self.samples, self.source.sound) {
            (Some(samples), _) => Some(samples.codec().to_owned()),
            (None, Some(_)) => codec(&self.details),
            (None, None) => None,
        };
        let same =
            one.video_codec == other.video_codec && one.time_base == other.time_base && codec(details) == expected;
        let told = || format!("{} and {:?}, {:?}", other.video_codec, codec(details), other.time_base);
        if same { Ok(()) } else { Err(Unfit::Streams(told())) }
    }
}
