//! Brings a source from its URL in the best quality there is: yt-dlp says what there is, and its tracks stream to
//! storage as they come. Everything goes through the guard, the one way out.

mod error;
pub mod extract;
pub mod fetch;
pub mod guard;
mod meter;
pub mod settings;
pub mod track;

pub use error::DownloadError;

use extract::{Chosen, Found, extract};
use fetch::Client;
use guard::{Guard, Limits, Resolve};
use heaters_aws::{MultipartStore, ObjectRef, ObjectStore, StoreError, tell_progress};
use heaters_domain::{
    ErrorClass, Fault,
    contract::{Ingest, IngestInput, SourceObject},
    download::{DownloadOutput, UrlOrigin},
    keys::SourceKeys,
    stage::Done,
};
use heaters_runtime::Scratch;
use meter::Meter;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use settings::Settings;
use sha2::{Digest, Sha256};
use std::{sync::Arc, time::Duration};
use time::OffsetDateTime;
use tokio::time::Instant;
use track::{Job, Stored};

/// What yt-dlp may need to look at pages and playlists.
const EXTRACT_BYTES: u64 = 256 << 20;
const EXTRACT_CONNECTIONS: u64 = 500;
/// A connection a segment, at worst.
const FETCH_CONNECTIONS: u64 = 200_000;
/// How often yt-dlp is asked again after faults that may pass.
const EXTRACT_TRIES: u64 = 3;
/// A playlist in a playlist in a playlist is none that somebody meant.
const MOST_NESTED: usize = 3;
/// yt-dlp writes nothing to the disk.
const SCRATCH_BYTES: u64 = 16 << 20;

/// Fetches what is not there yet. The output is complete, or the function has to be called again.
pub async fn run(
    store: &dyn MultipartStore,
    settings: &Settings,
    resolver: Arc<dyn Resolve>,
    input: IngestInput,
) -> Result<Done<DownloadOutput>, DownloadError> {
    let ingest = input.ingest;
    if !ingest.source.is_empty() {
        return Ok(Done::already(DownloadOutput {
            complete: true,
            sources: ingest.source,
            ..DownloadOutput::default()
        }));
    }
    let origin = ingest.url.clone().ok_or(DownloadError::NoUrl(ingest.video))?;
    let finished = ObjectRef::new(&ingest.bucket, SourceKeys(ingest.video).download());
    // It is written last.
    if let Some(output) = read::<DownloadOutput>(store, &finished).await? {
        return Ok(Done::already(output));
    }
    in_time(store, settings, &ingest).await?;
    let deadline = Instant::now() + settings.invocation;
    let visit = Visit { settings, resolver, deadline };
    let look = visit.look(&origin).await?;
    look.chosen.check(&settings.download)?;
    let fetched = visit.fetch(store, &ingest, &look.chosen).await?;
    let mut output = DownloadOutput {
        complete: false,
        sources: Vec::new(),
        facts: look.chosen.facts.clone(),
        digest: None,
        playlist: look.rest,
        playlist_cut: look.cut,
    };
    if let Some(tracks) = &fetched.tracks {
        output.complete = true;
        output.sources = tracks.iter().map(|track| track.object.clone()).collect::<Vec<SourceObject>>();
        output.digest = Some(digest(tracks));
        write(store, &finished, &output).await?;
    }
    let meter = fetched.meter;
    Ok(Done::completed(output)
        .metric("fetched_bytes", meter.received_bytes() as f64)
        .metric("guard_bytes", fetched.guard_bytes as f64)
        .metric("tries", meter.faults() as f64)
        .metric("max_tries", settings.download.max_tries as f64)
        .metric("tracks", look.chosen.tracks.len() as f64))
}

/// What was found at a URL.
struct Look {
    chosen: Chosen,
    /// The other videos of the playlist.
    rest: Vec<String>,
    /// Whether the playlist has more.
    cut: bool,
}

struct Fetched {
    /// `None` where there was not enough time.
    tracks: Option<Vec<Stored>>,
    meter: Meter,
    guard_bytes: u64,
}

struct Visit<'a> {
    settings: &'a Settings,
    resolver: Arc<dyn Resolve>,
    deadline: Instant,
}

