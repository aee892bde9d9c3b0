//! A delta (`repackaged.delta`): a file that was made of a source, as what has to be copied from the source and what has
//! to be added to it, as VCDIFF (RFC 3284) has it. Chunks read the file as if it were stored, and what storage holds of it
//! is small where the source's bytes are in it as they were.
//!
//! It is made while both the source and the file pass, and read by ranges: blocks, each of which stands for itself, and an
//! index of them at the end. Where the source repeats itself, it is a matter of time which of the places is found, so that
//! another attempt may write another delta of the same file; checksums tell a reader whose index is of the one before. All
//! integers of fixed size are little-endian.
//!
//! | offset | type | what |
//! |---|---|---|
//! | 0 | B blocks | instructions |
//! | I | B x 24 bytes | a block: u64, where its bytes begin in the file; u64, where it begins in the delta; u64, its CRC-32 |
//! | end - 32 | 4 bytes | `HXDL` |
//! | end - 28 | u16 | version, 1 |
//! | end - 26 | u16 | 0 |
//! | end - 24 | u64 | B |
//! | end - 16 | u64 | I |
//! | end - 8 | u64 | bytes of the file |
//!
//! An instruction, with variable-length integers as of Protocol Buffers:
//!
//! | type | what |
//! |---|---|
//! | varint | how many bytes are added, A |
//! | A bytes | they |
//! | varint | how many bytes are copied from the source after them, C |
//! | zigzag varint | where: how far behind the end of what the block's instruction before copied, or of the source's beginning |

mod make;
mod rebuilt;
mod window;

#[cfg(test)]
mod round_trip;

pub(super) use make::Maker;
pub use rebuilt::Rebuilt;
pub(super) use window::Window;

use super::{ReadAt, SourceError};
use integer_encoding::VarInt;
use std::ops::Range;

const MAGIC: &[u8; 4] = b"HXDL";
const VERSION: u16 = 1;
const TRAILER_BYTES: u64 = 32;
const ENTRY_BYTES: u64 = 24;

/// Why a delta can't be read.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum DeltaError {
    #[error("the delta is not one of version {VERSION}")]
    Trailer,
    #[error("the delta's index is damaged")]
    Index,
    #[error("a block of the delta is damaged")]
    Block,
}

/// The bytes that chunks read.
#[derive(Debug)]
pub enum Readable<'a, R> {
    /// The source's own.
    Source(&'a R),
    /// Its copy's in another container.
    Copy(Rebuilt<'a, R>),
}

impl<'a, R: ReadAt> Readable<'a, R> {
    /// `delta`: of the copy, where there is one.
    pub async fn open(source: &'a R, delta: Option<&'a R>) -> Result<Self, SourceError<R::Error>> {
        Ok(match delta {
            Some(delta) => Self::Copy(Rebuilt::open(source, delta).await?),
            None => Self::Source(source),
        })
    }
}

impl<R: ReadAt> ReadAt for Readable<'_, R> {
    type Error = R::Error;

    fn size(&self) -> u64 {
        match self {
            Self::Source(source) => source.size(),
            Self::Copy(copy) => copy.size(),
        }
    }

    async fn read_at(&self, range: Range<u64>) -> Result<Vec<u8>, SourceError<R::Error>> {
        match self {
            Self::Source(source) => source.read_at(range).await,
            Self::Copy(copy) => copy.read_at(range).await,
        }
    }
}

/// What a part of the file is made of, in this order.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Instruction<'a> {
    add: &'a [u8],
    /// In the source.
    copy: Range<u64>,
}

impl Instruction<'_> {
    /// `before`: where the block's instruction before stopped copying.
    fn encode(&self, before: u64, block: &mut Vec<u8>) {
        block.extend((self.add.len() as u64).encode_var_vec());
        block.extend_from_slice(self.add);
        block.extend((self.copy.end - self.copy.start).encode_var_vec());
        block.extend((self.copy.start.wrapping_sub(before) as i64).encode_var_vec());
    }
}

/// The instructions of a block.
fn instructions(block: &[u8]) -> impl Iterator<Item = Result<Instruction<'_>, DeltaError>> {
    let (mut rest, mut before) = (block, 0u64);
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let next = (|| {
            let add = usize::try_from(integer::<u64>(&mut rest)?).ok()?;
            let (add, after) = rest.split_at_checked(add)?;
            rest = after;
            let (bytes, distance) = (integer::<u64>(&mut rest)?, integer::<i64>(&mut rest)?);
            let start = before.wrapping_add(distance as u64);
            before = start.checked_add(bytes)?;
            Some(Instruction { add, copy: start..before })
        })();
        if next.is_none() {
            rest = &[];
        }
        Some(next.ok_or(DeltaError::Block))
    })
}

