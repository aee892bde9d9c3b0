use heaters_aws::StoreError;
use heaters_db::{DbError, clips::CreateClipsError};
use heaters_domain::{ErrorClass, cuts::CutError, settings::ReadSettingsError};
use heaters_runtime::{ConfigError, StageError};

/// Why something could not be recorded.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error("INGEST_SETTINGS: {0}")]
    Settings(#[from] ReadSettingsError),
    #[error("recording in the database failed")]
    Database(#[from] DbError),
    #[error("reading a stage's output failed")]
    Store(#[from] StoreError),
    #[error("the start of the execution names no upload and no video: {0}")]
    UnknownStart(String),
    #[error("the output of {stage} is not what it should be")]
    Output { stage: heaters_domain::Stage, source: serde_json::Error },
    #[error("{0} is not in the catalog")]
    Unknown(heaters_domain::Subject),
    #[error("the detected boundaries don't divide the video")]
    Boundaries(#[source] CutError),
    #[error("{stage} reports to the catalog where it has nothing to record")]
    Misplaced { stage: heaters_domain::Stage },
}

impl StageError for CatalogError {
    fn class(&self) -> ErrorClass {
        match self {
            Self::Database(error) => error.class(),
            Self::Store(error) => error.class(),
            _ => ErrorClass::Internal,
        }
    }

    fn sentence(&self) -> String {
        match self {
            Self::Config(error) => error.sentence(),
            Self::Store(error) => error.sentence(),
            Self::Settings(error) => error.to_string(),
            Self::Database(error) if error.class() == ErrorClass::Transient => {
                "The database did not answer. Retry it.".to_owned()
            }
            Self::Boundaries(_) => {
                "The detected shots don't fit the video. Retry it; if it stops again, tell an operator.".to_owned()
            }
            _ => "The result could not be recorded. Retry it; if it stops again, tell an operator.".to_owned(),
        }
    }
}

impl From<CreateClipsError> for CatalogError {
    fn from(error: CreateClipsError) -> Self {
        match error {
            CreateClipsError::Boundaries(source) => Self::Boundaries(source),
            CreateClipsError::Database(source) => Self::Database(source),
        }
    }
}
