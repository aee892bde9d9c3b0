//! Blocks: the packets of a Cluster.

use super::{
    MkvError,
    ebml::{self, Elements, Vint},
    id,
};

/// The beginning of a block's payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlockHead {
    pub track: u64,
    /// In ticks, counted from the Cluster's.
    pub relative: i16,
    pub flags: u8,
    /// How many bytes of the payload this took.
    pub bytes: usize,
}

impl BlockHead {
    /// Of a SimpleBlock only; a Block in a group says it by its references.
    pub fn key(&self) -> bool {
        self.flags & 0x80 != 0
    }

    /// More than one frame is in the block.
    pub fn laced(&self) -> bool {
        self.flags & 0x06 != 0
    }
}

/// Reads the beginning of a Block's or SimpleBlock's payload; `None` if it is none or too short.
pub fn block_head(payload: &[u8]) -> Option<BlockHead> {
    let Vint::Value { value: track, bytes } = ebml::vint(payload) else { return None };
    let [high, low, flags] = *payload.get(bytes..bytes + 3)? else { return None };
    Some(BlockHead { track, relative: i16::from_be_bytes([high, low]), flags, bytes: bytes + 3 })
}

/// The Block in a BlockGroup's payload: where its own payload lies in it, and whether it needs no other.
pub fn group_block(payload: &[u8]) -> Result<Option<(std::ops::Range<usize>, bool)>, MkvError> {
    let (mut block, mut key) = (None, true);
    for child in Elements::new(payload, 0) {
        let child = child?;
        match child.id {
            id::BLOCK => {
                let end = child.at as usize + child.whole.len();
                block = Some(end - child.payload.len()..end);
            }
            id::REFERENCE_BLOCK => key = false,
            _ => {}
        }
    }
    Ok(block.map(|block| (block, key)))
}

/// A block, taken out of its Cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    pub track: u64,
    /// In ticks of the timestamp scale.
    pub time: i64,
    pub key: bool,
    /// Where in the file its element, a SimpleBlock or BlockGroup, begins.
    pub at: u64,
    /// How long that element is.
    pub bytes: u64,
    /// Where in the file the frames begin; they end with `data`.
    pub data_at: u64,
    flags: u8,
    data: Vec<u8>,
    /// The other elements of its group, as they were; `None`: a SimpleBlock.
    group: Option<Vec<u8>>,
}

impl Block {
    /// How many bytes its frames have.
    pub fn data_bytes(&self) -> usize {
        self.data.len()
    }

    /// Makes a block of a SimpleBlock's or BlockGroup's payload. `at` and `header_bytes` are the element's,
    /// `timestamp` is the Cluster's. `None` if there is no block in it.
    pub(super) fn parse(
        simple: bool,
        at: u64,
        header_bytes: u64,
        payload: &[u8],
        timestamp: i64,
    ) -> Result<Option<Self>, MkvError> {
        let found = if simple { Some((0..payload.len(), false)) } else { group_block(payload)? };
        let Some((range, reference_free)) = found else { return Ok(None) };
        let inner = &payload[range.clone()];
        let Some(head) = block_head(inner) else { return Ok(None) };
        let group = if simple { None } else { Some(others(payload)?) };
        Ok(Some(Self {
            track: head.track,
            time: timestamp.saturating_add(i64::from(head.relative)),
            key: if simple { head.key() } else { reference_free },
            at,
            bytes: header_bytes + payload.len() as u64,
            data_at: at + header_bytes + (range.start + head.bytes) as u64,
            flags: head.flags,
            data: inner[head.bytes..].to_vec(),
            group,
        }))
    }

    /// The frames, with the sizes in front where several are laced.
    pub fn data(&self) -> &[u8] {
        &self.data
    }

    /// Writes the element anew, for a Cluster that is `relative` ticks earlier.
    pub(super) fn put(&self, out: &mut Vec<u8>, track: u64, relative: i16) {
        let mut inner = Vec::with_capacity(self.data.len() + 12);
        ebml::put_vint(&mut inner, track);
        inner.extend_from_slice(&relative.to_be_bytes());
        inner.push(self.flags);
        inner.extend_from_slice(&self.data);
        match &self.group {
            None => ebml::put_element(out, id::SIMPLE_BLOCK, &inner),
            Some(others) => {
                let mut group = Vec::with_capacity(inner.len() + others.len() + 12);
                ebml::put_element(&mut group, id::BLOCK, &inner);
                group.extend_from_slice(others);
                ebml::put_element(out, id::BLOCK_GROUP, &group);
            }
        }
    }
}

fn others(payload: &[u8]) -> Result<Vec<u8>, MkvError> {
    let mut others = Vec::new();
    for child in Elements::new(payload, 0) {
        let child = child?;
        if child.id != id::BLOCK {
            others.extend_from_slice(child.whole);
        }
    }
    Ok(others)
}
