//! The proxy's sound: from the chunks' packets, or from an object of its own.

use crate::{
    AssembleError,
    flow::{Incoming, through},
    job::{Job, Picture},
};
use heaters_domain::{
    ErrorClass, Fault,
    contract::{SourceObject, SourceRole},
    keys::ChunkKeys,
    settings::MasterMode,
};
use heaters_media::{
    args,
    mkv::MkvError,
    sound::{self, Encoded, Encoding, Input, Join, SoundError},
};
use std::{
    io::{self, Write},
    time::Duration,
};

const DEADLINE: Duration = Duration::from_mins(12);
const SOUND_SOURCE: &str = "sound-source";

/// What became of the sound.
#[derive(Default)]
pub(crate) struct Sound {
    pub encoded: Option<Encoded>,
    /// Whether [`sound::LOSSLESS_FILE`] is there.
    pub lossless: bool,
    /// There was sound that could not be used: that costs the sound, not the video.
    pub dropped: bool,
    /// Chunks whose sound was in another format than that of the first.
    pub skipped_chunks: u32,
}

/// Encodes the sound, to files on the scratch disk.
pub(crate) async fn make(job: &Job<'_>, picture: &Picture) -> Result<Sound, AssembleError> {
    let head = &picture.index.head;
    let wants_master = job.ingest.settings.master == MasterMode::Ffv1;
    let encoding = Encoding {
        start_seconds: head.start_pts as f64 * head.time_base.as_f64(),
        duration_seconds: head.duration_seconds(),
        kbps: job.ingest.settings.proxy.sound_kbps,
        lossless: None,
    };
    let own = job.ingest.source.iter().find(|object| object.role == SourceRole::Sound);
    let made = match (own, job.source.sound) {
        (Some(object), Some(stream)) => of_object(job, object, stream, encoding, wants_master).await?,
        (None, _) => of_chunks(job, encoding, wants_master).await?,
        (Some(_), None) => return Ok(Sound::default()),
    };
    match made {
        Ok(sound) => Ok(sound),
        Err(error) if matches!(error.class(), ErrorClass::Transient | ErrorClass::Internal) => Err(error.into()),
        Err(error) => {
            tracing::warn!(detail = %heaters_domain::causes(&error), "the sound could not be encoded");
            Ok(Sound { dropped: true, ..Sound::default() })
        }
    }
}

type Made = Result<Sound, SoundError>;

/// Sound of an object of its own goes to the disk: many containers can't be read without seeking.
async fn of_object(
    job: &Job<'_>,
    object: &SourceObject,
    stream: u32,
    encoding: Encoding,
    wants_master: bool,
) -> Result<Made, AssembleError> {
    job.store.get_to_file(&object.into(), &job.scratch.file(SOUND_SOURCE)).await?;
    let (tools, folder) = (job.tools.clone(), job.scratch.path().to_owned());
    let encoding = Encoding { lossless: wants_master.then(String::new), ..encoding };
    let work = move || {
        let input: Input<'_, Feed> = Input::File { name: SOUND_SOURCE, stream };
        let encoded = sound::encode(&tools, &folder, input, &encoding, DEADLINE)?;
        Ok(Sound { encoded: Some(encoded), lossless: wants_master, ..Sound::default() })
    };
    Ok(tokio::task::spawn_blocking(work).await?)
}

/// The type of a feed where there is none.
type Feed = fn(&mut dyn Write) -> io::Result<()>;

async fn of_chunks(job: &Job<'_>, encoding: Encoding, wants_master: bool) -> Result<Made, AssembleError> {
    let (tools, folder) = (job.tools.clone(), job.scratch.path().to_owned());
    let shift = f64::from(args::OFFSET_SECONDS);
    let encoding = Encoding { start_seconds: encoding.start_seconds + shift, ..encoding };
    through(job.store, &job.of_chunks(ChunkKeys::sound), move |mut chunks| {
        if !next_with_sound(&mut chunks).map_err(MkvError::File)? {
            return Ok(Sound::default());
        }
        let codec = sound::codec(chunks.peek().map_err(MkvError::File)?)?;
        let encoding = Encoding { lossless: codec.filter(|_| wants_master), ..encoding };
        let (mut skipped_chunks, mut damage) = (0, None);
        let feed = |out: &mut dyn Write| match join(chunks, out) {
            Ok(skipped) => {
                skipped_chunks = skipped;
                Ok(())
            }
            Err(MkvError::File(error)) => Err(error),
            Err(error) => {
                damage = Some(error);
                Err(io::Error::other("a chunk's sound is damaged"))
            }
        };
        let encoded = sound::encode(&tools, &folder, Input::Stream(feed), &encoding, DEADLINE);
        let encoded = encoded.map_err(|error| damage.map_or(error, SoundError::from))?;
        Ok(Sound { encoded: Some(encoded), lossless: encoding.lossless.is_some(), dropped: false, skipped_chunks })
    })
    .await
}

/// Writes the sound of this chunk and all that follow as one stream. Returns how many had to be left out.
fn join(mut chunks: Incoming, out: &mut dyn Write) -> Result<u32, MkvError> {
    let mut join = Join::new(out);
    loop {
        join.add(&mut chunks)?;
        if !next_with_sound(&mut chunks)? {
            return join.finish();
        }
    }
}

fn next_with_sound(chunks: &mut Incoming) -> io::Result<bool> {
    while chunks.next_object()? {
        if !chunks.peek()?.is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}
