//! What yt-dlp's last lines mean.

use crate::error::DownloadError;
use heaters_media::RunError;

/// What yt-dlp says of faults that may pass.
const PASSING: [&str; 9] = [
    "HTTP Error 408",
    "HTTP Error 429",
    "HTTP Error 5",
    "timed out",
    "could not be connected to",
    "Connection reset",
    "Remote end closed",
    "IncompleteRead",
    "EOF occurred",
];

/// Known complaints and what people are told.
const SENTENCES: [(&str, &str); 12] = [
    ("CERTIFICATE_VERIFY_FAILED", "The site's certificate is not valid, so that nothing is fetched from it."),
    ("HTTP Error 401", "The site wants a sign-in for this address (401)."),
    ("HTTP Error 403", "The site refuses this address (403)."),
    ("HTTP Error 404", "There is nothing at this address (404)."),
    ("HTTP Error 410", "What was at this address is gone (410)."),
    ("HTTP Error 429", "The site has too many requests from here (429). Retry it later."),
    ("Unsupported URL", "No video was found at this address."),
    ("could not be found", "There is no site of this name."),
    ("is DRM protected", "This video is protected against copying."),
    ("Private video", "This video is private."),
    ("Sign in", "The site wants a sign-in for this video."),
    ("Requested format is not available", "The site offers no format that can be fetched."),
];

/// The sentence for people of yt-dlp's last lines.
pub fn explain(tail: &[String]) -> String {
    let known = SENTENCES.iter().find(|(words, _)| tail.iter().any(|line| line.contains(words)));
    match known {
        Some((_, sentence)) => (*sentence).to_owned(),
        None if is_passing(tail) => "The site did not answer as it should. Retry it.".to_owned(),
        None => "No video could be found at this address.".to_owned(),
    }
}

fn is_passing(tail: &[String]) -> bool {
    tail.iter().any(|line| PASSING.iter().any(|words| line.contains(words)))
}

pub(super) fn classify(error: RunError, refusal: Option<String>) -> DownloadError {
    match (refusal, error) {
        (Some(sentence), _) => DownloadError::Refused(sentence),
        (None, error @ RunError::Failed { .. }) if !is_passing(error.tail()) => DownloadError::NothingThere(error),
        (None, error) => DownloadError::YtDlp(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sentence_is_one_and_faults_that_pass_are_told_from_others() {
        let said = |line: &str| (explain(&[line.to_owned()]), is_passing(&[line.to_owned()]));
        for (words, _) in SENTENCES {
            assert!(said(words).0.ends_with('.'));
        }
        assert_eq!(
            said("ERROR: HTTP Error 404: Not Found"),
            ("There is nothing at this address (404).".to_owned(), false)
        );
        assert!(
            said("ERROR: HTTP Error 429: Too Many Requests").1 && said("HTTP Error 503").1 && said("read timed out").1
        );
        assert!(!said("HTTP Error 403: Forbidden").1 && !said("CERTIFICATE_VERIFY_FAILED").1);
    }
}
