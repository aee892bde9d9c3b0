//! The one pass over a source: decodes each frame once and gives the proxy's picture, the thumbnails, the
//! time stamps and the sound packets.

use crate::{
    args::{self, Pass, RAW_THUMB_BYTES},
    assembly::{self, AssemblyError, EncodedSound, Stamp},
    index::Index,
    mp4::{self, Mp4Error},
    runner::{Run, RunError, Tools},
};
use heaters_domain::{
    ErrorClass,
    plan::Source,
    thumbs::{CHROMA_HEIGHT, CHROMA_WIDTH, LUMA_BYTES, Thumb, ThumbsError, ThumbsWriter},
};
use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

const RAW_CHROMA_BYTES: usize = LUMA_BYTES / 4;

#[derive(Debug, thiserror::Error)]
pub enum PassError {
    #[error(transparent)]
    Run(#[from] RunError),
    #[error(transparent)]
    Assembly(#[from] AssemblyError),
    #[error("the thumbnails can't be packed")]
    Thumbs(#[from] ThumbsError),
    #[error("{} can't be read", path.display())]
    File { path: PathBuf, source: io::Error },
}

impl PassError {
    pub fn class(&self) -> ErrorClass {
        match self {
            Self::Run(error) => error.class(),
            Self::Assembly(error) => error.class(),
            Self::Thumbs(_) => ErrorClass::Internal,
            Self::File { .. } => ErrorClass::Transient,
        }
    }

    /// One sentence for people.
    pub fn sentence(&self) -> String {
        match self {
            Self::Run(error) => error.sentence(),
            Self::Assembly(error) => error.sentence(),
            Self::Thumbs(_) => "The video's thumbnails could not be made.".to_owned(),
            Self::File { .. } => "The temporary disk could not be read. Retry it.".to_owned(),
        }
    }
}

impl From<Mp4Error> for PassError {
    fn from(error: Mp4Error) -> Self {
        Self::Assembly(error.into())
    }
}

/// What a pass gave. [`args::PICTURE_FILE`] in its folder is the chunk's media, a piece of a proxy.
#[derive(Debug)]
pub struct Chunk {
    pub index: Index,
    /// The thumbnail track.
    pub thumbs: Vec<u8>,
    /// Whether [`args::SOUND_FILE`] is in the folder.
    pub has_sound: bool,
    /// Whether the source's sound could not be kept.
    pub sound_dropped: bool,
    /// How many errors ffmpeg logged and went on after.
    pub complaints: u32,
}

/// Runs the pass over one chunk in `folder`. Blocks. `first` says whether it is the video's first chunk.
pub fn run(
    tools: &Tools,
    folder: &Path,
    pass: &Pass<'_>,
    first: bool,
    deadline: Duration,
    mut on_progress: impl FnMut(u32) + Send,
) -> Result<Chunk, PassError> {
    match attempt(tools, folder, pass, first, deadline, &mut on_progress) {
        // Sound that can't be copied must not cost the picture.
        Err(error @ PassError::Run(RunError::Failed { .. })) if pass.sound.is_some() => {
            tracing::warn!(detail = %error, "retrying without the sound");
            let silent = Pass { sound: None, ..*pass };
            let chunk = attempt(tools, folder, &silent, first, deadline, &mut on_progress)?;
            Ok(Chunk { sound_dropped: true, ..chunk })
        }
        result => result,
    }
}

fn attempt(
    tools: &Tools,
    folder: &Path,
    pass: &Pass<'_>,
    first: bool,
    deadline: Duration,
    on_progress: &mut (impl FnMut(u32) + Send),
) -> Result<Chunk, PassError> {
    let mut thumbs = ThumbSplitter { buffer: Vec::with_capacity(RAW_THUMB_BYTES), writer: ThumbsWriter::new()? };
    let command = args::preprocess(pass);
    let run = Run { args: &command, folder, deadline, subject: pass.picture_file };
    let said = match tools.ffmpeg(&run, |piece| thumbs.push(piece), on_progress) {
        Ok(said) => said,
        // ffmpeg fails when an output got no packet, which is all there is to a video without frames.
        Err(error @ RunError::Failed { .. }) if thumbs.writer.frames() == 0 && pass.sound.is_none() => {
            tracing::warn!(detail = %error, "nothing was decoded");
            return Err(AssemblyError::NoFrame.into());
        }
        Err(error) => return Err(error.into()),
    };
    let count = thumbs.writer.frames();
    if count == 0 {
        return Err(AssemblyError::NoFrame.into());
    }
    let stamps = folder.join(args::STAMPS_FILE);
    let stamps = fs::read_to_string(&stamps).map_err(|source| PassError::File { path: stamps, source })?;
    let picture = folder.join(args::PICTURE_FILE);
    let track = mp4::read_track(&picture)?;
    let media_bytes = mp4::make_piece(&picture, first)?;
    let index = assembly::chunk_index(&track, &assembly::parse_stamps(&stamps)?, count, pass.source, media_bytes)?;
    let has_sound =
        pass.sound.is_some() && fs::metadata(folder.join(args::SOUND_FILE)).is_ok_and(|file| file.len() > 0);
    let thumbs = thumbs.writer.finish()?;
    Ok(Chunk { index, thumbs, has_sound, sound_dropped: false, complaints: said.complaints })
}

/// All that scene detection needs of a source.
#[derive(Debug)]
pub struct Seen {
    /// The thumbnail track.
    pub thumbs: Vec<u8>,
    /// When each frame is shown, in ticks of the source's time base.
    pub stamps: Vec<Stamp>,
}

/// Decodes a source for its thumbnails alone, in `folder`. Blocks.
pub fn thumbnails(
    tools: &Tools,
    folder: &Path,
    source: &Source,
    file: &str,
    deadline: Duration,
    on_progress: impl FnMut(u32) + Send,
) -> Result<Seen, PassError> {
    let mut thumbs = ThumbSplitter { buffer: Vec::with_capacity(RAW_THUMB_BYTES), writer: ThumbsWriter::new()? };
    let command = args::thumbnails(source, file);
    let run = Run { args: &command, folder, deadline, subject: file };
    tools.ffmpeg(&run, |piece| thumbs.push(piece), on_progress)?;
    let stamps = folder.join(args::STAMPS_FILE);
    let stamps = fs::read_to_string(&stamps).map_err(|source| PassError::File { path: stamps, source })?;
    let (count, stamps) = (thumbs.writer.frames(), assembly::parse_stamps(&stamps)?);
    if stamps.is_empty() {
        return Err(AssemblyError::NoFrame.into());
    }
    if stamps.len() as u32 != count {
        let stamps = stamps.len() as u32;
        return Err(AssemblyError::Counts { frames: count, stamps, thumbs: count }.into());
    }
    Ok(Seen { thumbs: thumbs.writer.finish()?, stamps })
}

/// Cuts ffmpeg's output into thumbnails.
struct ThumbSplitter {
    buffer: Vec<u8>,
    writer: ThumbsWriter,
}

impl ThumbSplitter {
    fn push(&mut self, mut piece: &[u8]) -> io::Result<()> {
        while !piece.is_empty() {
            let (now, later) = piece.split_at(piece.len().min(RAW_THUMB_BYTES - self.buffer.len()));
            self.buffer.extend_from_slice(now);
            piece = later;
            if self.buffer.len() == RAW_THUMB_BYTES {
                self.writer.push(&thumb(&self.buffer)).map_err(io::Error::other)?;
                self.buffer.clear();
            }
        }
        Ok(())
    }
}

fn thumb(raw: &[u8]) -> Thumb {
    let chroma = |start: usize| {
        let plane = &raw[start..start + RAW_CHROMA_BYTES];
        std::array::from_fn(|at| {
            let (row, column) = (at / CHROMA_WIDTH * 2, at % CHROMA_WIDTH * 2);
            let sum: u16 = [(0, 0), (0, 1), (1, 0), (1, 1)]
                .iter()
                .map(|(down, right)| u16::from(plane[(row + down) * CHROMA_WIDTH * 2 + column + right]))
                .sum();
            ((sum + 2) / 4) as u8
        })
    };
    const { assert!(RAW_CHROMA_BYTES == CHROMA_WIDTH * CHROMA_HEIGHT * 4) };
    let luma = std::array::from_fn(|at| raw[at]);
    Thumb { luma, u: chroma(LUMA_BYTES), v: chroma(LUMA_BYTES + RAW_CHROMA_BYTES) }
}

/// Encodes [`args::SOUND_FILE`] in `folder` so that it starts and ends with the picture of `index`. Blocks.
pub fn encode_sound(
    tools: &Tools,
    folder: &Path,
    index: &Index,
    kbps: u32,
    deadline: Duration,
) -> Result<EncodedSound, PassError> {
    let start_seconds = index.head.start_pts as f64 * index.head.time_base.as_f64();
    let command = args::encode_sound(start_seconds, index.head.duration_seconds(), kbps);
    let run = Run { args: &command, folder, deadline, subject: "the sound" };
    tools.ffmpeg(&run, |_| Ok(()), |_| ())?;
    let path = folder.join(args::ENCODED_SOUND_FILE);
    let track = mp4::read_track(&path)?;
    let media = fs::read(&path).map_err(|source| PassError::File { path, source })?;
    Ok(EncodedSound { track, media })
}
