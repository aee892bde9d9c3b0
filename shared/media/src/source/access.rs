//! Whether decoding can begin at a picture, by its own bytes: containers flag more than that.

/// What is looked for, by the codec and how it lies in the container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// Units behind their lengths of so many bytes.
    Avc {
        length_bytes: usize,
    },
    Hevc {
        length_bytes: usize,
    },
    /// Units behind start codes, with the parameter sets among them: nothing else brings them.
    AvcStream,
    HevcStream,
    Mpeg2Stream,
    Vp8,
    Vp9,
    /// The container's word is taken.
    Trusted,
}

impl Access {
    /// Whether decoding can begin at the picture that begins with these bytes.
    pub(super) fn allows(self, start: &[u8]) -> bool {
        match self {
            Self::Trusted => true,
            Self::Vp8 => start.first().is_some_and(|byte| byte & 1 == 0),
            Self::Vp9 => vp9_key(start),
            Self::Avc { length_bytes } => avc(lengths(start, length_bytes)).unwrap_or(false),
            Self::Hevc { length_bytes } => hevc(lengths(start, length_bytes)).unwrap_or(false),
            Self::AvcStream => {
                let has = |kind: u8| start_codes(start).any(|unit| unit[0] & 0x1F == kind);
                begins_with_start_code(start) && has(7) && has(8) && avc(start_codes(start)).unwrap_or(false)
            }
            Self::HevcStream => {
                let has = |kind: u8| start_codes(start).any(|unit| unit[0] >> 1 & 0x3F == kind);
                let sets = has(32) && has(33) && has(34);
                begins_with_start_code(start) && sets && hevc(start_codes(start)).unwrap_or(false)
            }
            // A sequence header comes first: without it a decoder knows nothing of the picture.
            Self::Mpeg2Stream => start.starts_with(&[0, 0, 1, 0xB3]),
        }
    }
}

/// Only a frame that is shown, since a hidden one has no time.
fn vp9_key(start: &[u8]) -> bool {
    let Some(first) = start.first() else { return false };
    // Frame marker 2, then two bits of profile; profile 3 has a reserved bit more.
    let shift = u32::from(first & 0x30 == 0x30);
    let bits = first << (4 + shift);
    // Show existing frame, inter frame, shown.
    first >> 6 == 2 && bits & 0x80 == 0 && bits & 0x40 == 0 && bits & 0x20 != 0
}

/// `None`: no picture was found among the units. `units` are their first bytes.
fn avc<'a>(units: impl Iterator<Item = &'a [u8]>) -> Option<bool> {
    let mut recovery = None;
    for unit in units {
        match unit.first()? & 0x1F {
            5 => return Some(true),
            // A recovery point is as good where the very first picture is exact.
            1..=4 => return Some(recovery == Some(0)),
            6 => recovery = recovery.or(recovery_frames(&unit[1..])),
            _ => {}
        }
    }
    None
}

/// How many frames it takes until pictures are exact, from a message of the sequence.
fn recovery_frames(message: &[u8]) -> Option<u32> {
    let mut rest = message;
    loop {
        let (kind, after) = message_number(rest)?;
        let (size, after) = message_number(after)?;
        if kind == 6 {
            return exp_golomb(after);
        }
        rest = after.get(size..)?;
        if rest.first() == Some(&0x80) {
            return None;
        }
    }
}

fn message_number(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let filled = bytes.iter().take_while(|byte| **byte == 0xFF).count();
    Some((filled * 255 + usize::from(*bytes.get(filled)?), &bytes[filled + 1..]))
}

fn exp_golomb(bytes: &[u8]) -> Option<u32> {
    let mut first = [0; 4];
    let held = bytes.len().min(4);
    first[..held].copy_from_slice(&bytes[..held]);
    let bits = u32::from_be_bytes(first);
    let zeros = bits.leading_zeros();
    (zeros <= 15).then(|| (bits << zeros >> (31 - zeros)) - 1)
}

fn hevc<'a>(units: impl Iterator<Item = &'a [u8]>) -> Option<bool> {
    for unit in units {
        match unit.first()? >> 1 & 0x3F {
            // Random-access pictures of all kinds.
            16..=23 => return Some(true),
            0..=31 => return Some(false),
            _ => {}
        }
    }
    None
}

/// Units behind their lengths; the last may be cut off.
fn lengths(mut bytes: &[u8], length_bytes: usize) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let (length, rest) = bytes.split_at_checked(length_bytes)?;
        let length = length.iter().fold(0, |length, byte| length << 8 | usize::from(*byte));
        let (unit, after) = rest.split_at(length.min(rest.len()));
        bytes = after;
        (!unit.is_empty()).then_some(unit)
    })
}

fn begins_with_start_code(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0, 0, 1]) || bytes.starts_with(&[0, 0, 0, 1])
}

/// Units behind start codes, each with all that follows it.
fn start_codes(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let codes = bytes.windows(3).enumerate().filter(|(_, window)| *window == [0, 0, 1]);
    codes.map(move |(at, _)| &bytes[at + 3..]).filter(|unit| !unit.is_empty())
}
