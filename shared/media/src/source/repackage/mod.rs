//! Containers that can't be cut into chunks: their packets are copied into a MOV file in fragments, which can be, while
//! the source is read once. Of the copy only a [`delta`] is stored, as it comes: chunks read the packets from the source,
//! wherever it has them.
//!
//! [`delta`]: super::delta

mod held;
mod job;
mod outline;
mod sound;
mod trial;

use super::{
    LOCAL_FILE, ReadAt, SourceError, Span,
    delta::Window,
    indexed::{Planned, Survey},
    listing::Listing,
    parts::{Part, Pieces},
    piped,
    sequential::Counted,
    walk,
};
use crate::{
    probe::Details,
    runner::{RunError, Tools},
};
use futures::{
    SinkExt,
    channel::{mpsc, oneshot},
};
use heaters_domain::plan::Source;
use job::{Job, Unfit};
use std::{
    io,
    path::Path,
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

/// Below Lambda's limit of 15 minutes, with time for the plan.
pub(super) const DEADLINE: Duration = Duration::from_mins(12);
/// A copy pays where there will be more chunks than one.
const LEAST_CHUNKS: f64 = 1.5;
/// Codecs with at most one picture between decoding and showing, which is what ffmpeg takes for granted where it works
/// out times.
const FILLED_IN: [&str; 3] = ["mpeg1video", "mpeg2video", "mpeg4"];
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
    /// The source's picture.
    pub counted: Option<Counted>,
    /// The size of the copy's delta in bytes.
    pub delta_bytes: u64,
    /// What was read of the source.
    pub read: Vec<Span>,
}

impl Copied {
    /// Whether it would be more chunks than one.
    pub fn is_cut(&self, chunk_seconds: u32) -> bool {
        self.survey.sections(chunk_seconds) > 1
    }

    /// Plans the chunks of the copy, as its delta rebuilds it.
    pub async fn plan<R: ReadAt>(self, copy: &R, chunk_seconds: u32) -> Result<Planned, SourceError<R::Error>> {
        self.survey.plan(copy, chunk_seconds).await
    }
}

type Piece = Arc<Vec<u8>>;

/// Copies a source's packets and gives the delta of the copy to `to`, part by part. The source's beginning and end are in
/// [`LOCAL_FILE`] in `folder`, as [`super::ends`] writes them. Where it can't be copied, or not without a loss, gives the
/// picture if all of it was seen.
pub async fn copy<R: ReadAt>(
    object: &R,
    tools: &Tools,
    folder: &Path,
    (source, details): (&Source, &Details),
    to: mpsc::Sender<Vec<u8>>,
) -> Result<Result<Copied, Option<Counted>>, SourceError<R::Error>> {
    let job = Job::new(tools, folder, source, details, object.size());
    // Sound lies between the pictures here; in the copy it lies behind those of a fragment.
    walk::extend_head(object, &folder.join(LOCAL_FILE), job.sample_bytes * 3 / 2).await?;
    let copied = attempt(object, job, piped::whole(object, source).await?, to).await?;
    Ok(copied.map_err(|(unfit, counted)| {
        tracing::info!(detail = %heaters_domain::causes(&unfit), "the source's packets are not copied");
        counted
    }))
}

/// The picture of a source by its packets. `None`: a decoder can't follow it without more.
fn counted(listing: &Listing) -> Option<Counted> {
    let packets = u32::try_from(listing.picture.len()).ok().filter(|packets| *packets > 0 && !listing.changes)?;
    Some(Counted { packets, start: listing.picture.iter().filter_map(|packet| packet.pts).min() })
}

async fn attempt<R: ReadAt>(
    object: &R,
    job: Job,
    parts: Vec<Part>,
    to: mpsc::Sender<Vec<u8>>,
) -> Result<Result<Copied, (Unfit, Option<Counted>)>, SourceError<R::Error>> {
    let window = Arc::new(Mutex::new(Window::new(&parts)));
    let (to_lister, for_lister) = mpsc::channel(1);
    let (to_copier, for_copier) = mpsc::channel(1);
    let listing = on_a_thread({
        let job = job.clone();
        move || job.list(for_lister)
    })?;
    let written = on_a_thread({
        let job = job.clone();
        move || job.write(for_copier, &window, to)
    })?;
    let read = tee(object, parts, [to_lister, to_copier]).await;
    // Both end before an error is returned: they work in the folder.
    let (listing, written) = (end_of(listing).await?, end_of(written).await?);
    let read = read?;
    let (listing, written) = match (listing, written) {
        (Err(error @ RunError::Failed { .. }), _) | (_, Err(error @ RunError::Failed { .. })) => {
            return Ok(Err((error.into(), None)));
        }
        (listing, written) => (listing?, written?),
    };
    let (delta_bytes, counted) = (written.delta_bytes, counted(&listing));
    let survey = end_of(on_a_thread(move || job.survey(&listing, &written))?).await?;
    Ok(survey.map(|survey| Copied { survey, counted, delta_bytes, read }).map_err(|unfit| (unfit, counted)))
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
