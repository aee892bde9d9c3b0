//! The one pass over a chunk: decodes each frame once and gives the proxy's picture, the thumbnails, the
//! storyboard's tiles, the sound packets and, where it is asked for, a lossless copy; and proves that all frames
//! are there.

mod chunk_index;
mod command;
pub(crate) mod crc;
mod hidden;
mod proof;
mod thumbs;
mod tiles;

pub use command::{Pass, Reused, SoundMode};
pub use proof::ProofError;

use crate::{
    args,
    complaints::{Complaints, PictureTools},
    index::Index,
    mp4::{self, Mp4Error},
    runner::{Run, RunError, Said, Tools},
    source::piped::Pipe,
};
use chunk_index::Decoded;
use heaters_domain::{Fault, Told, plan::Source, thumbs::ThumbsError, tiles::Tiles};
use hidden::Looker;
use proof::Rules;
use std::{
    fs, io,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

#[derive(Debug, thiserror::Error)]
pub enum PassError {
    #[error(transparent)]
    Run(#[from] RunError),
    #[error(transparent)]
    Proof(#[from] ProofError),
    #[error("the encoded picture or sound can't be used")]
    Mp4(#[from] Mp4Error),
    #[error("the thumbnails can't be packed")]
    Thumbs(#[from] ThumbsError),
    #[error("the storyboard's tiles are not those of their list")]
    Tiles,
    #[error("the packets are not those of their list")]
    Packets,
    #[error("line {number} of {} is not understood", path.display())]
    Line { path: PathBuf, number: usize },
    #[error("{} can't be read", path.display())]
    File { path: PathBuf, source: io::Error },
}

impl Fault for PassError {
    fn told(&self) -> Told<'_> {
        let no_thumbnails = "The video's thumbnails could not be made.";
        match self {
            Self::Run(error) => Told::By(error),
            Self::Proof(error) => Told::By(error),
            Self::Mp4(_) | Self::Packets | Self::Line { .. } => {
                Told::tool_failure("The review copy could not be put together.")
            }
            Self::Tiles => Told::tool_failure(no_thumbnails),
            Self::Thumbs(ThumbsError::File(_)) | Self::File { .. } => Told::scratch(),
            Self::Thumbs(_) => Told::internal(no_thumbnails),
        }
    }
}

/// What a pass gave. [`args::PICTURE_FILE`] in its folder is the chunk's media, a piece of a proxy, unless the source's
/// picture is taken as it is;
/// [`args::MASTER_FILE`] is the lossless copy.
#[derive(Debug)]
pub struct Chunk {
    pub index: Index,
    /// The thumbnail track.
    pub thumbs: Vec<u8>,
    pub tiles: Tiles,
    /// Whether [`args::SOUND_FILE`] is in the folder.
    pub has_sound: bool,
    /// Whether the source's sound could not be kept.
    pub sound_dropped: bool,
    /// How many of the source's frames were lost to damage.
    pub undecodable: u32,
    /// How many errors ffmpeg logged and went on after.
    pub complaints: u32,
}

/// Runs the pass over one chunk in `folder`, whose bytes are there. Blocks.
pub fn run(
    tools: &Tools,
    folder: &Path,
    pass: &Pass<'_>,
    deadline: Duration,
    on_progress: impl FnMut(u32) + Send,
) -> Result<Chunk, PassError> {
    run_piped(tools, folder, pass, None, deadline, on_progress)
}

/// The same for a source that comes through a pipe, where there is one.
pub fn run_piped(
    tools: &Tools,
    folder: &Path,
    pass: &Pass<'_>,
    pipe: Option<&Pipe>,
    deadline: Duration,
    mut on_progress: impl FnMut(u32) + Send,
) -> Result<Chunk, PassError> {
    let begun = Instant::now();
    let mut sound = if pass.local.sound.is_some() { SoundMode::Copied } else { SoundMode::Dropped };
    loop {
        let left = deadline.saturating_sub(begun.elapsed());
        let mut attempt = Attempt { tools, folder, pass, pipe, sound, frames: 0 };
        match attempt.run(left, &mut on_progress) {
            // Sound that can't be copied must not cost the picture. A container may be unable to hold it, and damaged
            // packets may not fit the container; samples are held by every one, and decoders live with damage.
            Err(error @ PassError::Run(RunError::Failed { .. })) if sound != SoundMode::Dropped => {
                sound = if sound == SoundMode::Copied { SoundMode::Decoded } else { SoundMode::Dropped };
                tracing::warn!(detail = %error, ?sound, "trying the sound another way");
            }
            // ffmpeg fails when an output got no packet, which is all there is to a video without frames.
            Err(error @ PassError::Run(RunError::Failed { .. })) if attempt.frames == 0 => {
                tracing::warn!(detail = %error, "nothing was decoded");
                return Err(ProofError::NoFrame.into());
            }
            result => return result,
        }
    }
}

struct Attempt<'a> {
    tools: &'a Tools,
    folder: &'a Path,
    pass: &'a Pass<'a>,
    pipe: Option<&'a Pipe>,
    sound: SoundMode,
    /// How many frames there were when it ended.
    frames: u32,
}

impl Attempt<'_> {
    fn run(&mut self, deadline: Duration, on_progress: &mut (impl FnMut(u32) + Send)) -> Result<Chunk, PassError> {
        let Self { tools, folder, pass, pipe, sound, .. } = *self;
        let mut thumbs = thumbs::Splitter::new()?;
        for output in [args::PICTURE_FILE, args::SOUND_FILE, args::MASTER_FILE] {
            forget(&folder.join(output))?;
        }
        let command = command::command(pass, sound, pipe.is_some());
        let run = Run { args: &command, folder, deadline, subject: pass.file };
        let looker = Looker::start(folder, &pass.source.media.video_codec)?;
        let result = match pipe {
            Some(pipe) => tools.ffmpeg_fed(&run, |input| pipe.write(input), |piece| thumbs.push(piece), on_progress),
            None => tools.ffmpeg(&run, |piece| thumbs.push(piece), on_progress),
        };
        self.frames = thumbs.frames();
        let Said { complaints, .. } = result?;
        if self.frames == 0 {
            return Err(ProofError::NoFrame.into());
        }
        let hidden = looker.map(Looker::finish).transpose()?;
        let (index, undecodable) = self.prove(&complaints, hidden.as_deref())?;
        let sound_file = folder.join(args::SOUND_FILE);
        let has_sound = sound != SoundMode::Dropped && fs::metadata(sound_file).is_ok_and(|file| file.len() > 0);
        Ok(Chunk {
            index,
            thumbs: thumbs.finish()?,
            tiles: tiles::read(folder, pass.source)?,
            has_sound,
            sound_dropped: pass.local.sound.is_some() && !has_sound,
            undecodable,
            complaints: complaints.total(),
        })
    }

    /// The index of the chunk, once it is known to have the source's frames.
    fn prove(&self, complaints: &Complaints, looked: Option<&[bool]>) -> Result<(Index, u32), PassError> {
        let Self { folder, pass, .. } = self;
        let time_base = pass.source.media.time_base;
        let media = &pass.source.media;
        let container = pass.source.read_container();
        let tools = PictureTools { codec: &media.video_codec, container, stream: pass.local.picture };
        let complaints = complaints.of_picture(tools);
        let mut packets = crc::read(&folder.join(args::PACKETS_FILE), time_base, pass.local.shift)?;
        hidden::mark(&mut packets, looked, &media.video_codec)?;
        let stamps = crc::read(&folder.join(args::STAMPS_FILE), time_base, 0)?;
        let times = times(&stamps)?;
        let proof = proof::prove(&packets, &times, &Rules::of(pass.source, pass.chunk, complaints))?;
        let decoded = Decoded { stamps: &stamps, times: &times, proof: &proof, source: pass.source };
        let index = if let Some(reused) = pass.reused {
            self.count(times.len(), times.len())?;
            decoded.index_of_source(reused)?
        } else {
            let picture = folder.join(args::PICTURE_FILE);
            let track = mp4::read_track(&picture)?;
            self.count(track.samples.len(), times.len())?;
            decoded.index_of_track(&track, mp4::make_piece(&picture, pass.chunk.index == 0)?)?
        };
        Ok((index, proof.undecodable))
    }

    /// All outputs have as many frames.
    fn count(&self, frames: usize, stamps: usize) -> Result<(), ProofError> {
        let (frames, stamps, thumbs) = (frames as u32, stamps as u32, self.frames);
        if frames == stamps && stamps == thumbs { Ok(()) } else { Err(ProofError::Counts { frames, stamps, thumbs }) }
    }
}

/// Removes what an attempt before may have left: whoever follows a file as it grows takes one that is overwritten for
/// the same.
fn forget(path: &Path) -> Result<(), PassError> {
    match fs::remove_file(path) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => {
            Err(PassError::File { path: path.to_owned(), source })
        }
        _ => Ok(()),
    }
}

/// The times of the decoder's frames.
fn times(stamps: &[crc::Line]) -> Result<Vec<i64>, ProofError> {
    let times = (0..).zip(stamps).map(|(frame, stamp)| stamp.pts.ok_or(ProofError::Timeless { frame }));
    times.collect()
}

/// Decodes a source for its thumbnails alone, in `folder`, where [`args::THUMBS_FILE`] becomes their track. Gives when
/// each frame is shown, in ticks of the source's time base. Blocks.
pub fn thumbnails(
    tools: &Tools,
    folder: &Path,
    source: &Source,
    file: &str,
    deadline: Duration,
    on_progress: impl FnMut(u32) + Send,
) -> Result<Vec<i64>, PassError> {
    let path = folder.join(args::THUMBS_FILE);
    let file_error = |source| PassError::File { path: path.clone(), source };
    let mut thumbs = thumbs::Splitter::onto(io::BufWriter::new(fs::File::create(&path).map_err(file_error)?))?;
    let command = command::thumbnails(source, file);
    let run = Run { args: &command, folder, deadline, subject: file };
    tools.ffmpeg(&run, |piece| thumbs.push(piece), on_progress)?;
    let times = times(&crc::read(&folder.join(args::STAMPS_FILE), source.media.time_base, 0)?)?;
    let (count, stamps) = (thumbs.frames(), times.len() as u32);
    if stamps == 0 {
        return Err(ProofError::NoFrame.into());
    }
    if stamps != count {
        return Err(ProofError::Counts { frames: count, stamps, thumbs: count }.into());
    }
    thumbs.end()?;
    Ok(times)
}
