use crate::Config;
use heaters_aws::{Functions, ObjectStore, S3Store, Workflows, sdk_config};
use std::sync::Arc;

/// What a function works with.
#[derive(Clone)]
pub struct Services {
    pub config: Config,
    pub store: Arc<dyn ObjectStore>,
    pub workflows: Workflows,
    pub functions: Functions,
    pub sdk: heaters_aws::SdkConfig,
}

impl Services {
    pub async fn from_env() -> Self {
        let sdk = sdk_config().await;
        Self {
            config: Config::from_env(),
            store: Arc::new(S3Store::new(&sdk)),
            workflows: Workflows::new(&sdk),
            functions: Functions::new(&sdk),
            sdk,
        }
    }
}
