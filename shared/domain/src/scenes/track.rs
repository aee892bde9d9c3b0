//! The score track: what is known of each frame, in 59 bytes.
//!
//! All integers are little-endian. The layout is an invariant between stages:
//!
//! | offset | type | what |
//! |---|---|---|
//! | 0 | 4 bytes | `HXSC` |
//! | 4 | u16 | version, 6 |
//! | 6 | u16 | bytes a record, 59 |
//! | 8 | u32 | frames |
//! | 12 | u8 x 4 | the picture's area within the 64x36 thumbnail: left, top, width, height |
//! | 16 | | `frames` records |
//!
//! | record's offset | type | what |
//! |---|---|---|
//! | 0 | u16 | dissimilarity to the frame before, in 1/65535; 0 for the first frame |
//! | 2 | u16 | dissimilarity across the boundary before the frame, in 1/65534; 65535 where not compared |
//! | 4 | u16 | dissimilarity across the flat run that starts here, in 1/65534; 65535 where there is none |
//! | 6 | u16 | mean luma, in 1/256 |
//! | 8 | u16 | standard deviation of luma, in 1/256 |
//! | 10 | u16 | mean absolute difference of chroma to the frame before, in 1/256 |
//! | 12 | u16 | the same as at 2 with frames further away, in 1/65534; 65535 where not compared |
//! | 14 | u16 | mean dissimilarity across the boundary, in 1/65534; 65535 where not compared |
//! | 16 | u8 x 2 | dissimilarity to the frames 8 and 24 before, in 1/255; 0 where there is none |
//! | 18 | u8 | gradual transition around the frame: 0 none, 1 dissolve, 2 wipe, 3 slide; if 0 the rest is 0 |
//! | 19 | u8 | half the length of the window it was seen in, in frames |
//! | 20 | i8 x 3 | its start, middle and end, in frames from this one |
//! | 23 | u8 x 25 | [`GradualScore`]'s shares in their order, in 1/255 |
//! | 48 | u16 | the same as at 2 with one picture moved onto the other, in 1/65534; 65535 where not compared |
//! | 50 | u8 x 4 | [`Across`]'s changes of blocks in their order, in 1/255; 0 where not compared |
//! | 54 | u8 | the same as at 12 with one picture moved onto the other, in 1/255; 0 where not compared |
//! | 55 | u8 x 4 | [`Across`]'s differences of light, then of chroma, in 1/255; 0 where not compared |

use super::{BoundaryKind, GradualScore, gradual::SHARES};

const MAGIC: &[u8; 4] = b"HXSC";
const VERSION: u16 = 6;
const HEADER_BYTES: usize = 16;
const RECORD_BYTES: usize = 59;
const GRADUAL_OFFSET: usize = 18;
const MOVED_OFFSET: usize = GRADUAL_OFFSET + 5 + SHARES;
const _: () = assert!(MOVED_OFFSET + 11 == RECORD_BYTES && RECORD_BYTES <= 64);
const GRADUAL_KINDS: [BoundaryKind; 3] = [BoundaryKind::Dissolve, BoundaryKind::Wipe, BoundaryKind::Slide];
const NOT_COMPARED: u16 = u16::MAX;
const COMPARED_SCALE: f32 = 65_534.0;
const LEVEL_SCALE: f32 = 256.0;

/// The part of the thumbnail that the picture fills: without black bars.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PictureArea {
    pub left: u8,
    pub top: u8,
    pub width: u8,
    pub height: u8,
}

/// What is known of one frame. Dissimilarities are 0 (the same picture) to 1.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct FrameScore {
    /// Of this frame and the one before; 0 for the first frame.
    pub dissimilarity: f32,
    /// `None` where no boundary can be.
    pub across: Option<Across>,
    /// The lowest dissimilarity of the frames before the run of flat frames that starts here and the
    /// frames after it. `None` where no such run starts.
    pub across_flat_run: Option<f32>,
    /// Mean of luma, 0..255.
    pub luma: f32,
    /// Standard deviation of luma, 0..128.
    pub contrast: f32,
    /// Mean absolute difference of chroma to the frame before, 0..255.
    pub chroma_difference: f32,
    /// Dissimilarity to the frames [`super::LAGS`] before; 0 where there is none.
    pub lagged: [f32; 2],
    /// The gradual transition that this frame may be in the middle of.
    pub gradual: Option<GradualScore>,
}