fn integer<T: VarInt>(bytes: &mut &[u8]) -> Option<T> {
    let (value, size) = T::decode_var(bytes)?;
    *bytes = &bytes[size..];
    Some(value)
}

/// What the end of a delta says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Trailer {
    blocks: u64,
    index_start: u64,
    file_bytes: u64,
}

impl Trailer {
    fn encode(self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(TRAILER_BYTES as usize);
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&VERSION.to_le_bytes());
        bytes.extend_from_slice(&[0; 2]);
        for number in [self.blocks, self.index_start, self.file_bytes] {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        bytes
    }

    /// Of a delta of so many bytes.
    fn decode(bytes: &[u8], delta_bytes: u64) -> Result<Self, DeltaError> {
        let (head, numbers) = bytes.split_at_checked(8).ok_or(DeltaError::Trailer)?;
        if head[..4] != *MAGIC || head[4..6] != VERSION.to_le_bytes() {
            return Err(DeltaError::Trailer);
        }
        let [blocks, index_start, file_bytes] = numbers_of(numbers).ok_or(DeltaError::Trailer)?;
        let ends = blocks
            .checked_mul(ENTRY_BYTES)
            .and_then(|bytes| index_start.checked_add(bytes)?.checked_add(TRAILER_BYTES));
        if ends == Some(delta_bytes) { Ok(Self { blocks, index_start, file_bytes }) } else { Err(DeltaError::Index) }
    }
}

/// Where a block begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Block {
    in_file: u64,
    in_delta: u64,
    crc: u32,
}

impl Block {
    fn encode(self) -> [u8; ENTRY_BYTES as usize] {
        let mut bytes = [0; ENTRY_BYTES as usize];
        for (field, number) in bytes.chunks_exact_mut(8).zip([self.in_file, self.in_delta, self.crc.into()]) {
            field.copy_from_slice(&number.to_le_bytes());
        }
        bytes
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let [in_file, in_delta, crc] = numbers_of(bytes)?;
        Some(Self { in_file, in_delta, crc: crc.try_into().ok()? })
    }
}

/// `None`: there are more bytes, or fewer.
fn numbers_of<const N: usize>(bytes: &[u8]) -> Option<[u64; N]> {
    let (numbers, rest) = bytes.as_chunks::<8>();
    let numbers: [[u8; 8]; N] = numbers.try_into().ok()?;
    rest.is_empty().then(|| numbers.map(u64::from_le_bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn instructions_are_read_as_they_were_written(
            known in prop::collection::vec((prop::collection::vec(any::<u8>(), 0..200), 0u64..1 << 40, 0u64..1 << 33), 0..20),
        ) {
            let (mut block, mut before, mut expected) = (Vec::new(), 0, Vec::new());
            for (add, start, bytes) in &known {
                let instruction = Instruction { add, copy: *start..start + bytes };
                instruction.encode(before, &mut block);
                before = instruction.copy.end;
                expected.push(Ok(instruction));
            }
            prop_assert_eq!(instructions(&block).collect::<Vec<_>>(), expected);
        }

        #[test]
        fn any_bytes_end_as_instructions_or_as_an_error(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            let found: Vec<_> = instructions(&bytes).collect();
            prop_assert!(found.iter().rev().skip(1).all(Result::is_ok) && found.len() <= bytes.len());
        }
    }

    #[test]
    fn what_is_no_delta_is_told() {
        let good = Trailer { blocks: 2, index_start: 100, file_bytes: 7 };
        assert_eq!(Trailer::decode(&good.encode(), 180), Ok(good));
        assert_eq!(Trailer::decode(&good.encode(), 181), Err(DeltaError::Index));
        assert_eq!(Trailer::decode(&[0; 32], 180), Err(DeltaError::Trailer));
        assert_eq!(Trailer::decode(&good.encode()[1..], 180), Err(DeltaError::Trailer));
        assert_eq!(Trailer::decode(&[], 0), Err(DeltaError::Trailer));
        let endless = Trailer { blocks: u64::MAX, ..good };
        assert_eq!(Trailer::decode(&endless.encode(), 180), Err(DeltaError::Index));
    }
}
