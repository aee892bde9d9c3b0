//! What becomes of the sound in a copy.

use crate::{args::Samples, probe::SoundDetails};

/// Codecs whose packets MOV holds so that all that decoders need is there.
const HELD: [&str; 15] = [
    "mp2",
    "mp3",
    "aac",
    "ac3",
    "eac3",
    "pcm_s16le",
    "pcm_s16be",
    "pcm_s24le",
    "pcm_s24be",
    "pcm_s32le",
    "pcm_s32be",
    "pcm_f32le",
    "pcm_f32be",
    "pcm_alaw",
    "pcm_mulaw",
];
/// Codecs whose samples ALAC holds: those that lose more than the 24th bit, and FLAC. Others may have gaps between their
/// packets, which larger packets would close.
const AS_ALAC: [&str; 7] = ["vorbis", "opus", "wmav1", "wmav2", "wmapro", "dts", "flac"];
/// ALAC knows a few layouts of more channels; others would be mixed.
const MOST_ALAC_CHANNELS: u32 = 2;

/// What sound becomes; `None`: its packets are copied.
pub(super) fn samples(sound: &SoundDetails) -> Option<Samples> {
    let codec = sound.codec.as_str();
    if HELD.contains(&codec) {
        return None;
    }
    let is_alac = AS_ALAC.contains(&codec) && sound.channels <= MOST_ALAC_CHANNELS;
    Some(if is_alac { Samples::Alac } else { Samples::Float })
}

#[cfg(test)]
mod tests {
    use super::*;
    use heaters_domain::Rational;

    #[test]
    fn what_mov_does_not_hold_becomes_samples() {
        let samples = |codec: &str, channels| {
            super::samples(&SoundDetails {
                codec: codec.to_owned(),
                channels,
                time_base: Rational { num: 1, den: 1000 },
            })
        };
        assert_eq!((samples("aac", 2), samples("pcm_f32le", 8)), (None, None));
        assert_eq!((samples("vorbis", 1), samples("wmav2", 2)), (Some(Samples::Alac), Some(Samples::Alac)));
        assert_eq!((samples("flac", 2), samples("pcm_dvd", 2)), (Some(Samples::Alac), Some(Samples::Float)));
        assert_eq!((samples("vorbis", 6), samples("flac", 4)), (Some(Samples::Float), Some(Samples::Float)));
    }
}
