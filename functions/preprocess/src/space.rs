//! What a chunk takes on the scratch disk.

use crate::drain::HELD_BYTES;
use heaters_domain::{
    plan::{Chunk, Reading, Source},
    settings::{IngestSettings, MasterMode},
};

/// A generous bound of a second of proxy.
const PROXY_BYTES_A_SECOND: f64 = 1_250_000.0;
/// What a pixel of the lossless copy takes, seldom more.
const MASTER_BYTES_A_PIXEL: u64 = 1;
/// The rest: sound, tiles, lists of frames.
const SPARE_BYTES: u64 = 32 << 20;

/// How many bytes are made of a chunk, or about as many.
pub fn made(source: &Source, chunk: &Chunk, settings: &IngestSettings) -> u64 {
    let media = &source.media;
    let proxy = (media.duration_seconds.max(0.0) * share(source, chunk) * PROXY_BYTES_A_SECOND) as u64;
    let picture_bytes = u64::from(media.width).saturating_mul(u64::from(media.height)) * MASTER_BYTES_A_PIXEL;
    let frames = if chunk.count == 1 { chunk.frames.max(media.packets) } else { chunk.frames };
    let master = match settings.master {
        MasterMode::Ffv1 => picture_bytes.saturating_mul(frames.into()),
        MasterMode::Original | MasterMode::None => 0,
    };
    let proxy = if source.reusable { 0 } else { proxy };
    // The beginning of a file that is larger leaves while the end is made.
    SPARE_BYTES + proxy.min(HELD_BYTES) + master.min(HELD_BYTES)
}

/// How many bytes the chunk reads of a source whose picture is in an object of `size_bytes`, or about as many.
pub fn read(source: &Source, chunk: &Chunk, size_bytes: u64) -> u64 {
    match &chunk.reading {
        Reading::Whole { .. } => size_bytes,
        // Samples differ in size; few stretches have more than twice the mean bit rate.
        Reading::Samples { .. } => size_bytes.min((size_bytes as f64 * share(source, chunk) * 2.0) as u64),
        Reading::Slice { head, prefix, range, .. } => {
            head.saturating_add(prefix.len() as u64).saturating_add(range.end.saturating_sub(range.start))
        }
    }
}

/// Which part of the source the chunk is.
fn share(source: &Source, chunk: &Chunk) -> f64 {
    if chunk.count == 1 {
        return 1.0;
    }
    f64::from(chunk.frames) / f64::from(source.media.packets.max(chunk.frames).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use heaters_domain::plan::Clock;

    fn source() -> Source {
        serde_json::from_value(serde_json::json!({
            "class": "indexed", "picture": 0, "sound": null, "tile_seconds": 1,
            "colour": { "matrix": null },
            "media": { "container": "mov", "video_codec": "h264", "width": 100, "height": 100, "packets": 1000,
                       "fps": null, "time_base": { "num": 1, "den": 25 }, "duration_seconds": 40.0,
                       "has_sound": false, "interlaced": false, "hdr_transfer": null, "title": null },
        }))
        .unwrap()
    }

    fn chunk(reading: Reading) -> Chunk {
        Chunk { index: 1, count: 10, frames: 100, start: Some(0), end: None, reading }
    }

    #[test]
    fn a_chunk_reads_its_own_bytes_alone() {
        let bytes = |reading| read(&source(), &chunk(reading), 1 << 30);
        let range = (1 << 20)..(3 << 20);
        let slice = Reading::Slice { head: 50, prefix: vec![0; 6], range, cut_cluster: None, clock: Clock::Source };
        assert_eq!(bytes(slice), (2 << 20) + 56);
        assert_eq!(bytes(Reading::Whole { clock: Clock::Source }), 1 << 30);
        assert_eq!(bytes(Reading::Samples { picture: 0..9, sound: 0..9 }), (1 << 30) / 5);
    }

    #[test]
    fn a_master_takes_room_and_a_picture_that_is_not_encoded_none() {
        let range = 0..0;
        let chunk = chunk(Reading::Slice { head: 0, prefix: vec![], range, cut_cluster: None, clock: Clock::Source });
        let settings = IngestSettings { master: MasterMode::Ffv1, ..IngestSettings::default() };
        let reused = Source { reusable: true, ..source() };
        assert_eq!(made(&reused, &chunk, &settings), SPARE_BYTES + 100 * 10_000);
        assert_eq!(made(&source(), &chunk, &IngestSettings::default()), SPARE_BYTES + 5_000_000);
        let mut long = source();
        long.media.duration_seconds = 1e9;
        assert_eq!(made(&long, &chunk, &settings), SPARE_BYTES + HELD_BYTES + 1_000_000);
    }
}
