use heaters_domain::{Stage, contract::PublicationInput};
use heaters_media::Tools;
use heaters_runtime::serve;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    serve(Stage::Keyframes, |services, input: PublicationInput| async move {
        let tools = Tools { ffmpeg: services.config.ffmpeg(), ffprobe: services.config.ffprobe() };
        keyframes::run(&*services.store, &tools, &services.config.scratch_root(), input).await
    })
    .await
}
