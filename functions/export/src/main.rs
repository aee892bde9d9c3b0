use export::{Exporter, SqsEvent};
use heaters_media::Tools;
use heaters_runtime::{Services, make_non_dumpable, telemetry};
use lambda_runtime::{LambdaEvent, service_fn};
use std::sync::Arc;

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    let services = Arc::new(Services::from_env().await);
    telemetry::start(&services.config);
    make_non_dumpable();
    lambda_runtime::run(service_fn(move |event: LambdaEvent<SqsEvent>| {
        let services = services.clone();
        async move {
            let tools = Tools { ffmpeg: services.config.ffmpeg(), ffprobe: services.config.ffprobe() };
            let scratch_root = services.config.scratch_root();
            let exporter = Exporter { store: &*services.store, tools: &tools, scratch_root: &scratch_root };
            Ok::<_, lambda_runtime::Error>(exporter.batch(&services.workflows, event.payload).await)
        }
    }))
    .await
}