/// The dissimilarities of the frames before a boundary and those after it.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Across {
    /// The lowest of any within [`super::LOOK_AROUND`], or the first one found under [`super::SURE_MATCH`].
    pub near: f32,
    /// The same within [`super::LOOK_FAR`].
    pub far: f32,
    /// The mean of a few.
    pub mean: f32,
    /// The lowest of the nearest ones where one picture is moved onto the other as a whole.
    pub moved: f32,
    /// The lowest of the nearest one before and some within [`super::LOOK_FAR`] behind, in the same way.
    pub moved_far: f32,
    /// How much the picture's blocks change at the boundary: the mean of all, and of the quarter that does least.
    pub changed_at: [f32; 2],
    /// The same between frames [`super::LOOK_AROUND`] away.
    pub changed_around: [f32; 2],
    /// The lowest difference of light, block by block, of any within [`super::LOOK_AROUND`] and within
    /// [`super::LOOK_FAR`]: 1 for [`super::LIGHT_RANGE`] levels and more.
    pub light: [f32; 2],
    /// The same of chroma: 1 for [`super::CHROMA_RANGE`] levels and more.
    pub chroma: [f32; 2],
}

/// The scores of a whole video, one a frame.
#[derive(Debug, Clone, PartialEq)]
pub struct ScoreTrack {
    pub area: PictureArea,
    pub frames: Vec<FrameScore>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ScoreTrackError {
    #[error("the score track's header is not one of version {VERSION}")]
    Header,
    #[error("the score track says {frames} frames and has {bytes} bytes of them")]
    Length { frames: u32, bytes: usize },
    #[error("the score track has more than {} frames", u32::MAX)]
    TooLong,
}

impl ScoreTrack {
    /// The track's bytes, as the module describes them.
    pub fn encode(&self) -> Result<Vec<u8>, ScoreTrackError> {
        let frames = u32::try_from(self.frames.len()).map_err(|_| ScoreTrackError::TooLong)?;
        let mut bytes = Vec::with_capacity(HEADER_BYTES + self.frames.len() * RECORD_BYTES);
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&VERSION.to_le_bytes());
        bytes.extend_from_slice(&(RECORD_BYTES as u16).to_le_bytes());
        bytes.extend_from_slice(&frames.to_le_bytes());
        bytes.extend_from_slice(&[self.area.left, self.area.top, self.area.width, self.area.height]);
        for frame in &self.frames {
            frame.encode(&mut bytes);
        }
        Ok(bytes)
    }

    /// The inverse of [`Self::encode`], to within the steps of its fractions.
    pub fn decode(bytes: &[u8]) -> Result<Self, ScoreTrackError> {
        let (header, records) = bytes.split_at_checked(HEADER_BYTES).ok_or(ScoreTrackError::Header)?;
        let word = |at: usize| u16::from_le_bytes([header[at], header[at + 1]]);
        if !header.starts_with(MAGIC) || word(4) != VERSION || usize::from(word(6)) != RECORD_BYTES {
            return Err(ScoreTrackError::Header);
        }
        let frames = u32::from_le_bytes([header[8], header[9], header[10], header[11]]);
        if records.len() as u64 != u64::from(frames) * RECORD_BYTES as u64 {
            return Err(ScoreTrackError::Length { frames, bytes: records.len() });
        }
        let area = PictureArea { left: header[12], top: header[13], width: header[14], height: header[15] };
        Ok(Self { area, frames: records.chunks_exact(RECORD_BYTES).map(FrameScore::decode).collect() })
    }
}

