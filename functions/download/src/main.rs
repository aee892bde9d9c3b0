use download::{guard::SystemResolver, settings::Settings};
use heaters_domain::{Stage, contract::IngestInput};
use heaters_runtime::Config;
use std::sync::Arc;

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    let settings = Arc::new(Settings::from_config(&Config::from_env())?);
    heaters_runtime::serve(Stage::Download, move |services, input: IngestInput| {
        let settings = settings.clone();
        async move { download::run(&*services.traffic, &settings, Arc::new(SystemResolver), input).await }
    })
    .await
}
