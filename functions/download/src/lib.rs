//! Brings a source from its URL. Until every connection goes through an egress guard no URL is fetched:
//! a fetcher without one can be turned against its owner's network. Sources that lie in the bucket
//! already need no download.

use heaters_domain::{
    ErrorClass,
    contract::{IngestInput, SourceObject},
    stage::Done,
};
use heaters_runtime::StageError;

#[derive(Debug, thiserror::Error)]
pub enum DownloadError {
    #[error("the source of video {0} is a URL, and no URL is fetched without an egress guard")]
    Unguarded(heaters_domain::VideoId),
}

impl StageError for DownloadError {
    fn class(&self) -> ErrorClass {
        ErrorClass::RejectedInput
    }

    fn sentence(&self) -> String {
        "Submitting a URL is not possible yet: download the file and upload it.".to_owned()
    }
}

/// Returns the source's objects when they are there.
pub fn run(input: IngestInput) -> Result<Done<Vec<SourceObject>>, DownloadError> {
    if input.ingest.source.is_empty() {
        return Err(DownloadError::Unguarded(input.ingest.video));
    }
    Ok(Done::already(input.ingest.source))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input(source: &serde_json::Value) -> IngestInput {
        serde_json::from_value(serde_json::json!({ "ingest": {
            "video": "01890a5d-ac96-774b-bcce-b302099a8057", "attempt": 1, "bucket": "media", "prefix": "p", "source": source,
            "settings": heaters_domain::settings::IngestSettings::default(),
        }}))
        .unwrap()
    }

    #[test]
    fn a_url_is_refused_with_a_sentence() {
        let error = run(input(&serde_json::json!([]))).unwrap_err();
        assert_eq!(error.class(), ErrorClass::RejectedInput);
        assert!(error.sentence().contains("upload"));
    }

    #[test]
    fn an_uploaded_source_is_left_as_it_is() {
        let source = serde_json::json!([{ "role": "both", "bucket": "uploads", "key": "a.mp4", "size_bytes": 3 }]);
        assert_eq!(run(input(&source)).unwrap().output.len(), 1);
    }
}
