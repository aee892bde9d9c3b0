use heaters_aws::{QueueError, StoreError, WorkflowError};
use heaters_db::DbError;
use heaters_domain::{ErrorClass, Fault, Told};
use heaters_runtime::ConfigError;

/// Why a part of the sweep could not be done. The next sweep tries it again.
#[derive(Debug, thiserror::Error)]
pub enum SweepError {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error("the sweep can't use the database")]
    Database(#[from] DbError),
    #[error("the sweep can't ask after an execution")]
    Workflow(#[from] WorkflowError),
    #[error("the sweep can't read the dead letters")]
    Queue(#[from] QueueError),
    #[error("the sweep can't look through the uploads")]
    Store(#[from] StoreError),
}

impl Fault for SweepError {
    fn told(&self) -> Told<'_> {
        let class = match self {
            Self::Config(error) => return Told::By(error),
            Self::Database(error) => error.class(),
            Self::Store(error) => error.class(),
            Self::Workflow(_) | Self::Queue(_) => ErrorClass::Transient,
        };
        Told::Own(class, "Interrupted work could not be resumed this time. The next sweep tries again.".into())
    }
}
