//! AAC as ADTS: its frames, and where two encodings of the same samples can be joined.
//!
//! Each frame of AAC is added to half of the one before it, and the halves have to fit: they do where both encodings
//! have the same windows in the frame before the seam and in the one behind it (ISO/IEC 14496-3, 4.6.11).

use std::ops::Range;

const HEADER_BYTES: usize = 7;
const CHECK_BYTES: usize = 2;

/// Frames that follow one another, without their headers.
#[derive(Debug)]
pub struct Frames {
    bytes: Vec<u8>,
    ranges: Vec<Range<usize>>,
    /// The number of the first frame, counted over the whole sound.
    first: u64,
}

impl Frames {
    /// `None`: the bytes are no whole frames.
    pub fn parse(bytes: Vec<u8>, first: u64) -> Option<Self> {
        let (mut ranges, mut at) = (Vec::new(), 0);
        while at < bytes.len() {
            let header = bytes.get(at..at + HEADER_BYTES)?;
            if header[0] != 0xFF || header[1] & 0xF6 != 0xF0 {
                return None;
            }
            let payload = HEADER_BYTES + if header[1] & 1 == 0 { CHECK_BYTES } else { 0 };
            let [high, middle, low] = [header[3], header[4], header[5]].map(usize::from);
            let length = (high & 3) << 11 | middle << 3 | low >> 5;
            if length <= payload || at + length > bytes.len() {
                return None;
            }
            ranges.push(at + payload..at + length);
            at += length;
        }
        Some(Self { bytes, ranges, first })
    }

    /// The number behind the last frame's.
    pub fn end(&self) -> u64 {
        self.first + self.ranges.len() as u64
    }

    /// The frame of a number.
    pub fn get(&self, number: u64) -> Option<&[u8]> {
        let at = usize::try_from(number.checked_sub(self.first)?).ok()?;
        self.ranges.get(at).map(|range| &self.bytes[range.clone()])
    }

    /// The first frame to take from `next` instead, as near to `wanted` as there is one whose windows fit. Looks
    /// within `reach` on both sides.
    pub fn seam(&self, next: &Self, wanted: u64, reach: Range<u64>) -> u64 {
        let same = |number: u64| {
            let windows = |frames: &Self| frames.get(number).and_then(windows);
            windows(self).is_some_and(|own| windows(next) == Some(own))
        };
        let fits = reach.filter(|number| *number > 0 && same(number - 1) && same(*number));
        fits.min_by_key(|number| number.abs_diff(wanted)).unwrap_or(wanted)
    }
}

/// The sequence and shape of a frame's windows, where both channels have the same.
fn windows(frame: &[u8]) -> Option<(u32, u32)> {
    const PAIR: u32 = 1;
    const FILL: u32 = 6;
    let mut bits = Bits { bytes: frame, at: 0 };
    loop {
        match bits.take(3)? {
            FILL => {
                let mut count = bits.take(4)?;
                if count == 15 {
                    count += bits.take(8)? - 1;
                }
                bits.at += 8 * count as usize;
            }
            PAIR => {
                let (_tag, common) = (bits.take(4)?, bits.take(1)?);
                let _reserved = bits.take(1)?;
                return (common == 1).then_some((bits.take(2)?, bits.take(1)?));
            }
            _ => return None,
        }
    }
}

struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    fn take(&mut self, count: usize) -> Option<u32> {
        let mut value = 0;
        for _ in 0..count {
            let byte = *self.bytes.get(self.at / 8)?;
            value = value << 1 | u32::from(byte >> (7 - self.at % 8) & 1);
            self.at += 1;
        }
        Some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A frame of a pair of channels with these windows.
    fn frame(sequence: u8, shape: u8) -> [u8; 9] {
        // Element 1, tag 0, common window; reserved, sequence, shape.
        let bits = u16::from(0b0010_0001u8) << 8 | u16::from(sequence << 5 | shape << 4);
        let [high, low] = bits.to_be_bytes();
        [0xFF, 0xF1, 0x4C, 0x80, 0x01, 0x20, 0xFC, high, low]
    }

    fn frames(sequences: &[u8], first: u64) -> Frames {
        Frames::parse(sequences.iter().flat_map(|sequence| frame(*sequence, 1)).collect(), first).unwrap()
    }

    #[test]
    fn frames_are_found_behind_their_headers() {
        let found = frames(&[0, 2], 5);
        assert_eq!((found.end(), found.get(4), found.get(6).unwrap().len()), (7, None, 2));
        assert_eq!(windows(found.get(6).unwrap()), Some((2, 1)));
        let fill = [0b1100_0010, 0xAA, 0b1010_1001, 0b0000_1010, 0b1000_0000];
        assert_eq!(windows(&fill), None, "a fill element of one byte, then no pair");
        assert!(Frames::parse(vec![0xFF, 0xF1, 0], 0).is_none());
        assert!(Frames::parse(vec![0; 12], 0).is_none());
    }

    #[test]
    fn a_seam_is_where_both_have_the_same_windows() {
        let one = frames(&[0, 0, 0, 1, 2, 3, 0, 0], 10);
        let other = frames(&[0, 0, 0, 0, 0, 0, 0, 0], 10);
        assert_eq!(one.seam(&other, 15, 11..18), 17);
        assert_eq!(one.seam(&other, 13, 11..18), 12);
        assert_eq!(one.seam(&one, 15, 11..18), 15);
        assert_eq!(one.seam(&other, 15, 13..16), 15, "none fits");
    }
}
