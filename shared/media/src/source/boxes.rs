//! ISO base media boxes (MP4, MOV): reading their headers, walking those inside others, writing new ones.

/// A box's kind and extent, as its header says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    pub kind: [u8; 4],
    /// How many bytes the header has.
    pub body_start: u64,
    /// With the header; `None`: to the end of the file.
    pub bytes: Option<u64>,
}

impl Header {
    /// How many bytes a header has at most.
    pub const MOST_BYTES: u64 = 16;

    /// Reads the header at the start of `bytes`; `None` where there is none.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let (size, rest) = bytes.split_first_chunk::<4>()?;
        let (kind, rest) = rest.split_first_chunk::<4>()?;
        let (body_start, bytes) = match u32::from_be_bytes(*size) {
            0 => (8, None),
            1 => (16, Some(u64::from_be_bytes(*rest.first_chunk()?))),
            size => (8, Some(u64::from(size))),
        };
        let sound = kind.iter().all(|byte| byte.is_ascii_graphic() || *byte == b' ' || *byte == 0xa9)
            && bytes.is_none_or(|bytes| bytes >= body_start);
        sound.then_some(Self { kind: *kind, body_start, bytes })
    }
}

/// A box inside another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Inner<'a> {
    pub kind: [u8; 4],
    /// With the header.
    pub whole: &'a [u8],
    pub body: &'a [u8],
}

/// The boxes in a box's body, up to the first that doesn't fit into it.
pub(super) fn children(mut body: &[u8]) -> impl Iterator<Item = Inner<'_>> {
    std::iter::from_fn(move || {
        let header = Header::read(body)?;
        let bytes = usize::try_from(header.bytes.unwrap_or(body.len() as u64)).ok()?;
        let (whole, rest) = body.split_at_checked(bytes)?;
        body = rest;
        Some(Inner { kind: header.kind, whole, body: &whole[header.body_start as usize..] })
    })
}

/// The first box of a kind in a box's body.
pub(super) fn child(body: &[u8], kind: [u8; 4]) -> Option<Inner<'_>> {
    children(body).find(|inner| inner.kind == kind)
}

/// A box of these parts.
pub(super) fn boxed(kind: [u8; 4], parts: &[&[u8]]) -> Vec<u8> {
    let bytes = 8 + parts.iter().map(|part| part.len()).sum::<usize>();
    let mut out = Vec::with_capacity(bytes);
    out.extend_from_slice(&(bytes as u32).to_be_bytes());
    out.extend_from_slice(&kind);
    for part in parts {
        out.extend_from_slice(part);
    }
    out
}

/// A full box: with version and flags before its parts.
pub(super) fn full(kind: [u8; 4], version: u8, flags: u32, parts: &[&[u8]]) -> Vec<u8> {
    let head = (u32::from(version) << 24 | flags & 0x00ff_ffff).to_be_bytes();
    boxed(kind, &[&[&head[..]], parts].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_of_all_sizes_are_read() {
        let large = [&1u32.to_be_bytes()[..], b"mdat", &(1u64 << 40).to_be_bytes()].concat();
        let read = Header::read(&large).unwrap();
        assert_eq!((read.kind, read.body_start, read.bytes), (*b"mdat", 16, Some(1 << 40)));
        assert_eq!(Header::read(b"\0\0\0\0mdat").unwrap().bytes, None);
        for bad in [&b"\0\0\0\x07mdat"[..], b"\0\0\0\x10\0\x01\x02\x03", b"\0\0\0\x01mdat", b"\0\0"] {
            assert_eq!(Header::read(bad), None);
        }
        assert_eq!(Header::read(&[&1u32.to_be_bytes()[..], b"mdat", &8u64.to_be_bytes()].concat()), None);
    }

    #[test]
    fn inner_boxes_end_at_the_first_that_does_not_fit() {
        let body =
            [boxed(*b"free", &[b"abc"]), full(*b"tkhd", 1, 7, &[b"x"]), vec![0, 0, 1, 0, b'm', b'o', b'o', b'v']];
        let body = body.concat();
        let found: Vec<_> = children(&body).map(|inner| (inner.kind, inner.body.to_vec())).collect();
        assert_eq!(found, [(*b"free", b"abc".to_vec()), (*b"tkhd", vec![1, 0, 0, 7, b'x'])]);
        assert_eq!(child(&body, *b"moov"), None);
    }
}
