//! One stage of the ingest on a folder of objects, for benchmarks: what the Lambda runs, without the fabric.
//!
//! ```text
//! stage probe|preprocess|assemble|detect_scenes FOLDER SCRATCH < input.json
//! ```
//! Buckets are folders of FOLDER. Prints the stage's report as JSON, and on the standard error what it logs.

use heaters_aws::{DirStore, Metered};
use heaters_domain::Stage;
use heaters_media::Tools;
use heaters_runtime::run_stage;
use std::path::PathBuf;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [stage, folder, scratch] = args.as_slice() else { anyhow::bail!("stage STAGE FOLDER SCRATCH < input.json") };
    let (stage, store, scratch) =
        (stage.parse::<Stage>()?, Metered::new(DirStore::new(folder)), PathBuf::from(scratch));
    let tools = Tools { ffmpeg: "ffmpeg".into(), ffprobe: "ffprobe".into() };
    let input = std::io::read_to_string(std::io::stdin())?;
    macro_rules! report {
        ($work:expr) => {{
            let work = $work;
            let report = run_stage(stage, serde_json::from_str(&input)?, work).await;
            serde_json::to_value(
                report.map_err(|failure| anyhow::anyhow!("{}: {}", failure.sentence, failure.detail))?,
            )?
        }};
    }
    let mut report = match stage {
        Stage::Probe => report!(|input| probe::run(&store, &tools, &scratch, input)),
        Stage::Preprocess => report!(|input| preprocess::run(&store, &tools, &scratch, input)),
        Stage::Assemble => report!(|input| assemble::run(&store, &tools, &scratch, input)),
        Stage::DetectScenes => report!(|input| detect_scenes::run(&store, &scratch, input)),
        other => anyhow::bail!("{other} is not measured here"),
    };
    report["metrics"]["read_bytes"] = store.read_bytes().into();
    report["metrics"]["written_bytes"] = store.written_bytes().into();
    println!("{report}");
    Ok(())
}
