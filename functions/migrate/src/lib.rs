//! Brings the database to this release's schema and makes the embedding models known to it.

use heaters_db::{Database, DbError, migrations, search};
use heaters_domain::{Failure, Fault, Stage, StageReport, Subject, Told, stage::Done};
use heaters_runtime::{Config, ConfigError, Stopwatch, failure_of};
use serde::{Deserialize, Serialize};

/// A model as its manifest describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelManifest {
    pub name: String,
    pub version: String,
    pub dimension: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MigrateOutput {
    /// The migrations that this run applied, in order.
    pub applied: Vec<String>,
    /// All models that are known now.
    pub models: Vec<String>,
}

#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error("MODELS do not hold a JSON list of model manifests")]
    Models(#[source] serde_json::Error),
    #[error("the schema could not be brought up to date")]
    Database(#[from] DbError),
}

impl Fault for MigrateError {
    fn told(&self) -> Told<'_> {
        match self {
            Self::Config(error) => Told::By(error),
            Self::Models(_) => Told::internal("The list of embedding models is not valid."),
            Self::Database(error) => {
                Told::Own(error.class(), "The database could not be brought up to date; it is as it was before.".into())
            }
        }
    }
}

/// Runs the function. The failure is logged here and nowhere else.
pub async fn handle(config: &Config) -> Result<StageReport<MigrateOutput>, Failure> {
    let watch = Stopwatch::start();
    match run(config).await {
        Ok(output) => {
            tracing::info!(applied = ?output.applied, models = ?output.models, "the schema is up to date");
            let done = if output.applied.is_empty() { Done::already(output) } else { Done::completed(output) };
            Ok(watch.report(Stage::Migrate, Subject::default(), 1, done))
        }
        Err(error) => {
            let failure = failure_of(&error, Stage::Migrate, Subject::default());
            tracing::error!(class = %failure.class, detail = %failure.detail, "not migrated");
            Err(failure)
        }
    }
}

/// Migrates the database at `DATABASE_URL` and registers the models that `MODELS` lists.
pub async fn run(config: &Config) -> Result<MigrateOutput, MigrateError> {
    let models: Vec<ModelManifest> =
        serde_json::from_str(config.get("MODELS").unwrap_or("[]")).map_err(MigrateError::Models)?;
    let database = Database::new(config.database_url()?)?;
    let applied = migrations::run(&database).await?;
    let session = database.session().await?;
    for model in &models {
        search::register_model(&session, &model.name, &model.version, model.dimension).await?;
    }
    let known = search::models(&session).await?;
    Ok(MigrateOutput { applied, models: known.into_iter().map(|model| model.name).collect() })
}
