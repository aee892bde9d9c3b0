//! A slice of a source as a file of its own: the source's head, a prefix, a range of its bytes.

use super::{ReadAt, SourceError, Span, copy};
use crate::mkv::{
    MkvError, Prologue,
    ebml::{self, Element, MOST_HEADER_BYTES},
    id,
};
use heaters_domain::plan::SourceClass;
use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom, Write},
    ops::Range,
};

/// Heads are patched in memory; plans have smaller ones.
const MOST_HEAD_BYTES: u64 = 64 << 20;

/// Writes the slice to `file`. Gives what was read of the source.
pub(super) async fn write<R: ReadAt>(
    object: &R,
    class: SourceClass,
    head: u64,
    prefix: &[u8],
    range: Range<u64>,
    file: &mut File,
) -> Result<Vec<Span>, SourceError<R::Error>> {
    let size = object.size();
    if head > size.min(MOST_HEAD_BYTES) || range.start > range.end || range.end > size {
        return Err(SourceError::Unplanned);
    }
    let mut spans = Vec::new();
    if head > 0 {
        spans.push(copy(object, 0..head, file).await?);
    }
    if class == SourceClass::Cued {
        close_head(file, head)?;
    }
    let start = file.stream_position()?;
    file.write_all(prefix)?;
    spans.push(copy(object, range, file).await?);
    if class == SourceClass::Cued {
        open_last_cluster(file, start)?;
    }
    Ok(spans)
}

/// Makes a Matroska head fit a file that has other bytes behind it: the Segment gets an unknown size, and
/// what points elsewhere becomes padding.
fn close_head(file: &mut File, bytes: u64) -> io::Result<()> {
    let mut head = vec![0; bytes as usize];
    file.seek(SeekFrom::Start(0))?;
    file.read_exact(&mut head)?;
    patch_head(&mut head).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
    file.seek(SeekFrom::Start(0))?;
    file.write_all(&head)
}

fn patch_head(head: &mut [u8]) -> Result<(), MkvError> {
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

/// Where the file ends within a Cluster, on the border of a block, that Cluster gets an unknown size: ffmpeg
/// would take the end for damage. The file's position is at its end afterwards.
fn open_last_cluster(file: &mut File, start: u64) -> io::Result<()> {
    let size = file.seek(SeekFrom::End(0))?;
    let (mut at, mut last) = (start, None::<(u64, Element)>);
    while let Some(element) = element_at(file, at)? {
        let inside = element.id == id::CLUSTER;
        if inside {
            last = Some((at, element));
        }
        let bytes = if inside { Some(element.header_bytes) } else { element.whole_bytes() };
        let Some(next) = bytes.and_then(|bytes| at.checked_add(bytes)) else { break };
        at = next;
    }
    if let Some((at, element)) = last
        && element.whole_bytes().and_then(|bytes| at.checked_add(bytes)).is_some_and(|end| end > size)
    {
        // A Cluster's id takes 4 bytes.
        let mut unknown = vec![0; element.header_bytes as usize - 4];
        set_unknown(&mut unknown);
        file.seek(SeekFrom::Start(at + 4))?;
        file.write_all(&unknown)?;
    }
    file.seek(SeekFrom::End(0))?;
    Ok(())
}

fn element_at(file: &mut File, at: u64) -> io::Result<Option<Element>> {
    file.seek(SeekFrom::Start(at))?;
    let mut bytes = Vec::new();
    file.take(MOST_HEADER_BYTES as u64).read_to_end(&mut bytes)?;
    // What is no element is for ffmpeg to judge.
    Ok(ebml::element(&bytes, at).ok().flatten())
}
