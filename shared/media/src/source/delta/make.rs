//! Makes a delta while the source and the file that is made of it pass.

use super::{
    Block, ENTRY_BYTES, Instruction, Trailer,
    window::{NEEDLE_BYTES, STEP, Window},
};
use std::{io, ops::Range};

/// How far behind the end of what was copied last the next is looked for first: behind a header, mostly.
const NEAR_BYTES: usize = 4096;
/// Where nothing was found for so many bytes, it is looked for there less and less often, and what is equal elsewhere is
/// taken for it. By then all that lies further behind has come up.
const EAGER_BYTES: usize = STEP;
/// How far behind a stream of packets may go on: other streams lie between.
const MOST_AHEAD_BYTES: u64 = 1 << 20;
/// What is found elsewhere counts from so many equal bytes on.
const LEAST_BYTES: usize = 32;
/// How far one stream may be ahead of another in the source. What is equal further away is repeated, and would have to be
/// read apart.
const MOST_LEAD_BYTES: u64 = 8 << 20;
/// A block ends where it has so many bytes, or stands for so many.
const BLOCK_BYTES: usize = 64 << 10;
const MOST_BLOCK_FILE_BYTES: u64 = 4 << 20;

/// Takes a file's bytes and gives the delta's to `out`.
pub(in crate::source) struct Maker<F> {
    out: F,
    /// Bytes of the file that are too few to be looked for.
    rest: Vec<u8>,
    /// Where the streams of packets go on that were copied of late: of the last, and of another.
    cursors: [u64; 2],
    /// The furthest that was copied.
    front: u64,
    /// What is copied may go on: it ended with the bytes that were there.
    goes_on: bool,
    add: Vec<u8>,
    /// In the source.
    copy: Option<Range<u64>>,
    block: Vec<u8>,
    /// Where the block's last instruction stopped copying.
    copied_to: u64,
    /// Where the block begins in the file and in the delta.
    begins: (u64, u64),
    file_bytes: u64,
    index: Vec<u8>,
}

impl<F: FnMut(&[u8]) -> io::Result<()>> Maker<F> {
    pub(in crate::source) fn new(out: F) -> Self {
        Self {
            out,
            rest: Vec::new(),
            cursors: [0; 2],
            front: 0,
            goes_on: false,
            add: Vec::new(),
            copy: None,
            block: Vec::new(),
            copied_to: 0,
            begins: (0, 0),
            file_bytes: 0,
            index: Vec::new(),
        }
    }

    /// Takes the file's next bytes; those of the source that they were made of are in the window.
    pub(in crate::source) fn push(&mut self, piece: &[u8], window: &Window) -> io::Result<()> {
        let mut bytes = std::mem::take(&mut self.rest);
        bytes.extend_from_slice(piece);
        let mut at = 0;
        while bytes.len() - at >= LEAST_BYTES || (self.goes_on && at < bytes.len()) {
            at += self.take(&bytes[at..], window)?;
        }
        bytes.drain(..at);
        self.rest = bytes;
        Ok(())
    }

    /// What comes now is from behind all that came, though its streams come one after another.
    pub(in crate::source) fn begin_fragment(&mut self, window: &mut Window) {
        let floor = self.front.saturating_sub(MOST_LEAD_BYTES);
        window.forget_before(floor);
        self.cursors = self.cursors.map(|cursor| cursor.max(floor));
    }

    /// Gives how many bytes of the delta there are in all.
    pub(in crate::source) fn finish(mut self) -> io::Result<u64> {
        self.end_copy()?;
        self.file_bytes += self.rest.len() as u64;
        self.add.append(&mut self.rest);
        self.end_instruction();
        self.end_block()?;
        let Self { mut index, begins: (_, index_start), file_bytes, .. } = self;
        let blocks = index.len() as u64 / ENTRY_BYTES;
        index.extend(Trailer { blocks, index_start, file_bytes }.encode());
        (self.out)(&index)?;
        Ok(index_start + index.len() as u64)
    }

    /// Tells of some of the bytes where they are from. Gives how many.
    fn take(&mut self, bytes: &[u8], window: &Window) -> io::Result<usize> {
        if let Some((stream, back)) = self.find(bytes, window)
            && let Some(source) = window.in_source(&stream)
            && source.end - source.start > back as u64
        {
            self.add.truncate(self.add.len() - back);
            let taken = (source.end - source.start) as usize - back;
            self.goes_on = taken == bytes.len();
            self.cursors[0] = stream.start + (source.end - source.start);
            self.front = self.front.max(self.cursors[0]);
            self.copy(source, taken)?;
            return Ok(taken);
        }
        self.goes_on = false;
        if bytes.len() < LEAST_BYTES {
            // With more of them it can be told whether there is something to be found.
            return Ok(0);
        }
        self.add(bytes[0])?;
        Ok(1)
    }

