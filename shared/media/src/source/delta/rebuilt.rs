//! A file read by its delta.

use super::{Block, DeltaError, ENTRY_BYTES, Instruction, TRAILER_BYTES, Trailer, instructions};
use crate::source::{ReadAt, SourceError, read_exact};
use std::{
    collections::VecDeque,
    ops::Range,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

/// How much is read of a delta's end at first, which is mostly all of its index.
const END_BYTES: u64 = 64 << 10;
/// Bytes between those that are needed that are read too rather than asked for apart. The other stream's lie there,
/// which are needed soon.
const GAP_BYTES: u64 = 256 << 10;
/// How much of the source is held: sound lies between the pictures there, and behind those of a fragment in the file.
const HELD_BYTES: u64 = 32 << 20;

/// What a source of another container is in the one it is read in.
#[derive(Debug)]
pub struct Rebuilt<'a, R> {
    source: &'a R,
    delta: &'a R,
    blocks: Vec<Block>,
    trailer: Trailer,
    held: Mutex<Held>,
    read_bytes: AtomicU64,
}

impl<'a, R: ReadAt> Rebuilt<'a, R> {
    /// Reads the delta's index.
    pub async fn open(source: &'a R, delta: &'a R) -> Result<Self, SourceError<R::Error>> {
        let size = delta.size();
        let mut end = read_exact(delta, size.saturating_sub(END_BYTES)..size).await?;
        let trailer = end.len().checked_sub(TRAILER_BYTES as usize).ok_or(DeltaError::Trailer)?;
        let trailer = Trailer::decode(&end[trailer..], size)?;
        let mut read_bytes = end.len() as u64;
        if size - trailer.index_start > read_bytes {
            end = read_exact(delta, trailer.index_start..size).await?;
            read_bytes += end.len() as u64;
        }
        // It may be another by now.
        if !end.ends_with(&trailer.encode()) {
            return Err(DeltaError::Index.into());
        }
        let index = end.len() - (trailer.blocks * ENTRY_BYTES + TRAILER_BYTES) as usize;
        let entries = end[index..].chunks_exact(ENTRY_BYTES as usize).take(trailer.blocks as usize);
        let blocks: Vec<Block> = entries.filter_map(Block::decode).collect();
        let grows = |pair: &[Block]| pair[0].in_file < pair[1].in_file && pair[0].in_delta < pair[1].in_delta;
        let fits =
            blocks.last().is_none_or(|last| last.in_file < trailer.file_bytes && last.in_delta < trailer.index_start);
        if !blocks.windows(2).all(grows) || !fits || blocks.first().is_some_and(|first| first.in_file > 0) {
            return Err(DeltaError::Index.into());
        }
        Ok(Self { source, delta, blocks, trailer, held: Mutex::default(), read_bytes: read_bytes.into() })
    }

    /// How much was read so far, of the source and of the delta.
    pub fn read_bytes(&self) -> u64 {
        self.read_bytes.load(Ordering::Relaxed)
    }

    /// The bytes of the blocks that a range lies in, each with where it begins in the file.
    async fn blocks_of(&self, range: &Range<u64>) -> Result<Vec<(u64, Vec<u8>)>, SourceError<R::Error>> {
        let first = self.blocks.partition_point(|block| block.in_file <= range.start).saturating_sub(1);
        let last = self.blocks.partition_point(|block| block.in_file < range.end);
        let end_of = |block: usize| self.blocks.get(block).map_or(self.trailer.index_start, |next| next.in_delta);
        let Some(start) = self.blocks.get(first).map(|block| block.in_delta) else { return Ok(Vec::new()) };
        let bytes = read_exact(self.delta, start..end_of(last)).await?;
        self.read_bytes.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        let block = |at: usize| {
            let Block { in_file, in_delta, crc } = self.blocks[at];
            let block = &bytes[(in_delta - start) as usize..(end_of(at + 1) - start) as usize];
            let is_it = crc32fast::hash(block) == crc;
            if is_it { Ok((in_file, block.to_vec())) } else { Err(DeltaError::Block.into()) }
        };
        (first..last).map(block).collect()
    }

