//! What a chunk takes on the scratch disk.

use heaters_domain::{
    plan::{Chunk, Reading, Source},
    settings::{IngestSettings, MasterMode},
};
use heaters_media::source::piped;

/// A generous bound of a second of proxy.
const PROXY_BYTES_A_SECOND: f64 = 1_250_000.0;
/// What a pixel of the lossless copy takes, seldom more.
const MASTER_BYTES_A_PIXEL: u64 = 1;
/// The rest: sound, tiles, lists of frames.
const SPARE_BYTES: u64 = 32 << 20;

/// Whether a chunk's bytes can come through a pipe: all of the source.
pub fn can_be_piped(source: &Source, chunk: &Chunk) -> bool {
    let media = &source.media;
    // What is written aside would take as much room.
    let aside = LOOKED_INTO.contains(&media.video_codec.as_str());
    matches!(chunk.reading, Reading::Whole { .. }) && piped::can_be_piped(&media.container) && !aside
}

/// Codecs whose packets are written aside, to be looked into.
const LOOKED_INTO: [&str; 2] = ["vp8", "vp9"];

/// How many bytes must be free for a chunk of a source whose picture is in an object of `size_bytes`.
pub fn needed(source: &Source, chunk: &Chunk, settings: &IngestSettings, size_bytes: u64) -> u64 {
    let media = &source.media;
    let share = f64::from(chunk.frames) / f64::from(media.packets.max(chunk.frames).max(1));
    let share = if chunk.count == 1 { 1.0 } else { share };
    let proxy = (media.duration_seconds.max(0.0) * share * PROXY_BYTES_A_SECOND) as u64;
    let picture_bytes = u64::from(media.width).saturating_mul(u64::from(media.height)) * MASTER_BYTES_A_PIXEL;
    let frames = if chunk.count == 1 { chunk.frames.max(media.packets) } else { chunk.frames };
    let master = match settings.master {
        MasterMode::Ffv1 => picture_bytes.saturating_mul(frames.into()),
        MasterMode::Original | MasterMode::None => 0,
    };
    let proxy = if source.reusable { 0 } else { proxy };
    let read = read(chunk, size_bytes, share);
    let aside = if LOOKED_INTO.contains(&media.video_codec.as_str()) { read } else { 0 };
    [proxy, master, aside, SPARE_BYTES].into_iter().fold(read, u64::saturating_add)
}

/// How many bytes of the source the chunk reads, or about as many.
fn read(chunk: &Chunk, size_bytes: u64, share: f64) -> u64 {
    match &chunk.reading {
        Reading::Whole { .. } => size_bytes,
        // Samples differ in size; few stretches have more than twice the mean bit rate.
        Reading::Samples { .. } => size_bytes.min((size_bytes as f64 * share * 2.0) as u64),
        Reading::Slice { head, prefix, range, .. } => {
            head.saturating_add(prefix.len() as u64).saturating_add(range.end.saturating_sub(range.start))
        }
    }
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
    fn a_chunk_needs_room_for_its_own_bytes_alone() {
        let settings = IngestSettings::default();
        let need = |reading| needed(&source(), &chunk(reading), &settings, 1 << 30) - SPARE_BYTES;
        let range = (1 << 20)..(3 << 20);
        let slice = Reading::Slice { head: 50, prefix: vec![0; 6], range, clock: Clock::Source };
        assert_eq!(need(slice), (2 << 20) + 56 + 5_000_000);
        assert_eq!(need(Reading::Whole { clock: Clock::Source }), (1 << 30) + 5_000_000);
        assert_eq!(need(Reading::Samples { picture: 0..9, sound: 0..9 }), (1 << 30) / 5 + 5_000_000);
    }

    #[test]
    fn a_master_takes_room_and_a_picture_that_is_not_encoded_none() {
        let range = 0..0;
        let chunk = chunk(Reading::Slice { head: 0, prefix: vec![], range, clock: Clock::Source });
        let settings = IngestSettings { master: MasterMode::Ffv1, ..IngestSettings::default() };
        let reused = Source { reusable: true, ..source() };
        assert_eq!(needed(&reused, &chunk, &settings, 0), SPARE_BYTES + 100 * 10_000);
    }
}