impl Visit<'_> {
    fn guard(&self, bytes: u64, connections: u64) -> Arc<Guard> {
        // A little beyond the deadline: what is under way then ends by itself.
        let until = self.deadline + Duration::from_secs(30);
        let idle = Duration::from_secs(self.settings.download.stall_seconds);
        let limits = Limits { bytes, connections, idle, until };
        Arc::new(Guard::new(self.settings.reach.clone(), self.resolver.clone(), limits))
    }

    /// The video at a URL, or the first one of the playlist there.
    async fn look(&self, origin: &UrlOrigin) -> Result<Look, DownloadError> {
        let most = self.settings.download.max_playlist as usize;
        let (mut url, mut rest, mut cut) = (origin.url.clone(), Vec::new(), false);
        for nested in 0..MOST_NESTED {
            match self.ask(&url).await? {
                Found::Video(chosen) => return Ok(Look { chosen: *chosen, rest, cut }),
                Found::Playlist { .. } if origin.in_playlist && nested == 0 => {
                    return Err(DownloadError::NestedPlaylist);
                }
                Found::Playlist { urls } => {
                    cut = urls.len() > most;
                    let mut urls = urls.into_iter().take(most);
                    url = urls.next().ok_or(DownloadError::EmptyPlaylist)?;
                    rest = urls.collect();
                }
            }
        }
        Err(DownloadError::NestedPlaylist)
    }

    /// Asks yt-dlp, and again after faults that may pass.
    async fn ask(&self, url: &str) -> Result<Found, DownloadError> {
        let Settings { yt_dlp, download, scratch_root, first_pause, .. } = self.settings;
        let scratch = Scratch::prepare(scratch_root, SCRATCH_BYTES)?;
        let mut pause = *first_pause;
        for tries in 1.. {
            let guard = self.guard(EXTRACT_BYTES, EXTRACT_CONNECTIONS);
            match extract(&guard, yt_dlp, download, scratch.path(), url).await {
                Err(error) if error.class() == ErrorClass::Transient && tries < EXTRACT_TRIES => {
                    tracing::warn!(detail = heaters_domain::causes(&error), tries, "asking yt-dlp again");
                    tokio::time::sleep(pause).await;
                    pause *= 4;
                }
                found => return found,
            }
        }
        Err(DownloadError::EmptyPlaylist)
    }

    async fn fetch(
        &self,
        store: &dyn MultipartStore,
        ingest: &Ingest,
        chosen: &Chosen,
    ) -> Result<Fetched, DownloadError> {
        let settings = self.settings;
        // What is fetched again after faults counts too.
        let most = settings.download.max_bytes.saturating_mul(2).saturating_add(EXTRACT_BYTES);
        let guard = self.guard(most, FETCH_CONNECTIONS);
        let client = Client::new(guard.clone(), settings.download.max_redirects, settings.extra_root.as_deref())?;
        let meter = Meter::new(chosen.tracks.len(), chosen.bytes, settings.download.max_tries);
        let keys = SourceKeys(ingest.video);
        let progress = ObjectRef::new(&ingest.bucket, keys.progress());
        let bucket = ingest.bucket.clone();
        let job = Job { store, client, settings, bucket, keys, meter: &meter, deadline: self.deadline };
        let work = async {
            let mut tracks = Vec::new();
            for (role, format) in &chosen.tracks {
                match track::store(&job, *role, format).await? {
                    Some(track) => tracks.push(track),
                    None => return Ok(None),
                }
            }
            Ok::<_, DownloadError>(Some(tracks))
        };
        let tracks = tokio::select! {
            tracks = work => tracks?,
            never = tell_progress(store, &progress, || meter.progress()) => match never {},
        };
        Ok(Fetched { tracks, guard_bytes: guard.received_bytes(), meter })
    }
}

/// When an attempt at a download began.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Begun {
    attempt: u32,
    #[serde(with = "time::serde::rfc3339")]
    at: OffsetDateTime,
}

/// Refuses to go on when the attempt, over all its invocations, has taken more time than it may.
async fn in_time(store: &dyn MultipartStore, settings: &Settings, ingest: &Ingest) -> Result<(), DownloadError> {
    let key = ObjectRef::new(&ingest.bucket, SourceKeys(ingest.video).begun());
    let most_minutes = settings.download.max_minutes;
    match read::<Begun>(store, &key).await? {
        Some(begun) if begun.attempt == ingest.attempt => {
            let taken = OffsetDateTime::now_utc() - begun.at;
            let in_time = taken < time::Duration::minutes(most_minutes as i64);
            if in_time { Ok(()) } else { Err(DownloadError::TooSlow { most_minutes }) }
        }
        _ => {
            let begun = Begun { attempt: ingest.attempt, at: OffsetDateTime::now_utc() };
            Ok(write(store, &key, &begun).await?)
        }
    }
}

/// Equal for equal bytes: parts are cut at the same places whatever happened on the way.
fn digest(tracks: &[Stored]) -> String {
    hex::encode(Sha256::digest(tracks.iter().map(|track| track.chain.as_str()).collect::<String>()))
}

async fn read<T: DeserializeOwned>(store: &dyn MultipartStore, object: &ObjectRef) -> Result<Option<T>, StoreError> {
    match store.get(object, None).await {
        Ok(json) => serde_json::from_slice(&json)
            .map(Some)
            .map_err(|source| StoreError::Json { object: object.clone(), source }),
        Err(StoreError::NotFound { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

async fn write<T: Serialize + Sync>(
    store: &dyn MultipartStore,
    object: &ObjectRef,
    value: &T,
) -> Result<(), StoreError> {
    let json = serde_json::to_vec(value).map_err(|source| StoreError::Json { object: object.clone(), source })?;
    ObjectStore::put(store, object, json.into(), "application/json").await
}
