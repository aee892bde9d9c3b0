//! Brings the functions and the transformed template into the emulator; only what changed.

mod bundle;
mod stack;

use crate::{
    access::LOCAL_STACK,
    digest, emulator,
    fabric::Fabric,
    home::Home,
    issuer,
    output::Steps,
    process::find_program,
    transform::{self, Artifact, LocalParameters, function_names},
};
use anyhow::{Context, bail};
use aws_config::SdkConfig;
use aws_sdk_lambda::primitives::Blob;
use bundle::Bundles;
use serde_json::{Value, json};
use std::{collections::BTreeMap, fs, path::Path};

const ARTIFACTS: &str = "heaters-artifacts";
const STATE_MACHINES: [&str; 2] = ["ingest", "publish"];

/// Deploys the stack if anything in it changed, and migrates the database. Returns the deployment's digest.
pub async fn deploy(home: &Home, fabric: &Fabric, sdk: &SdkConfig, steps: &Steps) -> anyhow::Result<String> {
    let template = fs::read_to_string(home.template()).context("infra/template.yaml can't be read")?;
    let template = transform::yaml::parse(&template)?;
    let mut bundles = Bundles::find(home, &function_names(&template))?;
    let template = transform::transform(template, &parameters(home, fabric, &bundles)?)?;
    let body = serde_json::to_string(&template)?;
    let content = digest::hex(body.as_bytes());
    if fabric.deployed.as_deref() != Some(&content) || !stack::exists(sdk, LOCAL_STACK).await {
        bundles.upload(sdk, ARTIFACTS, steps).await?;
        steps.say("Deploying the stack");
        stack::deploy(sdk, LOCAL_STACK, &body).await?;
        bundles.remove_others(sdk, ARTIFACTS).await?;
    }
    bundles.remember(home)?;
    steps.say("Migrating the database");
    migrate(sdk, LOCAL_STACK).await?;
    Ok(content)
}

/// Calls the migrate function, which does nothing when the database is up to date.
pub async fn migrate(sdk: &SdkConfig, stack: &str) -> anyhow::Result<()> {
    let call = aws_sdk_lambda::Client::new(sdk).invoke().function_name(format!("{stack}-migrate"));
    let answer = call.payload(Blob::new("{}")).send().await.context("The migrate function could not be called.")?;
    if answer.function_error.is_some() {
        let payload = answer.payload.map(Blob::into_inner).unwrap_or_default();
        bail!("The database could not be migrated: {}", String::from_utf8_lossy(&payload));
    }
    Ok(())
}

fn parameters(home: &Home, fabric: &Fabric, bundles: &Bundles) -> anyhow::Result<LocalParameters> {
    let mut definitions = BTreeMap::new();
    for name in STATE_MACHINES {
        let path = format!("../statemachine/{name}.asl.json");
        definitions.insert(path, read_json(&home.root.join(format!("statemachine/{name}.asl.json")))?);
    }
    let artifact = |key: String| Artifact { bucket: ARTIFACTS.to_owned(), key };
    Ok(LocalParameters {
        artifacts: bundles.keys().map(|(name, key)| (name, artifact(key))).collect(),
        definitions,
        database_url: fabric.database_url(),
        endpoint: emulator::endpoint(fabric.ports),
        issuer: issuer::address(fabric.ports.issuer),
        audience: issuer::CLIENT_ID.to_owned(),
        models: models(home)?,
        environment: environment(home, fabric.loopback_sources)?,
        architecture: if cfg!(target_arch = "aarch64") { "arm64" } else { "x86_64" }.to_owned(),
        map_concurrency: std::thread::available_parallelism()
            .map_or(2, |cores| u32::try_from(cores.get()).unwrap_or(2)),
    })
}

fn environment(home: &Home, loopback_sources: bool) -> anyhow::Result<BTreeMap<String, String>> {
    let tool = |name: &str| {
        let path = find_program(name).with_context(|| format!("{name} is not installed. Run `make setup`."))?;
        anyhow::Ok(path.to_string_lossy().into_owned())
    };
    let path = |path: &Path| path.to_string_lossy().into_owned();
    let mut environment = BTreeMap::from([
        ("FFMPEG".to_owned(), tool("ffmpeg")?),
        ("FFPROBE".to_owned(), tool("ffprobe")?),
        ("HEATERS_SCRATCH".to_owned(), path(&home.data.join("scratch"))),
        ("MODEL_DIR".to_owned(), path(&home.models())),
        ("ORT_DYLIB_PATH".to_owned(), path(&home.onnx_runtime())),
        ("PYTHON".to_owned(), path(&home.python())),
    ]);
    if loopback_sources {
        environment.insert("GUARD_ALLOW_LOOPBACK_FOR_TESTS".to_owned(), "1".to_owned());
    }
    Ok(environment)
}

/// What the migrate function has to know of each model folder's manifest.
fn models(home: &Home) -> anyhow::Result<String> {
    let folders = fs::read_dir(home.models()).context("There are no embedding models. Run `make setup`.")?;
    let mut models = Vec::new();
    for folder in folders {
        let manifest = folder?.path().join("manifest.json");
        if manifest.exists() {
            let found = read_json(&manifest)?;
            models.push(json!({ "name": found["name"], "version": found["version"], "dimension": found["dimension"] }));
        }
    }
    models.sort_by_key(|model| model["name"].to_string());
    Ok(Value::Array(models).to_string())
}

fn read_json(path: &Path) -> anyhow::Result<Value> {
    let text = fs::read_to_string(path).with_context(|| format!("{} can't be read", path.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} is not JSON", path.display()))
}
