//! A slice of a source as a file of its own: the source's head, a prefix, a range of its bytes.

use super::{
    ReadAt, SourceError, Span,
    parts::{self, Part},
};
use crate::mkv::{MkvError, Prologue, ebml, id};
use heaters_domain::plan::SourceClass;
use std::{io, ops::Range};

/// Heads are patched in memory; plans have smaller ones.
const MOST_HEAD_BYTES: u64 = 64 << 20;

/// Which slice it is; see [`Reading::Slice`](heaters_domain::plan::Reading::Slice).
pub(super) struct Slice<'a> {
    pub(super) head: u64,
    pub(super) prefix: &'a [u8],
    pub(super) range: &'a Range<u64>,
    pub(super) cut_cluster: Option<&'a Range<u64>>,
}

impl Slice<'_> {
    /// What the slice is made of, and what was read of the source to say so.
    pub(super) async fn parts<R: ReadAt>(
        &self,
        object: &R,
        class: SourceClass,
    ) -> Result<(Vec<Part>, Vec<Span>), SourceError<R::Error>> {
        if !self.fits(object.size()) {
            return Err(SourceError::Unplanned);
        }
        let Self { head, prefix, range, cut_cluster } = self;
        let (mut parts, mut read) = (Vec::new(), Vec::new());
        if *head > 0 {
            let whole = vec![Part::Source(0..*head)];
            if class == SourceClass::Cued {
                let mut bytes = Vec::with_capacity(*head as usize);
                read = parts::write(object, whole, &mut bytes).await?;
                close_head(&mut bytes).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
                parts.push(Part::Own(bytes));
            } else {
                parts.extend(whole);
            }
        }
        parts.push(Part::Own(prefix.to_vec()));
        if let Some(header) = cut_cluster {
            // ffmpeg would take the end within a Cluster for damage.
            let mut open = Vec::new();
            ebml::put_open(&mut open, id::CLUSTER);
            let (before, behind) = (range.start..header.start, header.end..range.end);
            parts.extend([Part::Source(before), Part::Own(open), Part::Source(behind)]);
        } else {
            parts.push(Part::Source((*range).clone()));
        }
        Ok((parts, read))
    }

    fn fits(&self, size: u64) -> bool {
        let Self { head, range, cut_cluster, .. } = self;
        let inside = |part: &&Range<u64>| range.start <= part.start && part.start <= part.end && part.end <= range.end;
        *head <= size.min(MOST_HEAD_BYTES)
            && range.start <= range.end
            && range.end <= size
            && cut_cluster.iter().all(inside)
    }
}

/// Makes a Matroska head fit a file that has other bytes behind it: the Segment gets an unknown size, and
/// what points elsewhere becomes padding.
fn close_head(head: &mut [u8]) -> Result<(), MkvError> {
    let prologue = Prologue::parse(head)?.ok_or(MkvError::NotMatroska)?;
    let (size_at, data) = (prologue.segment as usize + 4, prologue.data as usize);
    set_unknown(&mut head[size_at..data]);
    let mut at = data;
    while at < head.len() {
        let element = ebml::element(&head[at..], at as u64)?.ok_or(MkvError::NoElement(at as u64))?;
        let end = element.whole_bytes().and_then(|bytes| usize::try_from(bytes).ok());
        let end = end.and_then(|bytes| at.checked_add(bytes)).filter(|end| *end <= head.len());
        let end = end.ok_or(MkvError::NoElement(at as u64))?;
        if matches!(element.id, id::SEEK_HEAD | id::CUES | id::ATTACHMENTS) {
            blank(&mut head[at..end]);
        }
        at = end;
    }
    Ok(())
}

/// Sets an element's size, of which these are the bytes, to unknown.
fn set_unknown(size: &mut [u8]) {
    size.fill(0xFF);
    if let Some(first) = size.first_mut() {
        *first = 0;
    }
    let marker = 0xFF_u8.checked_shr(size.len() as u32 - 1).unwrap_or(0);
    if let Some(first) = size.first_mut() {
        *first = marker;
    }
}

/// Turns a whole element of more than 4 bytes into padding.
fn blank(element: &mut [u8]) {
    // The id takes one byte and the size the next ones, so that any length can be said.
    let size_bytes = (element.len() - 1).min(8);
    let payload = (element.len() - 1 - size_bytes) as u64;
    let marked = payload | 1 << (7 * size_bytes);
    element[0] = id::VOID as u8;
    element[1..=size_bytes].copy_from_slice(&marked.to_be_bytes()[8 - size_bytes..]);
}
