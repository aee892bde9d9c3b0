use crate::guard::DialError;
use heaters_domain::{Fault, Told};
use std::{error::Error, io, time::Duration};

/// Why bytes could not be fetched. Some faults pass.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    #[error("{0}")]
    Refused(String),
    #[error("the server answered {status} for {url}")]
    Status {
        status: u16,
        url: String,
        /// How long the server asks to be left alone.
        retry_after: Option<Duration>,
    },
    #[error("the certificate of {host} is not valid")]
    Certificate { host: String, source: hyper_util::client::legacy::Error },
    #[error("{url} could not be asked")]
    Request { url: String, source: hyper_util::client::legacy::Error },
    #[error("the answer of {url} broke off")]
    Body { url: String, source: hyper::Error },
    #[error("the answer of {url} ended after {got} of {expected} bytes")]
    Short { url: String, got: u64, expected: u64 },
    #[error("{url} redirects more than {most} times")]
    Redirects { url: String, most: u64 },
    #[error("{url} is not the same as before")]
    Changed { url: String },
    #[error("{url} is larger than {most} bytes")]
    TooLarge { url: String, most: u64 },
    #[error("{0}")]
    Playlist(String),
    #[error("the key of {url} does not fit")]
    Decrypt { url: String },
    #[error("{message}, after {tries} tries")]
    GaveUp { message: String, tries: u64, source: Box<Self> },
}

impl Fault for FetchError {
    fn told(&self) -> Told<'_> {
        Told::rejected(match self {
            Self::Refused(sentence) | Self::Playlist(sentence) => sentence.clone(),
            Self::Status { status: 401 | 403, .. } => "The site refuses to give this video.".to_owned(),
            Self::Status { status: 404 | 410, .. } => "The video is not there any more.".to_owned(),
            Self::Status { status: 429, .. } => {
                "The site has too many requests from here (429). Retry it later.".to_owned()
            }
            Self::Status { status, .. } => format!("The site answered with the error {status}."),
            Self::Certificate { host, .. } => {
                format!("The certificate of {host} is not valid, so that nothing is fetched from it.")
            }
            Self::Request { .. } | Self::Body { .. } | Self::Short { .. } => {
                "The connection to the site broke off. Retry it.".to_owned()
            }
            Self::Redirects { most, .. } => format!("The address leads on and on: more than {most} redirects."),
            Self::TooLarge { .. } => "A piece of this video is larger than it may be.".to_owned(),
            Self::Decrypt { .. } => "The video is encrypted and its key does not fit.".to_owned(),
            // Bounded tries were made here; what is left may pass later.
            Self::Changed { .. } => {
                return Told::tool_failure("The video changed on its site while it was fetched. Retry it.");
            }
            Self::GaveUp { source, tries, .. } => {
                let sentence = source.sentence();
                let sentence = sentence.trim_end_matches(" Retry it.");
                return Told::tool_failure(format!("{sentence} It was tried {tries} times."));
            }
        })
    }
}

impl FetchError {
    /// Whether it is worth another try.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Status { status, .. } => matches!(status, 408 | 425 | 429 | 500..),
            Self::Request { source, .. } => !is_final(source),
            Self::Body { source, .. } => !is_final(source),
            Self::Short { .. } => true,
            _ => false,
        }
    }

    /// The tries that were in vain.
    pub fn tries(&self) -> u64 {
        if let Self::GaveUp { tries, .. } = self { *tries } else { 1 }
    }

    pub(super) fn of_request(host: &str, url: &str, error: hyper_util::client::legacy::Error) -> Self {
        if let Some(DialError::Refused(sentence)) = cause(&error) {
            return Self::Refused(sentence.clone());
        }
        if is_certificate(&error) {
            return Self::Certificate { host: host.to_owned(), source: error };
        }
        Self::Request { url: url.to_owned(), source: error }
    }
}

/// The first cause of a type, behind the wrappers of the libraries between.
fn cause<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    let mut at = Some(error);
    while let Some(error) = at {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        // An I/O error shows what its own error was caused by, and not that one itself.
        let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        at = match inner {
            Some(inner) => Some(inner as &(dyn Error + 'static)),
            None => error.source(),
        };
    }
    None
}

fn is_certificate(error: &(dyn Error + 'static)) -> bool {
    matches!(cause(error), Some(rustls::Error::InvalidCertificate(_) | rustls::Error::NoCertificatesPresented))
}

/// Faults that come again whenever it is tried: names that there are not, and caps.
fn is_final(error: &(dyn Error + 'static)) -> bool {
    let text = heaters_domain::causes(error);
    let capped = [crate::guard::TOO_MUCH, crate::guard::TOO_LONG].iter().any(|cap| text.contains(cap));
    capped || matches!(cause(error), Some(DialError::NoHost(_)))
}
