//! Containers that can't be cut into chunks: their packets are copied into a MOV file in fragments, which can be, while
//! the source is read once. The copy goes to storage as it comes and never lies on the disk as a whole.

mod held;
mod outline;
mod trial;

use super::{
    LOCAL_FILE, ReadAt, SourceError, Span, Walk,
    indexed::{Planned, Survey},
    listing::{self, Listing},
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
use heaters_domain::plan::Source;
use held::{Difference, Rules};
use outline::Outline;
use std::{
    io::{self, Write},
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

/// A copy that is known to have the source's packets.
#[derive(Debug)]
pub struct Copied {
    survey: Survey,
    pub size_bytes: u64,
    /// What was read of the source.
    pub read: Vec<Span>,
}

impl Copied {
    /// Whether it would be more chunks than one.
    pub fn is_cut(&self, chunk_seconds: u32) -> bool {
        self.survey.sections(chunk_seconds) > 1
    }

    /// Plans the chunks of the copy, which is stored.
    pub async fn plan<R: ReadAt>(self, object: &R, chunk_seconds: u32) -> Result<Planned, SourceError<R::Error>> {
        self.survey.plan(object, chunk_seconds).await
    }
}

type Piece = Arc<Vec<u8>>;

/// Copies a source's packets and gives the copy's bytes to `to`, part by part. The source's beginning and end are in
/// [`LOCAL_FILE`] in `folder`, as [`super::ends`] writes them. `None`: it can't be copied, or not without a loss.
pub async fn copy<R: ReadAt>(
    object: &R,
    tools: &Tools,
    folder: &Path,
    (source, details): (&Source, &Details),
    to: mpsc::Sender<Vec<u8>>,
) -> Result<Option<Copied>, SourceError<R::Error>> {
    let job = Job::new(tools, folder, source, details, object.size());
    // Sound lies between the pictures here; in the copy it lies behind those of a fragment.
    walk::extend_head(object, &folder.join(LOCAL_FILE), job.sample_bytes * 3 / 2).await?;
    let parts = piped::whole(object, source).await?;
    let (to_lister, for_lister) = mpsc::channel(1);
    let (to_copier, for_copier) = mpsc::channel(1);
    let listing = on_a_thread({
        let job = job.clone();
        move || job.list(for_lister)
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
            tracing::info!(detail = %error, "the source can't be copied into another container");
            return Ok(None);
        }
        (listing, written) => (listing?, written?),
    };
    let size_bytes = written.walk.source_bytes;
    match end_of(on_a_thread(move || job.survey(&listing, &written))?).await? {
        Ok(survey) => Ok(Some(Copied { survey, size_bytes, read })),
        Err(unfit) => {
            tracing::info!(detail = %heaters_domain::causes(&unfit), "the source is not read from a copy");
            Ok(None)
        }
    }
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

fn feed(mut pieces: mpsc::Receiver<Piece>) -> impl FnOnce(&mut dyn Write) -> io::Result<()> {
    move |input| {
        while let Some(piece) = executor::block_on(pieces.next()) {
            input.write_all(&piece)?;
        }
        Ok(())
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
        }
    }

    /// The source's own packets.
    fn list(&self, pieces: mpsc::Receiver<Piece>) -> Result<Listing, RunError> {
        listing::list_fed(&self.tools, &self.folder, &self.source, self.fills_in, feed(pieces))
    }

    /// Writes the copy, and what is kept of it here.
    fn write(&self, pieces: mpsc::Receiver<Piece>, mut to: mpsc::Sender<Vec<u8>>) -> Result<Written, RunError> {
        let Self { source, fills_in, decodes_sound, .. } = self;
        let args = args::repackage(&Repackaging { source, fills_in: *fills_in, decodes_sound: *decodes_sound });
        let run = Run { args: &args, folder: &self.folder, deadline: DEADLINE, subject: "the source's copy" };
        let failed = |source| RunError::Output { tool: "ffmpeg".to_owned(), subject: run.subject.to_owned(), source };
        let mut outline = Outline::create(&self.folder.join(OUTLINE_FILE), self.sample_bytes).map_err(failed)?;
        let mut part = Vec::with_capacity(PART_BYTES);
        let mut send = |part: Vec<u8>| executor::block_on(to.send(part)).map_err(io::Error::other);
        let keep = |piece: &[u8]| {
            outline.push(piece)?;
            let (now, later) = piece.split_at(piece.len().min(PART_BYTES - part.len()));
            part.extend_from_slice(now);
            if part.len() == PART_BYTES {
                send(std::mem::replace(&mut part, Vec::with_capacity(PART_BYTES)))?;
            }
            part.extend_from_slice(later);
            Ok(())
        };
        let said = self.tools.ffmpeg_fed(&run, feed(pieces), keep, |_| ())?;
        if !part.is_empty() {
            send(part).map_err(failed)?;
        }
        let (walk, sampled_to) = outline.finish().map_err(failed)?;
        Ok(Written { walk, sampled_to, said })
    }

    /// Proves that the copy has the source's packets, and takes it as an indexed source.
    fn survey(&self, listing: &Listing, written: &Written) -> Result<Survey, Unfit> {
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
        Survey::of_copy(walk, source, &copy, &copied).ok_or(Unfit::Table)
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