impl FrameScore {
    fn encode(&self, bytes: &mut Vec<u8>) {
        let words = [
            (self.dissimilarity * f32::from(u16::MAX)).round() as u16,
            encode_compared(self.across.map(|across| across.near)),
            encode_compared(self.across_flat_run),
            (self.luma * LEVEL_SCALE).round() as u16,
            (self.contrast * LEVEL_SCALE).round() as u16,
            (self.chroma_difference * LEVEL_SCALE).round() as u16,
            encode_compared(self.across.map(|across| across.far)),
            encode_compared(self.across.map(|across| across.mean)),
        ];
        bytes.extend(words.into_iter().flat_map(u16::to_le_bytes));
        bytes.extend(self.lagged.map(encode_byte));
        match &self.gradual {
            Some(gradual) => gradual.encode(bytes),
            None => bytes.extend([0; MOVED_OFFSET - GRADUAL_OFFSET]),
        }
        bytes.extend(encode_compared(self.across.map(|across| across.moved)).to_le_bytes());
        let across = self.across.unwrap_or_default();
        bytes.extend([across.changed_at, across.changed_around].into_iter().flatten().map(encode_byte));
        bytes.push(encode_byte(across.moved_far));
        bytes.extend([across.light, across.chroma].into_iter().flatten().map(encode_byte));
    }

    fn decode(record: &[u8]) -> Self {
        let word = |at: usize| u16::from_le_bytes([record[at], record[at + 1]]);
        let level = |at: usize| f32::from(word(at)) / LEVEL_SCALE;
        let byte = |at: usize| decode_byte(record[at]);
        let across = [2, 12, 14, MOVED_OFFSET].map(|at| decode_compared(word(at)));
        Self {
            dissimilarity: f32::from(word(0)) / f32::from(u16::MAX),
            across: if let [Some(near), Some(far), Some(mean), Some(moved)] = across {
                Some(Across {
                    near,
                    far,
                    mean,
                    moved,
                    changed_at: [byte(MOVED_OFFSET + 2), byte(MOVED_OFFSET + 3)],
                    changed_around: [byte(MOVED_OFFSET + 4), byte(MOVED_OFFSET + 5)],
                    moved_far: byte(MOVED_OFFSET + 6),
                    light: [byte(MOVED_OFFSET + 7), byte(MOVED_OFFSET + 8)],
                    chroma: [byte(MOVED_OFFSET + 9), byte(MOVED_OFFSET + 10)],
                })
            } else {
                None
            },
            across_flat_run: decode_compared(word(4)),
            luma: level(6),
            contrast: level(8),
            chroma_difference: level(10),
            lagged: [byte(16), byte(17)],
            gradual: GradualScore::decode(&record[GRADUAL_OFFSET..]),
        }
    }
}

impl GradualScore {
    fn encode(&self, bytes: &mut Vec<u8>) {
        let kind = GRADUAL_KINDS.iter().position(|kind| *kind == self.kind).map_or(0, |at| at as u8 + 1);
        bytes.extend([kind, self.reach, self.start.cast_unsigned(), self.middle.cast_unsigned()]);
        bytes.push(self.end.cast_unsigned());
        bytes.extend(self.shares().map(encode_byte));
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let kind = *GRADUAL_KINDS.get(usize::from(bytes[0]).checked_sub(1)?)?;
        let places = [bytes[2], bytes[3], bytes[4]].map(u8::cast_signed);
        Some(Self::new(kind, bytes[1], places, std::array::from_fn(|at| decode_byte(bytes[5 + at]))))
    }
}

fn encode_byte(share: f32) -> u8 {
    (share.clamp(0.0, 1.0) * f32::from(u8::MAX)).round() as u8
}

fn decode_byte(byte: u8) -> f32 {
    f32::from(byte) / f32::from(u8::MAX)
}

fn encode_compared(value: Option<f32>) -> u16 {
    value.map_or(NOT_COMPARED, |value| (value.clamp(0.0, 1.0) * COMPARED_SCALE).round() as u16)
}

