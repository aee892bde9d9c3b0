//! AWS behind few ports. [`ObjectStore`] has two implementations, S3 and a folder; Step Functions and
//! Lambda have one each and stay concrete.

mod address;
mod concat;
mod dir;
mod functions;
mod metered;
mod multipart;
mod progress;
mod queues;
mod s3;
mod s3_concat;
mod store;
#[cfg(feature = "testing")]
pub mod testing;
mod uploads;
mod workflows;

pub use address::Validity;
pub use aws_config::SdkConfig;
pub use dir::DirStore;
pub use functions::{FunctionError, Functions};
pub use metered::Metered;
pub use multipart::{MultipartStore, StoredPart, Upload};
pub use progress::tell_progress;
pub use queues::{QueueError, QueueMessage, Queues};
pub use s3::S3Store;
pub use store::{ObjectHead, ObjectRef, ObjectStore, Part, StoreError, StoredVersion};
pub use uploads::{ArrivedPart, StoredUpload, UploadError, UploadRef, Uploads};
pub use workflows::{ExecutionStatus, WorkflowError, Workflows, execution_arn};

/// The SDK's configuration: region, credentials and endpoint from the Lambda environment.
pub async fn sdk_config() -> aws_config::SdkConfig {
    aws_config::load_from_env().await
}
