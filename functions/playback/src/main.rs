use heaters_domain::{Stage, contract::PlaybackInput};
use heaters_runtime::serve;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    serve(Stage::Playback, |services, input: PlaybackInput| async move {
        playback::run(&*services.store, &services.config.scratch_root(), input).await
    })
    .await
}
