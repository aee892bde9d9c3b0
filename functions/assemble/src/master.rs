//! The lossless master of the whole video.

use crate::{
    AssembleError,
    job::{Job, Picture},
};
use futures::future::BoxFuture;
use heaters_aws::{ObjectRef, ObjectStore, Part};
use heaters_domain::keys::ChunkKeys;
use heaters_media::{
    args,
    master::{self, HEAD_BYTES, Piece},
    sound::LOSSLESS_FILE,
};

/// Stores the master: the chunks' Clusters are copied where they are, the sound's go up. Returns its key.
pub(crate) async fn join(job: &Job<'_>, picture: &Picture, has_sound: bool) -> Result<String, AssembleError> {
    let (objects, store) = (job.of_chunks(ChunkKeys::master), job.store);
    let load = |chunk, object| Box::pin(read(store, chunk, object)) as BoxFuture<'_, _>;
    let (pieces, cues): (Vec<Piece>, Vec<Vec<u8>>) = job.each(&objects, load).await?.into_iter().unzip();
    let sound = if has_sound {
        let path = job.scratch.file(LOSSLESS_FILE);
        let renumbered = tokio::task::spawn_blocking(move || master::renumber_sound(&path)).await?;
        Some(renumbered.map_err(AssembleError::Master)?)
    } else {
        None
    };
    let head = &picture.index.head;
    let end_seconds = head.end_pts as f64 * head.time_base.as_f64() + f64::from(args::OFFSET_SECONDS);
    let frame = master::frame(&pieces, &cues, sound.as_ref(), end_seconds).map_err(AssembleError::Master)?;
    let chunks = objects.into_iter().zip(pieces).map(|(object, piece)| Part::Range(object, piece.clusters));
    let sound = sound.map(|piece| Part::File(job.scratch.file(LOSSLESS_FILE), piece.clusters));
    let parts: Vec<Part> = [Part::Bytes(frame.header.into())]
        .into_iter()
        .chain(chunks)
        .chain(sound)
        .chain([Part::Bytes(frame.cues.into())])
        .collect();
    let key = job.keys().master();
    store.concat(&job.object(key.clone()), &parts, "video/x-matroska").await?;
    Ok(key)
}

/// Where a chunk's Clusters lie, and its Cues.
async fn read(store: &dyn ObjectStore, chunk: u32, object: &ObjectRef) -> Result<(Piece, Vec<u8>), AssembleError> {
    let size = store.head(object).await?.ok_or(AssembleError::NoMaster(chunk))?.size_bytes;
    let beginning = store.get(object, Some(0..HEAD_BYTES.min(size))).await?;
    let piece = Piece::new(&beginning, size).map_err(AssembleError::Master)?;
    let cues = match &piece.cues {
        Some(range) => store.get(object, Some(range.clone())).await?.to_vec(),
        None => Vec::new(),
    };
    Ok((piece, cues))
}