    /// The source's bytes of ranges, with what lies in small gaps between them.
    async fn fetch(&self, mut ranges: Vec<Range<u64>>) -> Result<Pieces, SourceError<R::Error>> {
        ranges.sort_unstable_by_key(|range| range.start);
        let mut pieces = self.held().pieces.iter().cloned().collect::<Pieces>();
        ranges.retain(|range| part_of(&pieces, range).is_none());
        for range in joined(ranges) {
            let bytes = read_exact(self.source, range.clone()).await?;
            self.read_bytes.fetch_add(bytes.len() as u64, Ordering::Relaxed);
            let piece = (range.start, Arc::new(bytes));
            self.held().push(piece.clone());
            pieces.push(piece);
        }
        Ok(pieces)
    }

    /// Nobody panics while this is held.
    fn held(&self) -> std::sync::MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<R: ReadAt> ReadAt for Rebuilt<'_, R> {
    type Error = R::Error;

    fn size(&self) -> u64 {
        self.trailer.file_bytes
    }

    async fn read_at(&self, range: Range<u64>) -> Result<Vec<u8>, SourceError<R::Error>> {
        let range = range.start..range.end.min(self.size());
        if range.is_empty() {
            return Ok(Vec::new());
        }
        let blocks = self.blocks_of(&range).await?;
        let mut wanted = Vec::new();
        for (in_file, block) in &blocks {
            let mut at = *in_file;
            for instruction in instructions(block) {
                let instruction = clipped(&instruction?, &mut at, &range);
                wanted.extend((!instruction.add.is_empty() || !instruction.copy.is_empty()).then_some(instruction));
            }
        }
        let copied =
            wanted.iter().map(|instruction| instruction.copy.clone()).filter(|copy| !copy.is_empty()).collect();
        let pieces = self.fetch(copied).await?;
        let mut bytes = Vec::with_capacity((range.end - range.start) as usize);
        for Instruction { add, copy } in wanted {
            bytes.extend_from_slice(add);
            if !copy.is_empty() {
                bytes.extend_from_slice(part_of(&pieces, &copy).ok_or(DeltaError::Block)?);
            }
        }
        Ok(bytes)
    }
}

/// What of an instruction, whose bytes begin at `at`, is in a range. `at` goes on to its end.
fn clipped<'a>(instruction: &Instruction<'a>, at: &mut u64, range: &Range<u64>) -> Instruction<'a> {
    let Instruction { add, copy } = instruction;
    let mut part = |bytes: u64| {
        let start = *at;
        *at += bytes;
        let inside = |position: u64| position.clamp(start, *at) - start;
        inside(range.start)..inside(range.end)
    };
    let (added, copied) = (part(add.len() as u64), part(copy.end - copy.start));
    let add = &add[added.start as usize..added.end as usize];
    Instruction { add, copy: copy.start + copied.start..copy.start + copied.end }
}

/// Ranges, in the order of their beginnings, as few.
fn joined(ranges: Vec<Range<u64>>) -> Vec<Range<u64>> {
    let mut joined: Vec<Range<u64>> = Vec::new();
    for range in ranges {
        match joined.last_mut() {
            Some(last) if range.start <= last.end + GAP_BYTES => last.end = last.end.max(range.end),
            _ => joined.push(range),
        }
    }
    joined
}

/// Bytes of the source, each with where they begin.
type Pieces = Vec<(u64, Arc<Vec<u8>>)>;

fn part_of<'a>(pieces: &'a [(u64, Arc<Vec<u8>>)], range: &Range<u64>) -> Option<&'a [u8]> {
    pieces.iter().rev().find_map(|(start, bytes)| {
        let (from, to) = (range.start.checked_sub(*start)?, range.end.checked_sub(*start)?);
        bytes.get(from as usize..to as usize)
    })
}

/// What was read of the source last.
#[derive(Debug, Default)]
struct Held {
    pieces: VecDeque<(u64, Arc<Vec<u8>>)>,
    bytes: u64,
}

impl Held {
    fn push(&mut self, piece: (u64, Arc<Vec<u8>>)) {
        self.bytes += piece.1.len() as u64;
        self.pieces.push_back(piece);
        while self.bytes > HELD_BYTES
            && let Some((_, gone)) = self.pieces.pop_front()
        {
            self.bytes -= gone.len() as u64;
        }
    }
}
