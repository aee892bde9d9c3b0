//! How pieces become one object: which of them the server copies, and which have to go up.
//!
//! A multipart upload takes parts of 5 MiB and more, but for the last, of 5 GiB at most, and 10,000 of them. What is
//! smaller is put together with its neighbours, which costs a transfer of no more than these.

use std::ops::Range;

/// What a service takes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// The smallest part in bytes, but for the last.
    pub least_bytes: u64,
    /// The largest part that is copied at once.
    pub copy_bytes: u64,
    /// What is uploaded goes up in parts of about this size: each is held in memory.
    pub upload_bytes: u64,
    pub parts: usize,
}

/// A piece of what is put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Source {
    pub size_bytes: u64,
    /// Whether the server has it.
    pub is_stored: bool,
}

/// Bytes of the source of that number, counted from the source's start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Piece {
    pub source: usize,
    pub range: Range<u64>,
}

/// One part of the upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    Copy(Piece),
    Upload(Vec<Piece>),
}

/// The parts that make up the sources one after another; none where there are no bytes.
pub(crate) fn plan(sources: &[Source], limits: Limits) -> Vec<Step> {
    let mut limits = limits;
    loop {
        let steps = steps(sources, limits);
        if steps.len() <= limits.parts {
            return steps;
        }
        // Fewer parts are larger ones. It ends: at the latest when one part holds everything.
        limits.least_bytes *= 2;
        limits.copy_bytes = limits.copy_bytes.max(limits.least_bytes);
        limits.upload_bytes = limits.upload_bytes.max(limits.least_bytes);
    }
}

fn steps(sources: &[Source], limits: Limits) -> Vec<Step> {
    let mut steps = Steps { limits, done: Vec::new(), open: Vec::new(), open_bytes: 0 };
    let last = sources.iter().rposition(|source| source.size_bytes > 0);
    for (number, source) in sources.iter().enumerate() {
        steps.add(number, *source, Some(number) == last);
    }
    steps.close();
    steps.done
}

struct Steps {
    limits: Limits,
    done: Vec<Step>,
    /// What goes up next.
    open: Vec<Piece>,
    open_bytes: u64,
}

impl Steps {
    fn add(&mut self, number: usize, source: Source, is_last: bool) {
        let Limits { least_bytes, upload_bytes, .. } = self.limits;
        let mut at = 0;
        while at < source.size_bytes {
            let left = source.size_bytes - at;
            if self.open_bytes >= upload_bytes || (source.is_stored && self.open_bytes >= least_bytes) {
                self.close();
            }
            if source.is_stored && self.open.is_empty() && (left >= least_bytes || is_last) {
                return self.copy(number, at..source.size_bytes);
            }
            let taken = match least_bytes.saturating_sub(self.open_bytes) {
                _ if !source.is_stored => left.min(upload_bytes - self.open_bytes),
                // Only as much as the part lacks, where the server can copy the rest.
                lack if left >= lack + least_bytes || (is_last && left > lack) => lack,
                _ => left,
            };
            self.open.push(Piece { source: number, range: at..at + taken });
            self.open_bytes += taken;
            at += taken;
        }
    }

    /// Equal shares, so that none is too small.
    fn copy(&mut self, source: usize, range: Range<u64>) {
        let size = range.end - range.start;
        let share = size.div_ceil(size.div_ceil(self.limits.copy_bytes));
        for at in (range.start..range.end).step_by(share as usize) {
            self.done.push(Step::Copy(Piece { source, range: at..range.end.min(at + share) }));
        }
    }

