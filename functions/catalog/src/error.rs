use heaters_aws::StoreError;
use heaters_db::{DbError, clips::CreateClipsError};
use heaters_domain::{ErrorClass, Fault, Told, cuts::CutError, settings::ReadSettingsError};
use heaters_runtime::ConfigError;

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

impl Fault for CatalogError {
    fn told(&self) -> Told<'_> {
        match self {
            Self::Config(error) => Told::By(error),
            Self::Store(error) => Told::By(error),
            Self::Settings(error) => Told::internal(error.to_string()),
            Self::Database(error) if error.class() == ErrorClass::Transient => Told::By(error),
            Self::Boundaries(_) => {
                Told::internal("The detected shots don't fit the video. Retry it; if it stops again, tell an operator.")
            }
            _ => Told::internal("The result could not be recorded. Retry it; if it stops again, tell an operator."),
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