    /// Where bytes that begin so are in the stream, and how many of them are before, among those that were to be added.
    fn find(&mut self, bytes: &[u8], window: &Window) -> Option<(Range<u64>, usize)> {
        let follows = self.cursors[0];
        let equal = common(window.after(follows), bytes);
        if equal >= NEEDLE_BYTES || (self.goes_on && equal > 0) {
            return Some((follows..follows + equal as u64, 0));
        }
        let missed = self.missed().len();
        if missed < EAGER_BYTES || missed.is_power_of_two() {
            for cursor in 0..self.cursors.len() {
                if let Some(found) = window.find_near(self.cursors[cursor], NEAR_BYTES, bytes) {
                    self.cursors.swap(0, cursor);
                    return Some((found..found + common(window.after(found), bytes) as u64, 0));
                }
            }
        }
        let found = window.find(bytes)?;
        let goes_on = self.cursors.iter().position(|cursor| (*cursor..*cursor + MOST_AHEAD_BYTES).contains(&found));
        if goes_on.is_none() && missed < EAGER_BYTES {
            return None;
        }
        let back = common_end(window.before(found), self.missed());
        let equal = back + common(window.after(found), bytes);
        if equal < LEAST_BYTES {
            return None;
        }
        match goes_on {
            Some(cursor) => self.cursors.swap(0, cursor),
            None => self.cursors[1] = self.cursors[0],
        }
        Some((found - back as u64..found - back as u64 + equal as u64, back))
    }

    /// What was not found since the last that was.
    fn missed(&self) -> &[u8] {
        if self.copy.is_some() { &[] } else { &self.add }
    }

    fn add(&mut self, byte: u8) -> io::Result<()> {
        self.end_copy()?;
        self.add.push(byte);
        self.file_bytes += 1;
        if self.add.len() == BLOCK_BYTES { self.end_instructions() } else { Ok(()) }
    }

    /// `taken`: how many of the bytes were not yet counted.
    fn copy(&mut self, mut source: Range<u64>, taken: usize) -> io::Result<()> {
        match &self.copy {
            Some(open) if open.end == source.start => source.start = open.start,
            _ => self.end_copy()?,
        }
        let is_long = source.end - source.start >= MOST_BLOCK_FILE_BYTES;
        self.copy = Some(source);
        self.file_bytes += taken as u64;
        if is_long { self.end_copy() } else { Ok(()) }
    }

    /// Writes the instruction that copies, if there is one.
    fn end_copy(&mut self) -> io::Result<()> {
        if self.copy.is_some() { self.end_instructions() } else { Ok(()) }
    }

    fn end_instructions(&mut self) -> io::Result<()> {
        self.end_instruction();
        let stands_for = self.file_bytes - self.begins.0;
        if self.block.len() >= BLOCK_BYTES || stands_for >= MOST_BLOCK_FILE_BYTES { self.end_block() } else { Ok(()) }
    }

    fn end_instruction(&mut self) {
        let copy = self.copy.take().unwrap_or(self.copied_to..self.copied_to);
        if !self.add.is_empty() || !copy.is_empty() {
            Instruction { add: &self.add, copy: copy.clone() }.encode(self.copied_to, &mut self.block);
            (self.copied_to, self.add) = (copy.end, Vec::new());
        }
    }

    fn end_block(&mut self) -> io::Result<()> {
        if self.block.is_empty() {
            return Ok(());
        }
        (self.out)(&self.block)?;
        let (in_file, in_delta) = self.begins;
        self.index.extend(Block { in_file, in_delta, crc: crc32fast::hash(&self.block) }.encode());
        self.begins = (self.file_bytes, in_delta + self.block.len() as u64);
        self.copied_to = 0;
        self.block.clear();
        Ok(())
    }
}

/// How many bytes are equal from the beginning.
fn common(one: &[u8], other: &[u8]) -> usize {
    const STRIDE: usize = 32;
    let strides = one.chunks_exact(STRIDE).zip(other.chunks_exact(STRIDE)).take_while(|(one, other)| one == other);
    let equal = strides.count() * STRIDE;
    equal + one[equal..].iter().zip(&other[equal..]).take_while(|(one, other)| one == other).count()
}

/// How many bytes are equal to the end.
fn common_end(one: &[u8], other: &[u8]) -> usize {
    one.iter().rev().zip(other.iter().rev()).take_while(|(one, other)| one == other).count()
}
