//! Raw thumbnails: yuv420p of 64x36 as ffmpeg's `scale=64:36:flags=area` gives it. For what measures and trains.

use heaters_domain::thumbs::{CHROMA_BYTES, CHROMA_WIDTH, LUMA_BYTES, Thumb};

pub fn thumbs(raw: &[u8]) -> impl Iterator<Item = Thumb> {
    raw.chunks_exact(LUMA_BYTES + 8 * CHROMA_BYTES).map(|frame| {
        let (luma, chroma) = frame.split_at(LUMA_BYTES);
        let (u, v) = chroma.split_at(4 * CHROMA_BYTES);
        Thumb { luma: luma.try_into().expect("a picture"), u: halved(u), v: halved(v) }
    })
}

/// Chroma of 32x18 brought to the thumbnail's size, as in preprocess.
fn halved(plane: &[u8]) -> [u8; CHROMA_BYTES] {
    std::array::from_fn(|at| {
        let (x, y) = (2 * (at % CHROMA_WIDTH), 2 * (at / CHROMA_WIDTH));
        let sample = |x: usize, y: usize| u16::from(plane[y * 2 * CHROMA_WIDTH + x]);
        ((sample(x, y) + sample(x + 1, y) + sample(x, y + 1) + sample(x + 1, y + 1) + 2) / 4) as u8
    })
}
