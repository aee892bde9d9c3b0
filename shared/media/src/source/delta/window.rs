//! The last bytes of the source that went to a tool, in which bytes of what the tool makes of them are found again.

use crate::source::parts::Part;
use std::ops::Range;

/// How much is held at least: of what the tool has not yet given back, and of what it gives in another order.
const HELD_BYTES: usize = 48 << 20;
/// Each so many bytes begins what can be found wherever it lies.
pub(super) const STEP: usize = 64;
/// How much has to be equal for a place to be looked at.
pub(super) const NEEDLE_BYTES: usize = 16;
const NOWHERE: u64 = u64::MAX;
const SLOTS_POWER: u32 = 21;

/// Positions are those of the stream that goes to the tool, which may have bytes that are not the source's.
pub(in crate::source) struct Window {
    /// Where bytes of the stream lie in the source; `None`: nowhere.
    places: Vec<(Range<u64>, Option<u64>)>,
    bytes: Vec<u8>,
    /// Where the first of them is.
    start: u64,
    /// Where the first bytes with each hash are behind the floor, as far as they don't share a slot: later ones may be of
    /// what is yet to come.
    slots: Vec<u64>,
    floor: u64,
}

impl Window {
    /// `parts`: what goes to the tool.
    pub(in crate::source) fn new(parts: &[Part]) -> Self {
        let mut at = 0;
        let place = |part: &Part| {
            let (bytes, source) = match part {
                Part::Source(range) => (range.end - range.start, Some(range.start)),
                Part::Own(bytes) => (bytes.len() as u64, None),
            };
            at += bytes;
            (at - bytes..at, source)
        };
        let slots = vec![NOWHERE; 1 << SLOTS_POWER];
        Self {
            places: parts.iter().map(place).collect(),
            bytes: Vec::with_capacity(2 * HELD_BYTES),
            start: 0,
            slots,
            floor: 0,
        }
    }

    /// The next bytes are about to go to the tool.
    pub(in crate::source) fn push(&mut self, piece: &[u8]) {
        if self.bytes.len() + piece.len() > 2 * HELD_BYTES {
            let gone = self.bytes.len().saturating_sub(HELD_BYTES);
            self.bytes.drain(..gone);
            self.start += gone as u64;
        }
        // A needle may begin in the piece before.
        let from = self.end().saturating_sub(NEEDLE_BYTES as u64 - 1).max(self.start);
        let mut at = from.next_multiple_of(STEP as u64);
        self.bytes.extend_from_slice(piece);
        while let Some(slot) = needle(self.after(at)).map(slot) {
            let known = &mut self.slots[slot];
            if *known == NOWHERE || *known < self.floor.max(self.start) {
                *known = at;
            }
            at += STEP as u64;
        }
    }

    /// What lies before is not found any more.
    pub(super) fn forget_before(&mut self, at: u64) {
        self.floor = at;
    }

    fn end(&self) -> u64 {
        self.start + self.bytes.len() as u64
    }

    /// What is held from a position on.
    pub(super) fn after(&self, at: u64) -> &[u8] {
        let from = at.checked_sub(self.start).and_then(|from| usize::try_from(from).ok());
        from.and_then(|from| self.bytes.get(from..)).unwrap_or_default()
    }

    /// What is held up to a position.
    pub(super) fn before(&self, at: u64) -> &[u8] {
        let to = at.checked_sub(self.start).and_then(|to| usize::try_from(to).ok());
        to.and_then(|to| self.bytes.get(..to)).unwrap_or_default()
    }

    /// Where bytes that begin so are, if they begin at a multiple of [`STEP`].
    pub(super) fn find(&self, wanted: &[u8]) -> Option<u64> {
        let wanted = needle(wanted)?;
        let at = self.slots[slot(wanted)];
        (at >= self.floor && self.after(at).starts_with(wanted)).then_some(at)
    }

    /// Where bytes that begin so are, within so many bytes from a position on.
    pub(super) fn find_near(&self, at: u64, within: usize, wanted: &[u8]) -> Option<u64> {
        let wanted = needle(wanted)?;
        let there = self.after(at);
        let found = memchr::memmem::find(&there[..there.len().min(within)], wanted)?;
        Some(at + found as u64)
    }

    /// The part of the source that a range of the stream begins with. `None`: it doesn't begin in the source.
    pub(super) fn in_source(&self, range: &Range<u64>) -> Option<Range<u64>> {
        let (part, source) = self.places.iter().find(|(part, _)| part.contains(&range.start))?;
        let start = (*source)? + range.start - part.start;
        Some(start..start + range.end.min(part.end) - range.start)
    }
}

fn needle(bytes: &[u8]) -> Option<&[u8; NEEDLE_BYTES]> {
    bytes.first_chunk()
}

/// Multiplicative hashing of the two halves.
fn slot(needle: &[u8; NEEDLE_BYTES]) -> usize {
    let number = u128::from_le_bytes(*needle);
    let halves = (number as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ (number >> 64) as u64;
    (halves.wrapping_mul(0xD6E8_FEB8_6659_FD93) >> (u64::BITS - SLOTS_POWER)) as usize
}

#[cfg(test)]
mod tests {
    use super::{super::round_trip::noise, *};

    #[test]
    fn bytes_are_found_however_they_came() {
        let source = noise(3000);
        for step in [1, 15, 64, 100, 3000] {
            let mut window = Window::new(&[Part::Source(50..3050)]);
            source.chunks(step).for_each(|piece| window.push(piece));
            for at in (0..2980).step_by(STEP) {
                assert_eq!(window.find(&source[at..]), Some(at as u64), "{step}");
            }
            assert_eq!(window.find_near(1000, 40, &source[1013..]), Some(1013));
            assert_eq!(window.find_near(1000, 28, &source[1013..]), None);
            assert_eq!(window.in_source(&(100..200)), Some(150..250));
        }
    }

    #[test]
    fn bytes_of_ours_are_not_in_the_source() {
        let window = Window::new(&[Part::Own(vec![0; 10]), Part::Source(100..120), Part::Source(0..50)]);
        assert_eq!(window.in_source(&(5..20)), None);
        assert_eq!(window.in_source(&(10..40)), Some(100..120));
        assert_eq!(window.in_source(&(30..40)), Some(0..10));
        assert_eq!(window.in_source(&(200..210)), None);
    }

    #[test]
    fn little_is_held_and_what_went_is_not_found() {
        let mut window = Window::new(&[Part::Source(0..u64::MAX)]);
        let noise = noise(16 << 20);
        let (first, piece) = noise.split_at(8 << 20);
        window.push(first);
        // Some share a slot with others.
        let found =
            |window: &Window| (0..64).filter(|at| window.find(&first[at * STEP..]) == Some((at * STEP) as u64)).count();
        assert!(found(&window) > 48);
        for _ in 0..40 {
            window.push(piece);
            assert!(window.bytes.len() <= 2 * HELD_BYTES);
        }
        assert_eq!((found(&window), window.find_near(0, 64, first)), (0, None));
        assert_eq!(window.find_near(40 * (8 << 20), 64, piece), Some(40 * (8 << 20)));
        assert!(window.before(0).is_empty() && window.after(1 << 60).is_empty());
    }
}
