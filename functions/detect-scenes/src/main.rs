use heaters_domain::{Stage, contract::IngestInput};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    heaters_runtime::serve(Stage::DetectScenes, |services, input: IngestInput| async move {
        detect_scenes::run(services.store.as_ref(), &services.config.scratch_root(), input).await
    })
    .await
}
