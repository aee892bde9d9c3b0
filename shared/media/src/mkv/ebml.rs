//! EBML, the binary tree that Matroska is written in.

use super::MkvError;

/// The most bytes that an element's id and size take.
pub const MOST_HEADER_BYTES: usize = 12;

/// The beginning of an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Element {
    /// With its length marker, as in [`super::id`].
    pub id: u32,
    /// Of the payload; `None`: unknown, it ends where an element begins that can't be inside.
    pub size: Option<u64>,
    /// How many bytes id and size take.
    pub header_bytes: u64,
}

impl Element {
    /// The header of a whole element and the payload.
    pub fn whole_bytes(&self) -> Option<u64> {
        self.size.and_then(|size| size.checked_add(self.header_bytes))
    }
}

/// The element that begins at the first byte, which is byte `at` of the file; `None`: more bytes are needed.
pub fn element(bytes: &[u8], at: u64) -> Result<Option<Element>, MkvError> {
    let Some(first) = bytes.first() else { return Ok(None) };
    let id_bytes = first.leading_zeros() as usize + 1;
    if id_bytes > 4 {
        return Err(MkvError::NoElement(at));
    }
    let (Some(id), Some(rest)) = (bytes.get(..id_bytes), bytes.get(id_bytes..)) else { return Ok(None) };
    let id = id.iter().fold(0, |id, byte| id << 8 | u32::from(*byte));
    match vint(rest) {
        Vint::Value { value, bytes } => {
            Ok(Some(Element { id, size: Some(value), header_bytes: (id_bytes + bytes) as u64 }))
        }
        Vint::Unknown { bytes } => Ok(Some(Element { id, size: None, header_bytes: (id_bytes + bytes) as u64 })),
        Vint::Short => Ok(None),
        Vint::Invalid => Err(MkvError::NoElement(at)),
    }
}

/// A number of variable length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Vint {
    Value {
        value: u64,
        bytes: usize,
    },
    /// All bits are set, which is reserved for unknown sizes.
    Unknown {
        bytes: usize,
    },
    Short,
    Invalid,
}

pub fn vint(bytes: &[u8]) -> Vint {
    let Some(first) = bytes.first() else { return Vint::Short };
    let length = first.leading_zeros() as usize + 1;
    if length > 8 {
        return Vint::Invalid;
    }
    let Some(held) = bytes.get(..length) else { return Vint::Short };
    let mask = (1 << (7 * length)) - 1;
    let value = held.iter().fold(0, |value, byte| value << 8 | u64::from(*byte)) & mask;
    if value == mask { Vint::Unknown { bytes: length } } else { Vint::Value { value, bytes: length } }
}

/// The elements that lie one after another in a payload that begins at byte `at` of the file.
#[derive(Debug, Clone)]
pub struct Elements<'a> {
    bytes: &'a [u8],
    at: u64,
}

impl<'a> Elements<'a> {
    pub fn new(bytes: &'a [u8], at: u64) -> Self {
        Self { bytes, at }
    }

    fn step(&mut self) -> Result<Child<'a>, MkvError> {
        let at = self.at;
        let element = element(self.bytes, at)?.ok_or(MkvError::NoElement(at))?;
        let whole = element.whole_bytes().and_then(|bytes| usize::try_from(bytes).ok());
        let whole = whole.and_then(|bytes| self.bytes.get(..bytes));
        let whole = whole.ok_or(MkvError::TooLarge { at, size: element.size.unwrap_or(u64::MAX) })?;
        self.bytes = &self.bytes[whole.len()..];
        self.at += whole.len() as u64;
        Ok(Child { id: element.id, at, whole, payload: &whole[element.header_bytes as usize..] })
    }
}

/// An element that is wholly in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Child<'a> {
    pub id: u32,
    /// Where in the file it begins.
    pub at: u64,
    pub whole: &'a [u8],
    pub payload: &'a [u8],
}

impl Child<'_> {
    /// An unsigned number; `None` if it is too long.
    pub fn uint(&self) -> Option<u64> {
        (self.payload.len() <= 8).then(|| self.payload.iter().fold(0, |value, byte| value << 8 | u64::from(*byte)))
    }

    pub fn float(&self) -> Option<f64> {
        if let Ok(bytes) = self.payload.try_into() {
            return Some(f64::from(f32::from_be_bytes(bytes)));
        }
        self.payload.try_into().ok().map(f64::from_be_bytes)
    }

    /// Text without the zeros that may pad it.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(self.payload).trim_end_matches('\0').to_owned()
    }

    pub fn children(&self) -> Elements<'_> {
        Elements::new(self.payload, self.at + (self.whole.len() - self.payload.len()) as u64)
    }
}

impl<'a> Iterator for Elements<'a> {
    type Item = Result<Child<'a>, MkvError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.bytes.is_empty() {
            return None;
        }
        let step = self.step();
        if step.is_err() {
            self.bytes = &[];
        }
        Some(step)
    }
}

pub fn put_id(out: &mut Vec<u8>, id: u32) {
    let skipped = id.leading_zeros() as usize / 8;
    out.extend_from_slice(&id.to_be_bytes()[skipped..]);
}

/// A number in as few bytes as it takes.
pub fn put_vint(out: &mut Vec<u8>, value: u64) {
    let bytes = (1..8).find(|bytes| value < (1 << (7 * bytes)) - 1).unwrap_or(8);
    let marked = value | 1 << (7 * bytes);
    out.extend_from_slice(&marked.to_be_bytes()[8 - bytes..]);
}

pub fn put_element(out: &mut Vec<u8>, id: u32, payload: &[u8]) {
    put_id(out, id);
    put_vint(out, payload.len() as u64);
    out.extend_from_slice(payload);
}

pub fn put_uint(out: &mut Vec<u8>, id: u32, value: u64) {
    let skipped = (value.leading_zeros() as usize / 8).min(7);
    put_element(out, id, &value.to_be_bytes()[skipped..]);
}

/// The beginning of an element of unknown size.
pub fn put_open(out: &mut Vec<u8>, id: u32) {
    put_id(out, id);
    out.extend_from_slice(&[0x01, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]);
}
