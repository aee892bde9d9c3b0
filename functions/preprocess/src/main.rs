use heaters_domain::{Stage, contract::ChunkInput};
use heaters_media::Tools;
use heaters_runtime::serve;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    serve(Stage::Preprocess, |services, input: ChunkInput| async move {
        let tools = Tools { ffmpeg: services.config.ffmpeg(), ffprobe: services.config.ffprobe() };
        preprocess::run(&*services.traffic, &tools, &services.config.scratch_root(), input).await
    })
    .await
}