    fn close(&mut self) {
        if !self.open.is_empty() {
            self.done.push(Step::Upload(std::mem::take(&mut self.open)));
            self.open_bytes = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LIMITS: Limits = Limits { least_bytes: 5, copy_bytes: 20, upload_bytes: 8, parts: 10_000 };

    fn stored(size_bytes: u64) -> Source {
        Source { size_bytes, is_stored: true }
    }

    fn local(size_bytes: u64) -> Source {
        Source { size_bytes, is_stored: false }
    }

    fn copy(source: usize, range: Range<u64>) -> Step {
        Step::Copy(Piece { source, range })
    }

    fn upload(pieces: &[(usize, Range<u64>)]) -> Step {
        Step::Upload(pieces.iter().map(|(source, range)| Piece { source: *source, range: range.clone() }).collect())
    }

    fn pieces(step: &Step) -> &[Piece] {
        match step {
            Step::Copy(piece) => std::slice::from_ref(piece),
            Step::Upload(pieces) => pieces,
        }
    }

    fn size(step: &Step) -> u64 {
        pieces(step).iter().map(|piece| piece.range.end - piece.range.start).sum()
    }

    #[test]
    fn large_objects_are_copied_and_the_tail_goes_up() {
        let steps = plan(&[stored(9), stored(50), local(3)], LIMITS);
        assert_eq!(steps, [copy(0, 0..9), copy(1, 0..17), copy(1, 17..34), copy(1, 34..50), upload(&[(2, 0..3)])]);
    }

    #[test]
    fn a_small_object_takes_what_it_lacks_from_the_next() {
        assert_eq!(
            plan(&[stored(2), stored(30)], LIMITS),
            [upload(&[(0, 0..2), (1, 0..3)]), copy(1, 3..17), copy(1, 17..30)]
        );
        // Or all of it, where the rest would be too small, but at the end, where nothing is too small.
        assert_eq!(plan(&[stored(2), stored(6), stored(9)], LIMITS), [upload(&[(0, 0..2), (1, 0..6)]), copy(2, 0..9)]);
        assert_eq!(plan(&[stored(2), stored(6)], LIMITS), [upload(&[(0, 0..2), (1, 0..3)]), copy(1, 3..6)]);
        assert_eq!(plan(&[stored(2)], LIMITS), [copy(0, 0..2)]);
    }

    #[test]
    fn much_that_is_local_goes_up_in_several_parts() {
        let steps = plan(&[local(2), local(17), stored(7)], LIMITS);
        let expected =
            [upload(&[(0, 0..2), (1, 0..6)]), upload(&[(1, 6..14)]), upload(&[(1, 14..17), (2, 0..2)]), copy(2, 2..7)];
        assert_eq!(steps, expected);
    }

    #[test]
    fn too_many_parts_become_fewer() {
        let limits = Limits { parts: 3, ..LIMITS };
        let steps = plan(&[stored(6); 12], limits);
        assert!(steps.len() <= 3, "{steps:?}");
        assert_eq!(steps.iter().map(size).sum::<u64>(), 72);
        assert_eq!(plan(&[], LIMITS), []);
        assert_eq!(plan(&[stored(0), local(0)], LIMITS), []);
    }

    proptest! {
        #[test]
        fn every_byte_comes_once_in_order_and_every_part_is_taken(
            sources in prop::collection::vec((0u64..40, any::<bool>()), 0..20),
        ) {
            let sources: Vec<_> =
                sources.into_iter().map(|(size_bytes, is_stored)| Source { size_bytes, is_stored }).collect();
            let steps = plan(&sources, LIMITS);
            let (mut at, mut number) = (0, 0);
            for piece in steps.iter().flat_map(pieces) {
                while at == sources[number].size_bytes {
                    (at, number) = (0, number + 1);
                }
                prop_assert_eq!((piece.source, piece.range.start), (number, at));
                prop_assert!(piece.range.end > at);
                at = piece.range.end;
            }
            prop_assert_eq!(steps.iter().map(size).sum::<u64>(), sources.iter().map(|source| source.size_bytes).sum::<u64>());
            for (from_end, step) in steps.iter().rev().enumerate() {
                prop_assert!(from_end == 0 || size(step) >= LIMITS.least_bytes, "{:?}", steps);
                match step {
                    Step::Copy(piece) => prop_assert!(sources[piece.source].is_stored && size(step) <= LIMITS.copy_bytes),
                    Step::Upload(_) => prop_assert!(size(step) < 3 * LIMITS.least_bytes, "{:?}", steps),
                }
            }
        }
    }
}
