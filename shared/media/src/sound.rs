//! The proxy's sound: the packets of all chunks joined to one stream, decoded and encoded once, without seams.

use crate::{
    args::{self, begin, owned},
    mkv::{self, Clusters, MkvError, Reader, ebml::Elements},
    mp4::{self, Mp4Error, Track},
    runner::{Run, RunError, Tools},
};
use heaters_domain::{
    ErrorClass,
    waveform::{RATE, WaveformWriter},
};
use std::{
    io::{self, Read, Write},
    path::Path,
    time::Duration,
};

/// The encoded sound, an MP4 of its own.
pub const ENCODED_FILE: &str = "sound.mp4";
/// The sound of the lossless master, Matroska of its own.
pub const LOSSLESS_FILE: &str = "sound-lossless.mka";
const SAMPLE_RATE: u32 = 48_000;
const _: () = assert!(SAMPLE_RATE.is_multiple_of(RATE));
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

impl SoundError {
    pub fn class(&self) -> ErrorClass {
        match self {
            Self::Run(error) => error.class(),
            Self::Chunk(error) => error.class(),
            Self::Encoded(_) => ErrorClass::ToolFailure,
        }
    }

    /// One sentence for people.
    pub fn sentence(&self) -> String {
        match self {
            Self::Run(error) => error.sentence(),
            Self::Chunk(_) | Self::Encoded(_) => "The video's sound could not be put together.".to_owned(),
        }
    }
}

/// Puts the sound of chunks together as one Matroska stream.
///
/// Neighbours overlap: what of a chunk is not later than the last packet of those before it is left out.
/// Chunks without sound leave a gap. Time stamps stay as they are.
#[derive(Debug)]
pub struct Join<W: Write> {
    out: Option<W>,
    clusters: Option<(Clusters<W>, Format)>,
    last: i64,
    skipped: u32,
}

/// What the chunks have to have in common to be one stream.
#[derive(Debug, PartialEq, Eq)]
struct Format {
    timestamp_scale: u64,
    codec: String,
    codec_private: Vec<u8>,
}

impl<W: Write> Join<W> {
    pub fn new(out: W) -> Self {
        Self { out: Some(out), clusters: None, last: i64::MIN, skipped: 0 }
    }

    /// Adds the next chunk's file. One in another format than the first is left out and counted.
    pub fn add(&mut self, chunk: impl Read) -> Result<(), MkvError> {
        let mut chunk = Reader::open(chunk)?;
        let head = chunk.head();
        let Some(track) = head.tracks.iter().find(|track| track.kind == SOUND_KIND) else { return Ok(()) };
        let number = track.number;
        let format = Format {
            timestamp_scale: head.timestamp_scale,
            codec: track.codec.clone(),
            codec_private: track.codec_private.clone(),
        };
        if let Some(mut out) = self.out.take() {
            let entry = without_delay(&track.numbered(1)?)?;
            out.write_all(&mkv::header(format.timestamp_scale, None, &[entry]))?;
            self.clusters = Some((Clusters::new(out, format.timestamp_scale), format));
        } else if self.clusters.as_ref().is_some_and(|(_, first)| *first != format) {
            self.skipped += 1;
            return Ok(());
        }
        let Some((clusters, _)) = &mut self.clusters else { return Ok(()) };
        let mut overlaps = true;
        while let Some(block) = chunk.next_block()? {
            overlaps = overlaps && block.time <= self.last;
            if block.track == number && !overlaps {
                clusters.push(1, &block)?;
                self.last = block.time;
            }
        }
        Ok(())
    }

    /// Writes the rest. Gives how many chunks were left out.
    pub fn finish(self) -> Result<u32, MkvError> {
        if let Some((clusters, _)) = self.clusters {
            clusters.finish()?;
        }
        Ok(self.skipped)
    }
}

/// A TrackEntry's payload without CodecDelay: ffmpeg takes it off the time stamps when it reads, and has not
/// added it when it copied.
fn without_delay(entry: &[u8]) -> Result<Vec<u8>, MkvError> {
    const CODEC_DELAY: u32 = 0x56AA;
    let mut kept = Vec::with_capacity(entry.len());
    for child in Elements::new(entry, 0) {
        let child = child?;
        if child.id != CODEC_DELAY {
            kept.extend_from_slice(child.whole);
        }
    }
    Ok(kept)
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
/// Blocks. Gaps and what is missing at either end become silence.
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
    let mut waveform = WaveformWriter::new(SAMPLE_RATE);
    let measure = |piece: &[u8]| {
        waveform.push(piece);
        Ok(())
    };
    match input {
        Input::Stream(feed) => tools.ffmpeg_fed(&run, feed, measure, |_| ())?,
        Input::File { .. } => tools.ffmpeg(&run, measure, |_| ())?,
    };
    let track = mp4::read_track(&folder.join(ENCODED_FILE))?;
    Ok(Encoded { track, waveform: waveform.finish() })
}

/// ffmpeg: [`ENCODED_FILE`], 16-bit samples of one channel on standard output and, where it is asked for,
/// [`LOSSLESS_FILE`], with one decoder.
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
    // On speech and music the fast coder comes nearer to the source than the default, in half the time; the
    // encoder has no use for threads.
    args.extend(owned(&["-map", "[sound]", "-c:a", "aac", "-aac_coder", "fast", "-b:a"]));
    args.push(format!("{}k", encoding.kbps));
    args.extend(owned(&["-map_metadata", "-1", "-fflags", "+bitexact", "-f", "mp4", ENCODED_FILE]));
    args.extend(owned(&["-map", "[peaks]", "-f", "s16le", "pipe:1"]));
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
         apad,atrim=end={duration_seconds:.9},asplit[sound][mixed];\
         [mixed]aformat=sample_fmts=s16:channel_layouts=mono[peaks]"
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

    #[test]
    fn what_is_no_matroska_is_an_error() {
        let mut out = Vec::new();
        assert!(Join::new(&mut out).add(&b"not sound"[..]).is_err());
        assert!(out.is_empty());
    }
}
