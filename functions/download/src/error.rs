use crate::{extract, fetch::FetchError};
use heaters_aws::StoreError;
use heaters_domain::{Fault, Told};
use heaters_media::RunError;
use heaters_runtime::ScratchError;

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

impl Fault for DownloadError {
    fn told(&self) -> Told<'_> {
        let not_fetched = "The video could not be fetched. Retry it; if it fails again, tell an operator.";
        match self {
            Self::Refused(sentence) => Told::rejected(sentence.clone()),
            Self::YtDlp(error @ RunError::Failed { .. }) => Told::transient(extract::explain(error.tail())),
            Self::NothingThere(error) => Told::rejected(extract::explain(error.tail())),
            Self::YtDlp(error @ RunError::Deadline { .. }) => {
                Told::Own(error.class(), "The site took too long to say what it has. Retry it.".into())
            }
            Self::YtDlp(error) => Told::Own(error.class(), not_fetched.into()),
            Self::Formats(_) => Told::rejected("The site offers this video in no way that can be fetched."),
            Self::Live => Told::rejected("This is a live stream. Submit it when it has ended."),
            Self::TooLongVideo { minutes, most } => Told::rejected(format!(
                "This video takes {minutes:.0} minutes, and {most} minutes are the most that is taken."
            )),
            Self::TooLarge { most } => {
                Told::rejected(format!("This video is larger than {}, which is the most.", size(*most)))
            }
            Self::TooSlow { most_minutes } => {
                Told::rejected(format!("The site was too slow: the video did not come within {most_minutes} minutes."))
            }
            Self::EmptyPlaylist => Told::rejected("This playlist has no videos."),
            Self::NestedPlaylist => Told::rejected("This is a list of playlists. Submit one of them."),
            Self::Empty => Told::rejected("The site sent an empty file."),
            Self::Fetch(error) => Told::By(error),
            Self::Store(error) => Told::By(error),
            Self::Scratch(error) => Told::By(error),
            Self::Parts => Told::transient(not_fetched),
            Self::NoUrl(_) | Self::Line(_) | Self::Description(_) | Self::Tls(_) | Self::Stopped(_) => {
                Told::internal(not_fetched)
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
