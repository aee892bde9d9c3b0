//! Containers that can't be cut into chunks: their packets are copied into a MOV file in fragments, which can be, while
//! the source is read once. The copy goes to storage as it comes and never lies on the disk as a whole.

mod held;
mod in_place;
mod outline;
mod trial;

use super::{
    LOCAL_FILE, ReadAt, SourceError, Span, Walk,
    indexed::{Planned, Survey},
    listing::{self, Listed, Listing, Streamed},
    parts::{Part, Pieces},
    piped, walk,
};
use crate::{
    ProbeError,
    args::{self, DECODED_SOUND, Repackaging},
    complaints::PictureTools,
    probe::{self, Details},
    runner::{Run, RunError, Said, Tools},
};
use futures::{
    SinkExt, StreamExt,
    channel::{mpsc, oneshot},
    executor,
};
use heaters_domain::plan::{Source, SourceClass};
use held::{Difference, Rules, is_rewritten};
use in_place::{Finder, Passing};
use outline::Outline;
use std::{
    fs::File,
    io::{self, Write},
    os::unix::fs::FileExt,
    path::Path,
    sync::Arc,
    thread,
    time::Duration,
};
use trial::Stream;

/// Below Lambda's limit of 15 minutes, with time for the plan.
pub(super) const DEADLINE: Duration = Duration::from_mins(12);
/// What is kept of the copy.
const OUTLINE_FILE: &str = "copy";
/// How much of the copy is given away at once: storage takes 10,000 parts of an object.
const PART_BYTES: usize = 16 << 20;
/// A copy pays where there will be more chunks than one.
const LEAST_CHUNKS: f64 = 1.5;
/// Codecs with at most one picture between decoding and showing, which is what ffmpeg takes for granted where it works
/// out times.
const FILLED_IN: [&str; 3] = ["mpeg1video", "mpeg2video", "mpeg4"];
/// Codecs whose packets MOV holds so that all that decoders need is there.
const SOUNDS: [&str; 13] = [
    "mp2",
    "mp3",
    "aac",
    "ac3",
    "eac3",
    "pcm_s16le",
    "pcm_s16be",
    "pcm_s24le",
    "pcm_s24be",
    "pcm_s32le",
    "pcm_s32be",
    "pcm_alaw",
    "pcm_mulaw",
];
/// Containers with ways of their own, by which clocks that jump are dealt with, and streams without a container whose
/// packets have no times at all.
const OTHERS: [&str; 4] = ["mpegts", "flv", "h264", "hevc"];

/// Where AVI comes through a pipe, its index comes too late to say which packets are key frames. Of these codecs parsers
/// tell it, or all of them are.
const AVI_CODECS: [&str; 11] = [
    "mpeg1video",
    "mpeg2video",
    "mpeg4",
    "h264",
    "hevc",
    "mjpeg",
    "dvvideo",
    "huffyuv",
    "ffvhuff",
    "utvideo",
    "prores",
];

/// Why a copy can't serve.
#[derive(Debug, thiserror::Error)]
enum Unfit {
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
    #[error("not all packets lie in the source as they are")]
    Elsewhere,
}

/// Whether a source is to be copied rather than read as a whole.
pub fn pays(source: &Source, details: &Details, chunk_seconds: u32) -> bool {
    let (media, name) = (&source.media, piped::demuxer(&source.media.container));
    let (codec, seconds) = (media.video_codec.as_str(), media.duration_seconds);
    // Streams without a container say nothing of how long they are.
    let long = seconds <= 0.0 || seconds > LEAST_CHUNKS * f64::from(chunk_seconds);
    // AVI says when packets are decoded alone.
    let timed = details.in_order || FILLED_IN.contains(&codec);
    let fit = name != "avi" || (timed && AVI_CODECS.contains(&codec));
    chunk_seconds > 0 && long && fit && piped::streams(name) && !OTHERS.contains(&name)
}

