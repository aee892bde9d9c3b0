//! The states of a video and the moves between them.

use crate::named_enum;

/// How long a deleted video can be restored, in days.
pub const RESTORABLE_DAYS: u32 = 30;

named_enum! {
    /// Where a video stands. `ready` means that its clips wait for review.
    pub enum VideoState {
        New => "new",
        Downloading => "downloading",
        Downloaded => "downloaded",
        Preprocessing => "preprocessing",
        Preprocessed => "preprocessed",
        DetectingScenes => "detecting_scenes",
        Ready => "ready",
        DownloadFailed => "download_failed",
        PreprocessFailed => "preprocess_failed",
        DetectScenesFailed => "detect_scenes_failed",
        Cancelled => "cancelled",
        Deleted => "deleted",
    }
}

impl VideoState {
    /// The states that may follow this one. The database and the catalog function refuse any other move.
    pub const fn next(self) -> &'static [Self] {
        use VideoState::{
            Cancelled, Deleted, DetectScenesFailed, DetectingScenes, DownloadFailed, Downloaded, Downloading, New,
            PreprocessFailed, Preprocessed, Preprocessing, Ready,
        };
        match self {
            New => &[Downloading, Downloaded, DownloadFailed, Cancelled, Deleted],
            Downloading => &[Downloaded, DownloadFailed, Cancelled, Deleted],
            Downloaded => &[Preprocessing, PreprocessFailed, Cancelled, Deleted],
            Preprocessing => &[Preprocessed, PreprocessFailed, Cancelled, Deleted],
            Preprocessed => &[DetectingScenes, DetectScenesFailed, Cancelled, Deleted],
            DetectingScenes => &[Ready, DetectScenesFailed, Cancelled, Deleted],
            Ready => &[Deleted],
            // A retry starts at the beginning: stages whose work is finished say so at once.
            DownloadFailed | PreprocessFailed | DetectScenesFailed | Cancelled => &[New, Deleted],
            Deleted => &[New, Ready],
        }
    }

    /// The state a failure leads to from here; `None` where nothing is under way that could fail.
    pub const fn on_failure(self) -> Option<Self> {
        match self {
            Self::New | Self::Downloading => Some(Self::DownloadFailed),
            Self::Downloaded | Self::Preprocessing => Some(Self::PreprocessFailed),
            Self::Preprocessed | Self::DetectingScenes => Some(Self::DetectScenesFailed),
            _ => None,
        }
    }

    pub fn is_failed(self) -> bool {
        matches!(self, Self::DownloadFailed | Self::PreprocessFailed | Self::DetectScenesFailed)
    }

    /// Whether a retry makes sense: something went wrong or was stopped, and nothing was deleted.
    pub fn can_retry(self) -> bool {
        self.is_failed() || self == Self::Cancelled
    }

    /// Whether work on the video can be stopped.
    pub fn can_cancel(self) -> bool {
        self.next().contains(&Self::Cancelled)
    }

    /// Whether an execution should be at work on the video.
    pub fn is_under_way(self) -> bool {
        self.on_failure().is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_state_can_be_reached_from_new() {
        let mut seen = BTreeSet::from([VideoState::New]);
        let mut open = vec![VideoState::New];
        while let Some(state) = open.pop() {
            open.extend(state.next().iter().copied().filter(|next| seen.insert(*next)));
        }
        assert_eq!(seen, VideoState::ALL.iter().copied().collect());
    }

    #[test]
    fn every_failure_is_an_allowed_move_with_a_retry() {
        for state in VideoState::ALL {
            if let Some(failed) = state.on_failure() {
                assert!(state.next().contains(&failed), "{state} cannot fail");
                assert!(failed.can_retry() && failed.next().contains(&VideoState::New));
            }
        }
    }
}
