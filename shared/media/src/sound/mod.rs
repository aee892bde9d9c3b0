//! The proxy's sound: the packets of all chunks joined to one stream, decoded and encoded once, without seams.
//!
//! One tool decodes; its samples are encoded in parts of a minute, on all cores, and the parts joined where nobody
//! can hear it (see [`adts`]).

mod adts;
mod join;
mod parts;

pub use join::Join;

use crate::{
    args::{self, begin, owned},
    mkv::{MkvError, Reader},
    mp4::{Mp4Error, Track},
    runner::{Run, RunError, Tools},
};
use heaters_domain::{Fault, Told, waveform::WaveformWriter};
use parts::{Encoders, SAMPLE_RATE};
use std::{
    io::{self, Read, Write},
    num::NonZeroUsize,
    path::Path,
    thread,
    time::Duration,
};

/// The encoded sound, an MP4 of its own.
pub const ENCODED_FILE: &str = "sound.mp4";
/// The sound of the lossless master, Matroska of its own.
pub const LOSSLESS_FILE: &str = "sound-lossless.mka";
/// Matroska's number of a track that holds sound.
const SOUND_KIND: u64 = 2;

#[derive(Debug, thiserror::Error)]
pub enum SoundError {
    #[error(transparent)]
    Run(#[from] RunError),
    #[error("a chunk's sound can't be read")]
    Chunk(#[from] MkvError),
    #[error("the encoded sound can't be used")]
    Encoded(#[from] Mp4Error),
}

impl Fault for SoundError {
    fn told(&self) -> Told<'_> {
        let sentence = "The video's sound could not be put together.";
        match self {
            Self::Run(error) => Told::By(error),
            Self::Chunk(error) => Told::Own(error.class(), sentence.into()),
            Self::Encoded(_) => Told::tool_failure(sentence),
        }
    }
}

/// The codec of the sound of a chunk, as Matroska names it.
pub fn codec(chunk: impl Read) -> Result<Option<String>, MkvError> {
    let chunk = Reader::open(chunk)?;
    Ok(chunk.head().tracks.iter().find(|track| track.kind == SOUND_KIND).map(|track| track.codec.clone()))
}

/// Where the sound to encode comes from.
#[derive(Debug)]
pub enum Input<'a, F> {
    /// What this writes: Matroska, as [`Join`] makes it.
    Stream(F),
    /// A stream of a file in the folder.
    File { name: &'a str, stream: u32 },
}

/// How the sound is encoded.
#[derive(Debug, Clone, PartialEq)]
pub struct Encoding {
    /// What is heard when the first frame is shown, in seconds of the input's time stamps.
    pub start_seconds: f64,
    /// How long the picture is.
    pub duration_seconds: f64,
    pub kbps: u32,
    /// Whether [`LOSSLESS_FILE`] is made too, of sound in that codec of Matroska.
    pub lossless: Option<String>,
}

/// The encoded sound.
#[derive(Debug)]
pub struct Encoded {
    /// Its samples are in [`ENCODED_FILE`].
    pub track: Track,
    /// As [`heaters_domain::waveform`] has it.
    pub waveform: Vec<u8>,
}

/// Encodes the sound to AAC in `folder` so that it starts and ends with the picture, and makes its waveform.
/// Blocks. Gaps and what is missing at either end become silence. The result does not depend on the number of cores.
pub fn encode<F>(
    tools: &Tools,
    folder: &Path,
    input: Input<'_, F>,
    encoding: &Encoding,
    deadline: Duration,
) -> Result<Encoded, SoundError>
where
    F: FnOnce(&mut dyn Write) -> io::Result<()> + Send,
{
    let args = command(&input, encoding);
    let run = Run { args: &args, folder, deadline, subject: "the sound" };
    let encoders = Encoders {
        tools,
        folder,
        kbps: encoding.kbps,
        deadline,
        threads: thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
    };
    let mut waveform = WaveformWriter::new(SAMPLE_RATE);
    let track = encoders.run(|take| {
        let mut take = |piece: &[u8]| {
            waveform.push(&mixed(piece));
            take(piece)
        };
        let mut whole = parts::Frames::default();
        let decoded = |piece: &[u8]| whole.push(piece, &mut take);
        match input {
            Input::Stream(feed) => tools.ffmpeg_fed(&run, feed, decoded, |_| ()),
            Input::File { .. } => tools.ffmpeg(&run, decoded, |_| ()),
        }
    })?;
    Ok(Encoded { track, waveform: waveform.finish() })
}

/// Both channels of samples in floating point as 16-bit samples of one.
fn mixed(samples: &[u8]) -> Vec<u8> {
    let sample = |bytes: &[u8]| f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
    let pairs = samples.chunks_exact(parts::FRAME_BYTES);
    // A value that is out of range, or none, saturates.
    pairs.flat_map(|pair| (((sample(pair) + sample(&pair[4..])) * 16_384.0).round() as i16).to_le_bytes()).collect()
}

/// ffmpeg: 32-bit samples of two channels on standard output and, where it is asked for, [`LOSSLESS_FILE`], with one
/// decoder.
fn command<F>(input: &Input<'_, F>, encoding: &Encoding) -> Vec<String> {
    let mut args = begin();
    args.push("-copyts".to_owned());
    let stream = match input {
        Input::Stream(_) => {
            args.extend(owned(&["-protocol_whitelist", "pipe", "-f", "matroska", "-i", "pipe:0"]));
            "0:a:0".to_owned()
        }
        Input::File { name, stream } => {
            args.extend(args::input(name));
            format!("0:{stream}")
        }
    };
    args.extend(["-filter_complex".to_owned(), filter(&stream, encoding)]);
    args.extend(owned(&["-map", "[sound]", "-c:a", "pcm_f32le", "-f", "f32le", "pipe:1"]));
    if let Some(codec) = &encoding.lossless {
        args.extend(["-map".to_owned(), stream]);
        args.extend(owned(lossless(codec)));
        args.extend(owned(&["-map_metadata", "-1", "-avoid_negative_ts", "disabled", "-fflags", "+bitexact"]));
        args.extend(owned(&["-f", "matroska", LOSSLESS_FILE]));
    }
    args
}

/// Up to 5 ms that packets come too early or late are the rounding of their time stamps. More is drift and is
/// stretched by no more than a hundredth, which nobody hears; from 50 ms on there is a gap or too much.
fn filter(stream: &str, encoding: &Encoding) -> String {
    let Encoding { start_seconds, duration_seconds, .. } = encoding;
    let sync = format!("async={}:min_comp=0.005:min_hard_comp=0.05:first_pts=0", SAMPLE_RATE / 100);
    format!(
        "[{stream}]asetpts=PTS-{start_seconds:.9}/TB,aresample={SAMPLE_RATE}:{sync},\
         aformat=sample_fmts=fltp:sample_rates={SAMPLE_RATE}:channel_layouts=stereo,\
         apad,atrim=end={duration_seconds:.9}[sound]"
    )
}

/// How sound in a codec is kept without loss: as it is where nothing was lost before, else as what it decodes
/// to. Lossy codecs decode to more bits than they mean; what players make of them is 16.
fn lossless(codec: &str) -> &'static [&'static str] {
    match codec {
        "A_FLAC" | "A_ALAC" => &["-c:a", "copy"],
        _ if codec.starts_with("A_PCM") => &["-c:a", "copy"],
        "A_VORBIS" | "A_OPUS" | "A_AC3" | "A_EAC3" => &["-c:a", "flac", "-sample_fmt", "s16"],
        _ if codec.starts_with("A_AAC") || codec.starts_with("A_MPEG") => &["-c:a", "flac", "-sample_fmt", "s16"],
        _ => &["-c:a", "flac"],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_that_lost_nothing_is_kept_as_it_is() {
        assert_eq!(lossless("A_PCM/INT/LIT")[1], "copy");
        assert_eq!(lossless("A_AAC"), ["-c:a", "flac", "-sample_fmt", "s16"]);
        assert_eq!(lossless("A_TRUEHD"), ["-c:a", "flac"]);
    }
}