/// A source's packets, known by a copy of them.
#[derive(Debug)]
pub struct Copied {
    survey: Survey,
    /// The size of the copy in bytes; `None` where all packets lie in the source as they are and no copy was given away.
    pub size_bytes: Option<u64>,
    /// What was read of the source.
    pub read: Vec<Span>,
}

impl Copied {
    /// Whether it would be more chunks than one.
    pub fn is_cut(&self, chunk_seconds: u32) -> bool {
        self.survey.sections(chunk_seconds) > 1
    }

    /// Plans the chunks of the copy, which is stored, or where there is none, of the source.
    pub async fn plan<R: ReadAt>(self, object: &R, chunk_seconds: u32) -> Result<Planned, SourceError<R::Error>> {
        self.survey.plan(object, chunk_seconds).await
    }
}

type Piece = Arc<Vec<u8>>;

/// Copies a source's packets and gives the copy's bytes to `to`, part by part, unless chunks can read the packets from
/// the source. Its beginning and end are in [`LOCAL_FILE`] in `folder`, as [`super::ends`] writes them. `None`: it can't
/// be copied, or not without a loss.
pub async fn copy<R: ReadAt>(
    object: &R,
    tools: &Tools,
    folder: &Path,
    (source, details): (&Source, &Details),
    to: mpsc::Sender<Vec<u8>>,
) -> Result<Option<Copied>, SourceError<R::Error>> {
    let job = Job::new(tools, folder, source, details, object.size());
    // Sound lies between the pictures here; in the copy it lies behind those of a fragment.
    let head_bytes = walk::extend_head(object, &folder.join(LOCAL_FILE), job.sample_bytes * 3 / 2).await?;
    let parts = piped::whole(object, source).await?;
    let begins_in_place = on_a_thread({
        let (job, parts) = (job.clone(), parts.clone());
        move || job.begins_in_place(&parts, head_bytes)
    })?;
    let mut copied = if end_of(begins_in_place).await? {
        attempt(object, &job, parts.clone(), None).await?
    } else {
        Err(Unfit::Elsewhere)
    };
    if let Err(Unfit::Elsewhere) = copied {
        copied = attempt(object, &job, parts, Some(to)).await?;
    }
    if let Err(unfit) = &copied {
        tracing::info!(detail = %heaters_domain::causes(unfit), "the source's packets are not copied");
    }
    Ok(copied.ok())
}

/// One time that the source is read. Where the copy goes nowhere, all packets have to lie in the source.
async fn attempt<R: ReadAt>(
    object: &R,
    job: &Job,
    parts: Vec<Part>,
    to: Option<mpsc::Sender<Vec<u8>>>,
) -> Result<Result<Copied, Unfit>, SourceError<R::Error>> {
    let in_place = to.is_none();
    let (to_lister, for_lister) = mpsc::channel(1);
    let (to_copier, for_copier) = mpsc::channel(1);
    let listing = on_a_thread({
        let (job, passing) = (job.clone(), in_place.then(|| Passing::new(&parts)));
        move || job.list(for_lister, passing.as_ref())
    })?;
    let written = on_a_thread({
        let job = job.clone();
        move || job.write(for_copier, to)
    })?;
    let read = tee(object, parts, [to_lister, to_copier]).await;
    // Both end before an error is returned: they work in the folder.
    let (listing, written) = (end_of(listing).await?, end_of(written).await?);
    let read = read?;
    let (listing, written) = match (listing, written) {
        (Err(error @ RunError::Failed { .. }), _) | (_, Err(error @ RunError::Failed { .. })) => {
            return Ok(Err(error.into()));
        }
        (listing, written) => (listing?, written?),
    };
    let size_bytes = (!in_place).then_some(written.walk.source_bytes);
    let job = job.clone();
    let survey = end_of(on_a_thread(move || job.survey(&listing, &written, in_place))?).await?;
    Ok(survey.map(|survey| Copied { survey, size_bytes, read }))
}

