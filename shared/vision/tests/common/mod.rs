//! Thumbnails of real videos. The product makes them in preprocess; here a plain ffmpeg does.

use heaters_domain::thumbs::{CHROMA_BYTES, CHROMA_HEIGHT, CHROMA_WIDTH, LUMA_BYTES, Thumb, encode};
use std::path::{Path, PathBuf};

/// A folder of material that lies beside the repository and isn't part of it; `None`, with a line that
/// says so, where it is missing.
pub fn material(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared").join(name);
    if !path.is_dir() {
        eprintln!("SKIPPED: {} is missing", path.display());
        return None;
    }
    Some(path)
}

/// The thumbnail track of a video file.
pub fn thumbs_of(video: &Path) -> Vec<u8> {
    const CHROMA_IN: usize = 4 * CHROMA_BYTES;
    let raw = decoded(video);
    let frames = raw.chunks_exact(LUMA_BYTES + 2 * CHROMA_IN).map(|frame| {
        let (luma, chroma) = frame.split_at(LUMA_BYTES);
        Thumb { luma: luma.try_into().unwrap(), u: halved(&chroma[..CHROMA_IN]), v: halved(&chroma[CHROMA_IN..]) }
    });
    encode(frames).unwrap()
}

fn halved(plane: &[u8]) -> [u8; CHROMA_BYTES] {
    std::array::from_fn(|at| {
        let (x, y) = (2 * (at % CHROMA_WIDTH), 2 * (at / CHROMA_WIDTH));
        let sample = |x: usize, y: usize| u32::from(plane[y * 2 * CHROMA_WIDTH + x]);
        debug_assert!(y < 2 * CHROMA_HEIGHT);
        (sample(x, y) + sample(x + 1, y) + sample(x, y + 1) + sample(x + 1, y + 1)).div_ceil(4) as u8
    })
}

#[expect(clippy::disallowed_methods, reason = "a test's own decoding, on files that are known")]
fn decoded(video: &Path) -> Vec<u8> {
    let output = std::process::Command::new("ffmpeg")
        .args(["-v", "fatal", "-nostdin", "-i"])
        .arg(video)
        .args(["-map", "0:v:0", "-fps_mode", "passthrough", "-vf", "scale=64:36:flags=area"])
        .args(["-pix_fmt", "yuv420p", "-f", "rawvideo", "-"])
        .output()
        .expect("ffmpeg is installed");
    assert!(output.status.success(), "ffmpeg could not decode {}", video.display());
    output.stdout
}
