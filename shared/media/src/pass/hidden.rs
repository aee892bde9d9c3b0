//! Packets that may give no frame of their own.
//!
//! - VP8 and VP9 have pictures that are only referred to; the packet says so in its first byte (RFC 6386, 9.1; VP9
//!   bitstream specification, 7.2). Where VP9 puts one together with a picture that is shown, in a superframe, the
//!   packet has its frame.
//! - MPEG-4 Visual has pictures that say no more than that nothing was coded. They stand for a repetition, which
//!   decoders leave out, or behind two pictures that were packed into one packet. Nothing else is as short.

use super::{PassError, crc::Line};
use crate::args::PACKETS_DATA_FILE;
use std::{fs::File, io, os::unix::fs::FileExt, path::Path};

/// The longest MPEG-4 picture of which nothing was coded, in bytes; ffmpeg takes the same bound.
const LONGEST_NOT_CODED: u64 = 19;

/// Whether packets of a codec have to be looked into.
pub fn need_data(codec: &str) -> bool {
    matches!(codec, "vp8" | "vp9")
}

/// Marks the packets that may give no frame. `folder` has their data, where that is needed.
pub fn mark(packets: &mut [Line], folder: &Path, codec: &str) -> Result<(), PassError> {
    if codec == "mpeg4" {
        for packet in packets.iter_mut() {
            packet.hidden = packet.size <= LONGEST_NOT_CODED;
        }
    }
    if !need_data(codec) {
        return Ok(());
    }
    let path = folder.join(PACKETS_DATA_FILE);
    let failed = |source: io::Error| PassError::File { path: path.clone(), source };
    let file = File::open(&path).map_err(failed)?;
    let mut at = 0;
    for packet in packets.iter_mut().filter(|packet| packet.size > 0) {
        let byte = |at| -> Result<u8, PassError> {
            let mut byte = [0];
            file.read_exact_at(&mut byte, at).map_err(failed)?;
            Ok(byte[0])
        };
        packet.hidden = match codec {
            "vp8" => vp8_hidden(byte(at)?),
            _ => !is_superframe(byte(at + packet.size - 1)?) && vp9_hidden(byte(at)?),
        };
        at += packet.size;
    }
    Ok(())
}

fn vp8_hidden(first: u8) -> bool {
    first & 0x10 == 0
}

/// A superframe's index ends with its own first byte.
fn is_superframe(last: u8) -> bool {
    last & 0xE0 == 0xC0
}

fn vp9_hidden(first: u8) -> bool {
    // Frame marker 2, two bits of profile, and one more that is reserved in profile 3.
    let bits = first << (4 + u32::from(first & 0x30 == 0x30));
    let (shows_existing, shown) = (bits & 0x80 != 0, bits & 0x20 != 0);
    !shows_existing && !shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_bytes_tell_what_is_shown() {
        assert!(vp8_hidden(0b0000_0001) && !vp8_hidden(0b0001_0000));
        // A key frame, a frame that is not shown, and an order to show one that is there.
        assert!(!vp9_hidden(0b1000_0010) && vp9_hidden(0b1000_0100) && !vp9_hidden(0b1000_1000));
        assert!(is_superframe(0b1100_1001) && !is_superframe(0b1010_0000));
    }
}
