//! Reads an original once and compares it with what is known of it.

use crate::ArchiveError;
use base64::{Engine, prelude::BASE64_STANDARD};
use crc_fast::{CrcAlgorithm, Digest as Crc};
use heaters_aws::{ObjectRef, ObjectStore};
use heaters_domain::contract::{ObjectChecksums, ReadRange, SourceObject};
use sha2::{Digest, Sha256};

/// How much of the original is held at once, in bytes.
const PIECE_BYTES: u64 = 16 << 20;

/// Compares all that is known of an object with its bytes, and notes its SHA-256. Returns its size in bytes.
pub(crate) async fn object(
    store: &dyn ObjectStore,
    source: &SourceObject,
    known: &mut ObjectChecksums,
) -> Result<u64, ArchiveError> {
    let object = ObjectRef::from(source);
    let head = store.head(&object).await?.ok_or_else(|| ArchiveError::Gone(object.clone()))?;
    let same = |what: &str, expected: &str, found: &str| {
        if expected == found {
            return Ok(());
        }
        let (what, expected, found) = (what.to_owned(), expected.to_owned(), found.to_owned());
        Err(ArchiveError::Changed { object: Box::new(object.clone()), what, expected, found })
    };
    let mut whole = Sha256::new();
    let mut crc = Crc::new(CrcAlgorithm::Crc64Nvme);
    let mut ranges: Vec<_> = known.ranges.iter().map(|range| (range, Sha256::new())).collect();
    let mut at = 0;
    while at < head.size_bytes {
        let piece = store.get(&object, Some(at..head.size_bytes.min(at + PIECE_BYTES))).await?;
        if piece.is_empty() {
            return Err(ArchiveError::Gone(object));
        }
        whole.update(&piece);
        crc.update(&piece);
        for (range, digest) in &mut ranges {
            digest.update(part_of(range, at, &piece));
        }
        at += piece.len() as u64;
    }
    for (range, digest) in ranges {
        same(&format!("bytes {}..{}", range.start, range.end), &range.sha256, &hex::encode(digest.finalize()))?;
    }
    let crc = BASE64_STANDARD.encode(crc.finalize().to_be_bytes());
    for kept in [&known.crc64nvme, &head.crc64nvme].into_iter().flatten() {
        same("the CRC-64/NVME", kept, &crc)?;
    }
    let sha256 = hex::encode(whole.finalize());
    if let Some(before) = &known.sha256 {
        same("the SHA-256", before, &sha256)?;
    }
    known.crc64nvme = Some(crc);
    known.sha256 = Some(sha256);
    Ok(head.size_bytes)
}

/// The bytes of a range that lie in the piece of the object that starts at `at`.
fn part_of<'a>(range: &ReadRange, at: u64, piece: &'a [u8]) -> &'a [u8] {
    let within = |offset: u64| (offset.saturating_sub(at) as usize).min(piece.len());
    &piece[within(range.start)..within(range.end).max(within(range.start))]
}
