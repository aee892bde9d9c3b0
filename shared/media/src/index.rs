//! Reading a part of a stored frame index. The layout is the domain's.

use heaters_domain::FrameRange;
pub use heaters_domain::index::*;
use std::ops::Range;

/// Why a part of a stored index could not be had.
#[derive(Debug, thiserror::Error)]
pub enum ReadError<E: std::error::Error + 'static> {
    #[error(transparent)]
    Fetch(E),
    #[error(transparent)]
    Index(#[from] IndexError),
}

/// Reads only the head and the records of a range. `fetch` gives a byte range of the stored index, or what
/// there is of it.
pub async fn read_slice<F, Fut, B, E>(fetch: &F, range: FrameRange) -> Result<Slice, ReadError<E>>
where
    F: Fn(Range<u64>) -> Fut,
    Fut: Future<Output = Result<B, E>>,
    B: AsRef<[u8]>,
    E: std::error::Error + 'static,
{
    let head = Head::decode(fetch(0..HEAD_BYTES).await.map_err(ReadError::Fetch)?.as_ref())?;
    let bytes = fetch(head.frame_bytes(range)?).await.map_err(ReadError::Fetch)?;
    let mut frames = decode_frames(bytes.as_ref())?;
    let next = frames.get(range.len() as usize).map(|next| next.pts);
    frames.truncate(range.len() as usize);
    let first = frames.first().filter(|_| frames.len() == range.len() as usize).ok_or(IndexError::Truncated)?;
    let end_pts = next.unwrap_or(head.end_pts);
    let samples = head.sound_samples(first.pts, end_pts);
    let sound = if samples.is_empty() {
        Vec::new()
    } else {
        let bytes = fetch(head.sound_bytes(&samples)).await.map_err(ReadError::Fetch)?;
        decode_sound(bytes.as_ref())?
    };
    if sound.len() != samples.len() {
        return Err(IndexError::Truncated.into());
    }
    Ok(Slice { head, range, frames, end_pts, first_sound: samples.start, sound })
}
