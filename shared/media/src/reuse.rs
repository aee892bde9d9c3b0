//! A source whose picture serves as the proxy's: its sound, too, can stay where it is.

use crate::{
    index::{Head, SoundHead, SoundRecord},
    mp4::{self, Mp4Error, Track},
    source::{
        ReadAt, SourceError,
        table::{Record, StreamHead, TableHead},
    },
};

/// Reads the source's own sound from its packet table as a frame index has it. `None` where there is none, or where
/// an index can't say when it is heard: packets of different lengths, or a start after the picture's.
pub async fn sound_in_place<T: ReadAt>(
    table: &T,
    picture: &Head,
) -> Result<Option<(SoundHead, Vec<SoundRecord>)>, SourceError<T::Error>> {
    let head = TableHead::read(table).await?;
    let Some(stream) = head.sound else { return Ok(None) };
    let records = head.read_sound(table, 0..stream.packets).await?;
    let Ok(track) = sound_track(&head.beginning) else { return Ok(None) };
    let Some(head) = sound_head(stream, &records, &track, picture) else { return Ok(None) };
    let records = records.iter().map(|record| SoundRecord { offset: record.offset, size: record.size });
    Ok(Some((head, records.collect())))
}

fn sound_head(stream: StreamHead, records: &[Record], track: &Track, picture: &Head) -> Option<SoundHead> {
    let (first, last) = (records.first()?, records.last()?);
    let sample_duration = first.duration;
    // Each follows on the one before; the last may be shorter.
    let regular = |pair: &[Record]| pair[0].dts.checked_add(sample_duration.into()) == Some(pair[1].dts);
    if sample_duration == 0 || last.duration > sample_duration || !records.windows(2).all(regular) {
        return None;
    }
    let (num, den) = (i128::from(picture.time_base.num), i128::from(picture.time_base.den));
    let picture_start = i128::from(picture.start_pts) * num * i128::from(stream.timescale) / den;
    let start = u64::try_from(picture_start - i128::from(first.pts())).ok()?;
    let stsd = mp4::encode_stsd(&track.stsd).ok()?;
    Some(SoundHead { samples: records.len() as u32, stsd, timescale: stream.timescale, sample_duration, start })
}

/// The sound's track as the beginning of local files describes it: it comes after the picture's.
fn sound_track(beginning: &[u8]) -> Result<Track, Mp4Error> {
    let mut rest = beginning;
    while let Some((size, _)) = rest.split_first_chunk::<4>() {
        let size = u32::from_be_bytes(*size) as usize;
        let Some((found, later)) = rest.split_at_checked(size.max(8)) else { break };
        if &found[4..8] == b"moov" {
            return mp4::read_tracks(found)?.into_iter().nth(1).ok_or(Mp4Error::Layout("no sound track"));
        }
        rest = later;
    }
    Err(Mp4Error::Layout("no moov"))
}
