use crate::Config;
use heaters_aws::{Functions, Metered, ObjectStore, S3Store, Workflows, sdk_config};
use std::sync::Arc;

/// What a function works with.
#[derive(Clone)]
pub struct Services {
    pub config: Config,
    pub store: Arc<dyn ObjectStore>,
    /// The same store, for what went through it.
    pub traffic: Arc<Metered<S3Store>>,
    pub workflows: Workflows,
    pub functions: Functions,
    pub sdk: heaters_aws::SdkConfig,
}

impl Services {
    pub async fn from_env() -> Self {
        let sdk = sdk_config().await;
        let traffic = Arc::new(Metered::new(S3Store::new(&sdk)));
        Self {
            config: Config::from_env(),
            store: traffic.clone(),
            traffic,
            workflows: Workflows::new(&sdk),
            functions: Functions::new(&sdk),
            sdk,
        }
    }
}
