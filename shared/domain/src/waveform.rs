//! The waveform: how loud the proxy's sound is, for a strip under the player.
//!
//! All integers are little-endian. The layout is an invariant: browsers read it.
//!
//! | offset | type | what |
//! |---|---|---|
//! | 0 | 4 bytes | `HXWF` |
//! | 4 | u16 | version, 1 |
//! | 6 | u16 | peaks a second, 50 |
//! | 8 | u32 | peaks, N |
//! | 12 | u32 | 0 |
//! | 16 | N bytes | the peaks |
//!
//! Peak *n* is of the time from `n / 50` to `(n + 1) / 50` seconds after the first frame's start: the largest
//! absolute value of all samples mixed to one channel, 0 for silence and 255 for full scale.

/// Peaks a second.
pub const RATE: u32 = 50;

const MAGIC: &[u8; 4] = b"HXWF";
const VERSION: u16 = 1;
/// Bytes before the peaks.
pub const HEADER_BYTES: usize = 16;

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum WaveformError {
    #[error("the waveform's header is not one of version {VERSION}")]
    Header,
    #[error("the waveform has {peaks} peaks and {bytes} bytes of them")]
    Length { peaks: u32, bytes: usize },
}

/// Makes a waveform of samples that come in pieces of any length.
#[derive(Debug)]
pub struct WaveformWriter {
    /// Samples a peak.
    span: usize,
    /// How many samples of the next peak are in, and their largest value.
    taken: usize,
    peak: u16,
    /// The first byte of a sample whose second is still to come.
    half: Option<u8>,
    track: Vec<u8>,
}

impl WaveformWriter {
    /// `sample_rate` is a multiple of [`RATE`].
    pub fn new(sample_rate: u32) -> Self {
        let mut track = Vec::new();
        track.extend_from_slice(MAGIC);
        track.extend_from_slice(&VERSION.to_le_bytes());
        track.extend_from_slice(&(RATE as u16).to_le_bytes());
        track.extend_from_slice(&[0; 8]);
        Self { span: (sample_rate / RATE).max(1) as usize, taken: 0, peak: 0, half: None, track }
    }

    /// Takes signed 16-bit samples of one channel.
    pub fn push(&mut self, mut bytes: &[u8]) {
        if let (Some(low), Some((high, rest))) = (self.half, bytes.split_first()) {
            self.half = None;
            self.samples(&[low, *high]);
            bytes = rest;
        }
        let (pairs, odd) = bytes.split_at(bytes.len() & !1);
        self.samples(pairs);
        self.half = self.half.or(odd.first().copied());
    }

    fn samples(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let (now, later) = bytes.split_at(bytes.len().min(2 * (self.span - self.taken)));
            let loudest = now.chunks_exact(2).map(|sample| i16::from_le_bytes([sample[0], sample[1]]).unsigned_abs());
            self.peak = loudest.fold(self.peak, u16::max);
            self.taken += now.len() / 2;
            if self.taken == self.span {
                self.close();
            }
            bytes = later;
        }
    }

    fn close(&mut self) {
        // 32767 and -32768 are both full scale.
        self.track.push((self.peak >> 7).min(255) as u8);
        (self.taken, self.peak) = (0, 0);
    }

    /// The whole waveform. A peak that is not full counts.
    pub fn finish(mut self) -> Vec<u8> {
        if self.taken > 0 {
            self.close();
        }
        let peaks = (self.track.len() - HEADER_BYTES) as u32;
        self.track[8..12].copy_from_slice(&peaks.to_le_bytes());
        self.track
    }
}

/// The peaks of a waveform.
pub fn decode(track: &[u8]) -> Result<&[u8], WaveformError> {
    let (header, peaks) = track.split_first_chunk::<HEADER_BYTES>().ok_or(WaveformError::Header)?;
    let [m0, m1, m2, m3, v0, v1, _, _, n0, n1, n2, n3, ..] = *header;
    if [m0, m1, m2, m3] != *MAGIC || u16::from_le_bytes([v0, v1]) != VERSION {
        return Err(WaveformError::Header);
    }
    let count = u32::from_le_bytes([n0, n1, n2, n3]);
    if count as usize == peaks.len() {
        Ok(peaks)
    } else {
        Err(WaveformError::Length { peaks: count, bytes: peaks.len() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn waveform(samples: &[i16], pieces: usize) -> Vec<u8> {
        let bytes: Vec<u8> = samples.iter().flat_map(|sample| sample.to_le_bytes()).collect();
        let mut writer = WaveformWriter::new(500);
        bytes.chunks(pieces).for_each(|piece| writer.push(piece));
        writer.finish()
    }

    #[test]
    fn the_layout_is_the_documented_one() {
        let mut samples = [0i16; 25];
        (samples[3], samples[9], samples[12], samples[24]) = (-200, 150, i16::MIN, 32_767);
        let track = waveform(&samples, 7);
        assert_eq!(track, *b"HXWF\x01\0\x32\0\x03\0\0\0\0\0\0\0\x01\xff\xff");
        assert_eq!(decode(&track), Ok(&[1, 255, 255][..]));
    }

    #[test]
    fn what_is_no_waveform_is_refused() {
        assert_eq!(decode(b"HXWF"), Err(WaveformError::Header));
        let mut track = waveform(&[1000; 40], 80);
        track.pop();
        assert_eq!(decode(&track), Err(WaveformError::Length { peaks: 4, bytes: 3 }));
        track[4] = 2;
        assert_eq!(decode(&track), Err(WaveformError::Header));
    }

    proptest! {
        #[test]
        fn pieces_do_not_matter(samples in prop::collection::vec(any::<i16>(), 0..60), pieces in 1usize..9) {
            prop_assert_eq!(waveform(&samples, pieces), waveform(&samples, 1000));
        }
    }
}
