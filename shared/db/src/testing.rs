//! Databases for tests: each test has its own, cloned from a template that was migrated once.

use crate::{Database, migrations};
use tokio_postgres::{Client, Config, NoTls};
use uuid::Uuid;

const SERVER: &str = "HEATERS_TEST_DATABASE_URL";
const LOCK: i64 = 0x7465_6d70;

/// A migrated database of the test's own, dropped with it.
pub struct TestDatabase {
    pub database: Database,
    pub url: String,
    name: String,
    server: Config,
}

impl TestDatabase {
    /// Clones the template, which the first test to come here makes.
    ///
    /// # Panics
    /// Where no server is named or it does not answer: a test without its database must not pass.
    pub async fn new() -> Self {
        let (server_url, server) = server();
        let template = format!("heaters_template_{}", migrations::fingerprint());
        let client = connect(&server).await;
        client.execute("SELECT pg_advisory_lock($1)", &[&LOCK]).await.expect("the template's lock");
        ensure_template(&client, &server, &template).await;
        Self::create(&client, &server_url, server, &format!("TEMPLATE {template}")).await
    }

    /// A database without a schema.
    ///
    /// # Panics
    /// As [`TestDatabase::new`].
    pub async fn empty() -> Self {
        let (server_url, server) = server();
        let client = connect(&server).await;
        Self::create(&client, &server_url, server, "").await
    }

    async fn create(client: &Client, server_url: &str, server: Config, options: &str) -> Self {
        let name = format!("heaters_test_{}", Uuid::now_v7().simple());
        run(client, &format!("CREATE DATABASE {name} {options}")).await;
        let mut config = server.clone();
        config.dbname(&name);
        let database = Database::from_config(config).expect("a pool");
        Self { database, url: url_of(server_url, &name), name, server }
    }
}

impl Drop for TestDatabase {
    /// Tests share a server that is thrown away, but its disk may be small.
    fn drop(&mut self) {
        let (server, name) = (self.server.clone(), self.name.clone());
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async {
                let client = connect(&server).await;
                let _ = client.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
            });
            std::io::Result::Ok(())
        });
        let _ = dropping.join();
    }
}

#[expect(clippy::disallowed_methods, reason = "tests have no configuration but the environment")]
fn server() -> (String, Config) {
    let url = std::env::var(SERVER).unwrap_or_else(|_| {
        panic!("{SERVER} is not set: run the tests through the set-up that starts PostgreSQL (`make test`)")
    });
    let config = url.parse().unwrap_or_else(|error| panic!("{SERVER} is not an address: {error}"));
    (url, config)
}

fn url_of(server_url: &str, name: &str) -> String {
    let (base, options) = server_url.split_once('?').map_or((server_url, ""), |(base, options)| (base, options));
    let authority = base.find("://").map_or(0, |at| at + 3);
    let end = base[authority..].find('/').map_or(base.len(), |at| authority + at);
    let options = if options.is_empty() { String::new() } else { format!("?{options}") };
    format!("{}/{name}{options}", &base[..end])
}

async fn ensure_template(client: &Client, server: &Config, template: &str) {
    let found =
        client.query("SELECT FROM pg_database WHERE datname = $1", &[&template]).await.expect("a list of databases");
    if !found.is_empty() {
        return;
    }
    // Made under another name first: a test that is killed here leaves no half-migrated template.
    let draft = format!("{template}_draft");
    run(client, &format!("DROP DATABASE IF EXISTS {draft} WITH (FORCE)")).await;
    run(client, &format!("CREATE DATABASE {draft}")).await;
    let mut config = server.clone();
    config.dbname(&draft);
    let database = Database::from_config(config).expect("a pool");
    migrations::run(&database).await.expect("migrations that run");
    database.close();
    run(client, &format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{draft}'")).await;
    run(client, &format!("ALTER DATABASE {draft} RENAME TO {template}")).await;
}

async fn connect(server: &Config) -> Client {
    let (client, connection) = server.connect(NoTls).await.expect("a PostgreSQL server");
    tokio::spawn(connection);
    client
}

async fn run(client: &Client, sql: &str) {
    client.batch_execute(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
}

#[cfg(test)]
mod tests {
    use super::url_of;

    #[test]
    fn a_databases_address_keeps_server_and_options() {
        assert_eq!(url_of("postgresql://u@h:1/postgres?a=b", "x"), "postgresql://u@h:1/x?a=b");
        assert_eq!(url_of("postgresql://u@h:1", "x"), "postgresql://u@h:1/x");
    }
}