/// A thread of its own: a tool dies with the one that starts it.
fn on_a_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> io::Result<oneshot::Receiver<T>> {
    let (tell, told) = oneshot::channel();
    let work = move || {
        // Nobody listens when the planning was given up.
        let _ = tell.send(work());
    };
    thread::Builder::new().name("copy".to_owned()).spawn(work)?;
    Ok(told)
}

async fn end_of<T>(told: oneshot::Receiver<T>) -> io::Result<T> {
    told.await.map_err(|_| io::Error::other("the copying was broken off"))
}

/// Gives parts to both tools until one of them takes no more: where the container ends for one it ends for the other.
/// Gives what was read.
async fn tee<R: ReadAt>(
    object: &R,
    parts: Vec<Part>,
    mut tools: [mpsc::Sender<Piece>; 2],
) -> Result<Vec<Span>, SourceError<R::Error>> {
    let mut pieces = Pieces::new(object, parts);
    while let Some(piece) = pieces.next().await? {
        let piece = Arc::new(piece);
        for tool in &mut tools {
            // An error means that the tool has stopped, which it tells itself.
            if tool.send(piece.clone()).await.is_err() {
                return Ok(pieces.into_read());
            }
        }
    }
    Ok(pieces.into_read())
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

/// The copy's way out, in parts.
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
struct Written {
    walk: Walk,
    /// Where what was kept of its media data ends.
    sampled_to: u64,
    said: Said,
}

/// What the blocking parts know.
#[derive(Clone)]
struct Job {
    tools: Tools,
    folder: std::path::PathBuf,
    source: Source,
    details: Details,
    fills_in: bool,
    decodes_sound: bool,
    /// How much of both files is looked at.
    sample_bytes: u64,
    size_bytes: u64,
}

impl Job {
    fn new(tools: &Tools, folder: &Path, source: &Source, details: &Details, size_bytes: u64) -> Self {
        let sound = details.sound.as_ref().filter(|_| source.sound.is_some());
        Self {
            tools: tools.clone(),
            folder: folder.to_owned(),
            source: source.clone(),
            details: details.clone(),
            fills_in: FILLED_IN.contains(&source.media.video_codec.as_str()),
            decodes_sound: sound.is_some_and(|sound| !SOUNDS.contains(&sound.codec.as_str())),
            sample_bytes: trial::sample_bytes(source, size_bytes),
            size_bytes,
        }
    }

    /// The source's own packets, where they lie in the source if that is asked for.
    fn list(&self, pieces: mpsc::Receiver<Piece>, passing: Option<&Passing>) -> Result<Listing, RunError> {
        let Some(passing) = passing else { return self.list_fed(false, feed(pieces, |_| ()), |_, _| ()) };
        let mut finder = Finder::new(passing);
        let feed = feed(pieces, |piece| passing.push(piece));
        self.list_fed(true, feed, |is_sound, packet| finder.place(is_sound, packet))
    }

    fn list_fed(
        &self,
        with_crc: bool,
        feed: impl FnOnce(&mut dyn Write) -> io::Result<()> + Send,
        place: impl FnMut(bool, &mut Listed),
    ) -> Result<Listing, RunError> {
        let streamed = Streamed { source: &self.source, fills_in: self.fills_in, with_crc };
        listing::list_fed(&self.tools, &self.folder, &streamed, feed, place)
    }

    /// Whether the packets at the source's beginning lie there as they are. Its first bytes are in [`LOCAL_FILE`].
    fn begins_in_place(&self, parts: &[Part], head_bytes: u64) -> bool {
        if self.decodes_sound || is_rewritten(&self.source.media.video_codec) {
            return false;
        }
        let passing = Passing::new(parts);
        let mut finder = Finder::new(&passing);
        let feed = |out: &mut dyn Write| {
            let file = File::open(self.folder.join(LOCAL_FILE))?;
            for part in parts {
                let (piece, ends) = match part {
                    Part::Own(bytes) => (bytes.clone(), false),
                    Part::Source(range) => {
                        let there = range.start..range.end.min(head_bytes);
                        let mut bytes = vec![0; usize::try_from(there.end.saturating_sub(there.start)).unwrap_or(0)];
                        file.read_exact_at(&mut bytes, range.start)?;
                        (bytes, there.end < range.end)
                    }
                };
                let piece = Arc::new(piece);
                passing.push(&piece);
                out.write_all(&piece)?;
                if ends {
                    break;
                }
            }
            Ok(())
        };
        let listing = self.list_fed(true, feed, |is_sound, packet| finder.place(is_sound, packet));
        listing.is_ok_and(|listing| in_place::all_placed(&listing, self.source.sound.is_some()))
    }

    /// Writes the copy, and what is kept of it here.
    fn write(&self, pieces: mpsc::Receiver<Piece>, to: Option<mpsc::Sender<Vec<u8>>>) -> Result<Written, RunError> {
        let Self { source, fills_in, decodes_sound, .. } = self;
        let args = args::repackage(&Repackaging { source, fills_in: *fills_in, decodes_sound: *decodes_sound });
        let run = Run { args: &args, folder: &self.folder, deadline: DEADLINE, subject: "the source's copy" };
        let failed = |source| RunError::Output { tool: "ffmpeg".to_owned(), subject: run.subject.to_owned(), source };
        let mut outline = Outline::create(&self.folder.join(OUTLINE_FILE), self.sample_bytes).map_err(failed)?;
        let mut parts = to.map(|to| PartsTo { to, part: Vec::with_capacity(PART_BYTES) });
        let keep = |piece: &[u8]| {
            outline.push(piece)?;
            parts.as_mut().map_or(Ok(()), |parts| parts.push(piece))
        };
        let said = self.tools.ffmpeg_fed(&run, feed(pieces, |_| ()), keep, |_| ())?;
        if let Some(parts) = parts {
            parts.finish().map_err(failed)?;
        }
        let (walk, sampled_to) = outline.finish().map_err(failed)?;
        Ok(Written { walk, sampled_to, said })
    }

    /// Proves that the copy has the source's packets, and takes it as an indexed source.
    fn survey(&self, listing: &Listing, written: &Written, in_place: bool) -> Result<Survey, Unfit> {
        let Self { tools, folder, source, .. } = self;
        let Written { walk, sampled_to, said } = written;
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
        let rules =
            Rules { codec: &media.video_codec, details: (&self.details, &details), decoded_sound: self.decodes_sound };
        let copied = held::hold(listing, copied, &rules)?;
        let of_source = Stream { file: LOCAL_FILE, index: source.picture };
        let of_copy = Stream { file: OUTLINE_FILE, index: copy.picture };
        if !trial::agree(tools, folder, trial::comparable(&copied.picture, *sampled_to), of_source, of_copy)? {
            return Err(Unfit::Frames);
        }
        let survey = if in_place {
            let (size, packets) = (self.size_bytes, in_place::take(listing, copied).ok_or(Unfit::Elsewhere)?);
            Survey::of_copy(walk, size, SourceClass::Listed, source, &copy, &packets)
        } else {
            Survey::of_copy(walk, walk.source_bytes, SourceClass::Repackaged, source, &copy, &copied)
        };
        survey.ok_or(Unfit::Table)
    }

    fn compare_streams(&self, copy: &Source, details: &Details) -> Result<(), Unfit> {
        let (one, other) = (&self.source.media, &copy.media);
        let codec = |details: &Details| details.sound.as_ref().map(|sound| sound.codec.clone());
        let expected = match codec(&self.details).filter(|_| self.source.sound.is_some()) {
            Some(_) if self.decodes_sound => Some(DECODED_SOUND.to_owned()),
            codec => codec,
        };
        let same =
            one.video_codec == other.video_codec && one.time_base == other.time_base && codec(details) == expected;
        let told = || format!("{} and {:?}, {:?}", other.video_codec, codec(details), other.time_base);
        if same { Ok(()) } else { Err(Unfit::Streams(told())) }
    }
}
