use heaters_aws::{ObjectRef, StoreError};
use heaters_domain::{Fault, Told};

#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    #[error("the original {0} is gone")]
    Gone(ObjectRef),
    #[error("the original {object} is not what was ingested: {what} is {found} and was {expected}")]
    Changed { object: Box<ObjectRef>, what: String, expected: String, found: String },
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Fault for ArchiveError {
    fn told(&self) -> Told<'_> {
        match self {
            Self::Gone(object) => Told::conflict(format!("The original {} is no longer in storage.", object.key)),
            Self::Changed { object, .. } => Told::conflict(format!(
                "The original {} is not what was ingested, so it was not archived. Tell an operator.",
                object.key
            )),
            Self::Store(error) => Told::By(error),
        }
    }
}
