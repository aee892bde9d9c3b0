use crate::{extract, fetch::FetchError};
use heaters_aws::StoreError;
use heaters_domain::ErrorClass;
use heaters_media::RunError;
use heaters_runtime::{ScratchError, StageError};

#[derive(Debug, thiserror::Error)]
pub enum DownloadError {
    #[error("the ingest of video {0} names no URL")]
    NoUrl(heaters_domain::VideoId),
    /// A sentence of the guard.
    #[error("{0}")]
    Refused(String),
    #[error("the line to yt-dlp could not be made")]
    Line(#[source] std::io::Error),
    #[error(transparent)]
    YtDlp(RunError),
    #[error("yt-dlp found nothing: {0}")]
    NothingThere(#[source] RunError),
    #[error("what yt-dlp says could not be read")]
    Description(#[source] serde_json::Error),
    #[error("yt-dlp chose what can't be fetched: {0}")]
    Formats(String),
    #[error("the video is live")]
    Live,
    #[error("the video takes {minutes:.0} minutes, and {most} are the most")]
    TooLongVideo { minutes: f64, most: u64 },
    #[error("the video has more than {most} bytes")]
    TooLarge { most: u64 },
    #[error("the download took more than {most_minutes} minutes")]
    TooSlow { most_minutes: u64 },
    #[error("the playlist is empty")]
    EmptyPlaylist,
    #[error("the playlist holds playlists")]
    NestedPlaylist,
    #[error("the server sent nothing")]
    Empty,
    #[error("the parts that are stored are not those that were sent")]
    Parts,
    #[error(transparent)]
    Fetch(#[from] FetchError),
    #[error("the TLS library could not be set up")]
    Tls(#[from] rustls::Error),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Scratch(#[from] ScratchError),
    #[error("the examination was broken off")]
    Stopped(#[source] tokio::task::JoinError),
}

impl StageError for DownloadError {
    fn class(&self) -> ErrorClass {
        match self {
            Self::Store(error) => error.class(),
            Self::Scratch(error) => error.class(),
            Self::YtDlp(RunError::Failed { .. }) | Self::Parts => ErrorClass::Transient,
            Self::YtDlp(error) => error.class(),
            // Bounded tries were made here; what is left may pass later.
            Self::Fetch(FetchError::GaveUp { .. } | FetchError::Changed { .. }) => ErrorClass::ToolFailure,
            Self::NoUrl(_) | Self::Line(_) | Self::Description(_) | Self::Tls(_) | Self::Stopped(_) => {
                ErrorClass::Internal
            }
            _ => ErrorClass::RejectedInput,
        }
    }

    fn sentence(&self) -> String {
        match self {
            Self::Refused(sentence) => sentence.clone(),
            Self::YtDlp(error @ RunError::Failed { .. }) | Self::NothingThere(error) => extract::explain(error.tail()),
            Self::YtDlp(RunError::Deadline { .. }) => "The site took too long to say what it has. Retry it.".to_owned(),
            Self::Formats(_) => "The site offers this video in no way that can be fetched.".to_owned(),
            Self::Live => "This is a live stream. Submit it when it has ended.".to_owned(),
            Self::TooLongVideo { minutes, most } => {
                format!("This video takes {minutes:.0} minutes, and {most} minutes are the most that is taken.")
            }
            Self::TooLarge { most } => format!("This video is larger than {}, which is the most.", size(*most)),
            Self::TooSlow { most_minutes } => {
                format!("The site was too slow: the video did not come within {most_minutes} minutes.")
            }
            Self::EmptyPlaylist => "This playlist has no videos.".to_owned(),
            Self::NestedPlaylist => "This is a list of playlists. Submit one of them.".to_owned(),
            Self::Empty => "The site sent an empty file.".to_owned(),
            Self::Fetch(error) => error.sentence(),
            Self::Store(error) => error.sentence(),
            Self::Scratch(error) => error.sentence(),
            Self::YtDlp(_)
            | Self::NoUrl(_)
            | Self::Line(_)
            | Self::Description(_)
            | Self::Parts
            | Self::Tls(_)
            | Self::Stopped(_) => {
                "The video could not be fetched. Retry it; if it fails again, tell an operator.".to_owned()
            }
        }
    }
}

/// Bytes for people.
fn size(bytes: u64) -> String {
    match bytes {
        1_000_000_000.. => format!("{} GB", bytes / 1_000_000_000),
        1_000_000.. => format!("{} MB", bytes / 1_000_000),
        _ => format!("{bytes} bytes"),
    }
}
