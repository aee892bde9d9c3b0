//! URLs become videos.

use crate::{
    auth::Caller,
    problem::Problem,
    state::App,
    types::{SubmittedUrl, UrlOutcome},
};
use heaters_db::{Work, begin, commit, outbox, urls};
use heaters_domain::{
    VideoId,
    contract::IngestStart,
    download::UrlOrigin,
    egress::{Reach, check_url, url_key},
    keys,
    settings::{IngestSettings, ReadSettingsError},
    title,
};
use heaters_runtime::{Config, ConfigError, EgressError, reach};

const HOUR_SECONDS: f64 = 3600.0;

/// What may be submitted, and what becomes of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Submission {
    pub settings: IngestSettings,
    pub reach: Reach,
    /// How many addresses one person may submit in an hour.
    pub urls_per_hour: u64,
}

#[derive(Debug, thiserror::Error)]
pub enum SubmissionError {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Egress(#[from] EgressError),
    #[error("INGEST_SETTINGS: {0}")]
    Settings(#[from] ReadSettingsError),
}

impl Default for Submission {
    fn default() -> Self {
        Self { settings: IngestSettings::default(), reach: Reach::default(), urls_per_hour: 60 }
    }
}

impl Submission {
    pub fn from_config(config: &Config) -> Result<Self, SubmissionError> {
        let default = Self::default();
        Ok(Self {
            settings: config.get("INGEST_SETTINGS").map_or(Ok(default.settings), IngestSettings::read)?,
            reach: reach(config)?,
            urls_per_hour: config.parse_or("URLS_PER_HOUR", default.urls_per_hour)?,
        })
    }
}

/// Makes a video of an address, unless it can't be fetched, or is here already and not asked for anyway.
pub(crate) async fn submit(app: &App, caller: &Caller, text: String, anyway: bool) -> Result<SubmittedUrl, Problem> {
    let refused =
        |url, sentence| SubmittedUrl { url, outcome: UrlOutcome::Refused, video: None, sentence: Some(sentence) };
    let url = match check_url(&text, &app.submission.reach) {
        Ok(url) => url,
        Err(refusal) => return Ok(refused(text, refusal.to_string())),
    };
    let key = url_key(&url);
    let mut session = app.db.session().await?;
    let work = begin(&mut session).await?;
    // Always in this order: a caller's count, then a URL's key.
    urls::lock_key(&work, &format!("of {}", caller.subject)).await?;
    urls::lock_key(&work, &key).await?;
    if let Some(video) = urls::by_key(&work, &key).await?.filter(|_| !anyway) {
        let sentence = format!("This address is here already, as “{}”.", video.title);
        let video = Some(video.id);
        return Ok(SubmittedUrl { url: text, outcome: UrlOutcome::Duplicate, video, sentence: Some(sentence) });
    }
    if let Some(sentence) = too_many(app, &work, caller).await? {
        return Ok(refused(text, sentence));
    }
    let id = VideoId::generate();
    let new = urls::NewUrl {
        id,
        title: title::of_url(&url),
        origin: UrlOrigin { url: url.into(), in_playlist: false },
        key,
        submitted_by: Some(caller.subject.clone()),
        anyway,
        settings: app.submission.settings.clone(),
        prefix: keys::ingest_prefix(id, &app.submission.settings),
    };
    urls::insert(&work, &new).await?;
    let execution = outbox::ask_for_ingest(&work, IngestStart { video: id, attempt: 1 }).await?;
    commit(work).await?;
    app.dispatch(std::slice::from_ref(&execution)).await;
    Ok(SubmittedUrl { url: text, outcome: UrlOutcome::Accepted, video: Some(id), sentence: None })
}

async fn too_many(app: &App, work: &Work<'_>, caller: &Caller) -> Result<Option<String>, Problem> {
    let most = app.submission.urls_per_hour;
    let submitted = urls::submitted_within(work, &caller.subject, HOUR_SECONDS).await?;
    let sentence =
        || format!("You have submitted {most} addresses within an hour, which is the most. Submit this one later.");
    Ok((submitted >= most).then(sentence))
}