fn decode_compared(word: u16) -> Option<f32> {
    (word != NOT_COMPARED).then(|| f32::from(word) / COMPARED_SCALE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn gradual() -> impl Strategy<Value = GradualScore> {
        let kind = prop::sample::select(GRADUAL_KINDS.to_vec());
        (kind, any::<u8>(), any::<[i8; 3]>(), prop::array::uniform25(0.0f32..=1.0))
            .prop_map(|(kind, reach, places, shares)| GradualScore::new(kind, reach, places, shares))
    }

    fn across() -> impl Strategy<Value = Across> {
        prop::array::uniform13(0.0f32..=1.0).prop_map(|[near, far, mean, moved, moved_far, others @ ..]| {
            let [at, least_at, around, least_around, light, light_far, chroma, chroma_far] = others;
            let (light, chroma) = ([light, light_far], [chroma, chroma_far]);
            let (changed_at, changed_around) = ([at, least_at], [around, least_around]);
            Across { near, far, mean, moved, moved_far, changed_at, changed_around, light, chroma }
        })
    }

    fn frame() -> impl Strategy<Value = FrameScore> {
        let levels = (0.0f32..255.0, 0.0f32..128.0, 0.0f32..255.0);
        let compared = (0.0f32..=1.0, prop::option::of(across()), prop::option::of(0.0f32..=1.0));
        (compared, levels, prop::array::uniform2(0.0f32..=1.0), prop::option::of(gradual())).prop_map(
            |((dissimilarity, across, across_flat_run), (luma, contrast, chroma_difference), lagged, gradual)| {
                FrameScore {
                    dissimilarity,
                    across,
                    across_flat_run,
                    luma,
                    contrast,
                    chroma_difference,
                    lagged,
                    gradual,
                }
            },
        )
    }

    const AREA: PictureArea = PictureArea { left: 8, top: 0, width: 48, height: 36 };

    proptest! {
        #[test]
        fn a_track_comes_back_and_then_stays_the_same(frames in prop::collection::vec(frame(), 0..20)) {
            let track = ScoreTrack { area: AREA, frames };
            let bytes = track.encode().unwrap();
            let back = ScoreTrack::decode(&bytes).unwrap();
            prop_assert_eq!(back.encode().unwrap(), bytes);
            prop_assert_eq!(back.area, AREA);
            for (before, after) in track.frames.iter().zip(&back.frames) {
                prop_assert!((before.dissimilarity - after.dissimilarity).abs() < 1e-4);
                prop_assert!((before.luma - after.luma).abs() < 0.01);
                prop_assert_eq!(before.across.is_some(), after.across.is_some());
                prop_assert_eq!(before.across_flat_run.is_some(), after.across_flat_run.is_some());
                let places = |frame: &FrameScore| frame.gradual.map(|g| (g.kind, g.reach, g.start, g.middle, g.end));
                prop_assert_eq!(places(before), places(after));
                let share = |frame: &FrameScore| frame.gradual.map_or(0.0, |g| g.shares().iter().sum());
                prop_assert!((share(before) - share(after)).abs() < 25.0 * 0.002);
            }
        }

        #[test]
        fn whatever_bytes_come_nothing_panics(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let _ = ScoreTrack::decode(&bytes);
        }
    }

    #[test]
    fn the_header_is_the_documented_one_and_a_record_small() {
        let track = ScoreTrack { area: AREA, frames: vec![FrameScore::default(); 3] };
        let bytes = track.encode().unwrap();
        assert_eq!(bytes[..16], *b"HXSC\x06\0\x3b\0\x03\0\0\0\x08\0\x30\x24");
        assert_eq!(bytes.len(), 16 + 3 * 59);
    }

    #[test]
    fn a_damaged_track_is_refused() {
        let track = ScoreTrack { area: AREA, frames: vec![FrameScore::default(); 3] };
        let bytes = track.encode().unwrap();
        assert_eq!(ScoreTrack::decode(&bytes[..9]), Err(ScoreTrackError::Header));
        assert!(matches!(
            ScoreTrack::decode(&bytes[..bytes.len() - 1]),
            Err(ScoreTrackError::Length { frames: 3, .. })
        ));
        let mut newer = bytes;
        newer[4] = 7;
        assert_eq!(ScoreTrack::decode(&newer), Err(ScoreTrackError::Header));
    }
}
