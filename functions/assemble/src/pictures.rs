//! The thumbnail track, the poster and the storyboard.

use crate::{
    AssembleError,
    error::CutError,
    flow::through,
    job::{Job, Picture, file_error},
};
use futures::future::BoxFuture;
use heaters_aws::{ObjectRef, Part, StoreError};
use heaters_domain::{
    keys::ChunkKeys,
    storyboard::{self, Cues},
    thumbs::{self, ThumbsReader, ThumbsWriter},
    tiles::Tiles,
};
use heaters_media::{clip, pictures};
use std::{
    fs::File,
    io::{BufWriter, Write},
    time::Duration,
};

const DEADLINE: Duration = Duration::from_mins(3);
const THUMBS_FILE: &str = "thumbs.bin";
const POSTER_CLIP: &str = "poster.mp4";
/// Where in the video the poster is taken, as a share of its frames.
const POSTER_AT: f64 = 0.25;
const BINARY: &str = "application/octet-stream";

/// Stores the thumbnail track of the whole video.
pub(crate) async fn join_thumbs(job: &Job<'_>, picture: &Picture) -> Result<(), AssembleError> {
    let objects = job.of_chunks(ChunkKeys::thumbs);
    let track = job.object(job.keys().thumbs());
    if let ([chunk], [frames]) = (objects.as_slice(), picture.frames.as_slice()) {
        // The only chunk's track is the video's, bit for bit.
        let header = job.store.get(chunk, Some(0..thumbs::HEADER_BYTES as u64)).await?;
        check_count(0, thumbs::frames_of_header(&header)?, *frames)?;
        return Ok(job.store.concat(&track, &[Part::Object(chunk.clone())], BINARY).await?);
    }
    let (path, total) = (job.scratch.file(THUMBS_FILE), picture.index.head.frames);
    let expected: Vec<_> = job.plan.iter().map(|chunk| chunk.index).zip(picture.frames.clone()).collect();
    through(job.store, &objects, move |mut incoming| {
        let file = File::create(path).map_err(file_error(THUMBS_FILE))?;
        let mut writer = ThumbsWriter::over(BufWriter::with_capacity(1 << 20, file), total)?;
        for (chunk, frames) in expected {
            incoming.next_object().map_err(file_error(THUMBS_FILE))?;
            let chunk_track = ThumbsReader::new(&mut incoming)?;
            check_count(chunk, chunk_track.frames(), frames)?;
            writer.append(chunk_track)?;
        }
        writer.close()?.flush().map_err(file_error(THUMBS_FILE))
    })
    .await??;
    job.put_file(THUMBS_FILE, job.keys().thumbs(), BINARY).await
}

fn check_count(chunk: u32, thumbs: u32, frames: u32) -> Result<(), AssembleError> {
    if thumbs == frames { Ok(()) } else { Err(AssembleError::ThumbCount { chunk, thumbs, frames }) }
}

/// Stores the poster and, where the chunks have tiles, the storyboard. Returns whether they have.
pub(crate) async fn make(job: &Job<'_>, picture: &Picture) -> Result<bool, AssembleError> {
    cut_poster(job, picture).await?;
    let board = Board::read(job, picture).await?;
    let sheets = storyboard::sheets(board.jpegs.len());
    let (tools, folder, jpegs) = (job.tools.clone(), job.scratch.path().to_owned(), board.jpegs);
    tokio::task::spawn_blocking(move || {
        let tiles: Vec<&[u8]> = jpegs.iter().map(Vec::as_slice).collect();
        pictures::make(&tools, &folder, POSTER_CLIP, &tiles, DEADLINE)
    })
    .await??;
    job.put_file(pictures::POSTER_FILE, job.keys().poster(), "image/jpeg").await?;
    for sheet in 0..sheets {
        job.put_file(&pictures::sheet_file(sheet), job.keys().storyboard_sheet(sheet), "image/jpeg").await?;
    }
    if sheets > 0 {
        job.store.put(&job.object(job.keys().storyboard()), board.vtt.into(), "text/vtt").await?;
    }
    Ok(sheets > 0)
}

/// The poster's frame as a clip of its own on the scratch disk.
async fn cut_poster(job: &Job<'_>, picture: &Picture) -> Result<(), AssembleError> {
    let frames = &picture.index.frames;
    let frame = frames[((frames.len() as f64 * POSTER_AT) as usize).min(frames.len() - 1)];
    let clip = clip::of_frames(&picture.index.head, [frame]).map_err(CutError::from)?;
    let mut file = File::create(job.scratch.file(POSTER_CLIP)).map_err(file_error(POSTER_CLIP))?;
    clip::write(&clip, &|bytes| picture.bytes(job.store, bytes), &mut file).await.map_err(CutError::from)?;
    Ok(())
}

/// What the storyboard is made of.
struct Board {
    jpegs: Vec<Vec<u8>>,
    vtt: String,
}

impl Board {
    async fn read(job: &Job<'_>, picture: &Picture) -> Result<Self, AssembleError> {
        let (objects, store) = (job.of_chunks(ChunkKeys::tiles), job.store);
        let load = |chunk, object| {
            Box::pin(async move {
                match store.get(object, None).await {
                    Err(StoreError::NotFound { .. }) => Ok(None),
                    Err(error) => Err(error.into()),
                    Ok(bytes) => {
                        Tiles::decode(&bytes).map(Some).map_err(|source| AssembleError::Tiles { chunk, source })
                    }
                }
            }) as BoxFuture<'_, _>
        };
        let chunks: Vec<Tiles> = job.each(&objects, load).await?.into_iter().flatten().collect();
        let (width, height) = chunks.first().map_or((0, 0), |first| (first.width.into(), first.height.into()));
        let mut all: Vec<_> = chunks.into_iter().flat_map(|chunk| chunk.tiles).map(Some).collect();
        let times: Vec<i64> = all.iter().flatten().map(|tile| tile.pts).collect();
        let head = &picture.index.head;
        let kept = storyboard::kept(&times, head.time_base, job.source.tile_seconds);
        let kept: Vec<_> = kept.into_iter().filter_map(|number| all[number].take()).collect();
        let times: Vec<i64> = kept.iter().map(|tile| tile.pts).collect();
        let (start, end, time_base) = (head.start_pts, head.end_pts, head.time_base);
        let cues = Cues { times: &times, start, end, time_base, width, height };
        let vtt = storyboard::vtt(&cues, |sheet| {
            let key = job.keys().storyboard_sheet(sheet);
            key.rsplit('/').next().unwrap_or_default().to_owned()
        });
        Ok(Self { jpegs: kept.into_iter().map(|tile| tile.jpeg).collect(), vtt })
    }
}

/// Which bytes of the proxy are copied from which objects.
pub(crate) fn media_parts(media: &[(std::ops::Range<u64>, ObjectRef)]) -> Vec<Part> {
    media.iter().map(|(range, object)| Part::Range(object.clone(), 0..range.end - range.start)).collect()
}
