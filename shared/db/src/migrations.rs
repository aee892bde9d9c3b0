//! The schema's migrations, embedded.

use crate::{Database, DbError};

mod embedded {
    refinery::embed_migrations!("../../migrations");
}

/// Any number of our own: two migrators wait for each other.
const LOCK: i64 = 0x6865_6174_6572;

/// Runs the migrations that have not run and returns their names.
pub async fn run(database: &Database) -> Result<Vec<String>, DbError> {
    let mut session = database.session().await?;
    let client: &mut tokio_postgres::Client = &mut session;
    let locking = |source| DbError::Query { operation: "the migrations' lock", source };
    client.execute("SELECT pg_advisory_lock($1)", &[&LOCK]).await.map_err(locking)?;
    let result = embedded::migrations::runner().run_async(client).await;
    client.execute("SELECT pg_advisory_unlock($1)", &[&LOCK]).await.map_err(locking)?;
    let report = result.map_err(|error| DbError::Migration(Box::new(error)))?;
    Ok(report.applied_migrations().iter().map(ToString::to_string).collect())
}

/// Changes whenever a migration does: names the tests' template database.
#[cfg(feature = "testing")]
pub(crate) fn fingerprint() -> String {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    for migration in embedded::migrations::runner().get_migrations() {
        migration.checksum().hash(&mut hasher);
    }
    format!("{:016x}", hasher.finish())
}
