//! The running local fabric: what was started where, and how it starts and stops as a whole.

use crate::{
    access::{Access, local_sdk},
    deploy, emulator,
    home::{Home, write_private},
    issuer,
    output::Steps,
    ports::{Ports, free_port},
    postgres::{self, Postgres},
    process, site,
};
use anyhow::{Context, bail};
use nix::fcntl::{Flock, FlockArg};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::{fs, os::unix::fs::MetadataExt, path::Path, time::Duration};

/// What is remembered between commands.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Fabric {
    pub ports: Ports,
    /// Process ids; 0 where nothing was started yet.
    emulator: u32,
    issuer: u32,
    /// The digest of the launcher that the emulator was started with, so that a new one replaces it.
    #[serde(default)]
    launcher: String,
    /// When the issuer's program was built, so that a new one replaces it.
    issuer_built: i64,
    database_password: String,
    /// The digest of what was deployed last.
    pub deployed: Option<String>,
    site: Option<String>,
    /// Whether URLs may lead to this machine: for tests with servers of their own.
    #[serde(default)]
    pub loopback_sources: bool,
}

impl Fabric {
    pub fn load(home: &Home) -> anyhow::Result<Self> {
        let path = home.data.join("fabric.json");
        match fs::read(&path) {
            Ok(text) => {
                serde_json::from_slice(&text).with_context(|| format!("{} is damaged: remove it", path.display()))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(error).with_context(|| format!("{} can't be read", path.display())),
        }
    }

    fn save(&self, home: &Home) -> anyhow::Result<()> {
        Ok(write_private(&home.data.join("fabric.json"), &serde_json::to_vec_pretty(self)?)?)
    }

    pub fn is_deployed(&self) -> bool {
        self.deployed.is_some()
    }

    pub fn database_url(&self) -> String {
        Postgres::url(self.ports.postgres, &self.database_password)
    }

    fn start_postgres(&mut self, home: &Home, steps: &Steps) -> anyhow::Result<()> {
        let postgres = Postgres::new(home)?;
        if !self.database_password.is_empty() && postgres.is_running(self.ports.postgres) {
            return Ok(());
        }
        steps.say("Starting PostgreSQL");
        if self.database_password.is_empty() {
            postgres.forget_orphan(home)?;
            self.database_password = issuer::random_text();
        }
        self.ports.postgres = free_port(self.ports.postgres)?;
        self.save(home)?;
        postgres.start(self.ports.postgres, &self.database_password)
    }

    async fn start_emulator(&mut self, home: &Home, steps: &Steps) -> anyhow::Result<()> {
        let launcher = emulator::launcher_digest(home)?;
        let is_ours = process::is_running(self.emulator, emulator::MARK) && self.launcher == launcher;
        if is_ours && emulator::is_healthy(self.ports).await {
            return Ok(());
        }
        steps.say("Starting the AWS emulator");
        emulator::stop(home, self.emulator);
        self.ports.emulator = free_port(self.ports.emulator)?;
        self.emulator = emulator::start(home, self.ports).await?;
        self.launcher = launcher;
        self.save(home)
    }

    fn start_issuer(&mut self, home: &Home, steps: &Steps) -> anyhow::Result<()> {
        let program = std::env::current_exe()?;
        let built = fs::metadata(&program)?.mtime();
        if process::is_running(self.issuer, issuer::MARK) && self.issuer_built == built {
            return Ok(());
        }
        steps.say("Starting the token issuer");
        process::stop(self.issuer, issuer::MARK, Duration::from_secs(5));
        self.ports.issuer = free_port(self.ports.issuer)?;
        let mut command = process::tool(program);
        command.current_dir(&home.root).arg("--home").arg(&home.data).arg("serve-issuer");
        command.arg("--port").arg(self.ports.issuer.to_string());
        command.arg("--site").arg(format!("{}/{}/", emulator::endpoint(self.ports), SITE_BUCKET));
        self.issuer = process::start_detached(&command, &home.log("issuer"))?;
        self.issuer_built = built;
        self.save(home)?;
        let answers = || std::net::TcpStream::connect(("127.0.0.1", self.ports.issuer)).is_ok();
        if !process::wait_until(Duration::from_secs(10), answers) {
            bail!("The token issuer did not start. Its log ends with:\n{}", process::tail(&home.log("issuer")));
        }
        Ok(())
    }
}

/// The template names buckets after stack and account.
const SITE_BUCKET: &str = "heaters-site-000000000000";

/// Starts what does not run, deploys what changed, and prints where everything is.
pub async fn up(home: &Home, as_json: bool, loopback_sources: bool) -> anyhow::Result<()> {
    home.prepare()?;
    let _lock = lock(home)?;
    let steps = Steps::start();
    let mut fabric = Fabric { loopback_sources, ..Fabric::load(home)? };
    let starting = lock_machine()?;
    fabric.start_postgres(home, &steps)?;
    fabric.start_emulator(home, &steps).await?;
    fabric.start_issuer(home, &steps)?;
    drop(starting);
    let sdk = local_sdk(&emulator::endpoint(fabric.ports)).await;
    fabric.deployed = Some(deploy::deploy(home, &fabric, &sdk, &steps).await?);
    fabric.save(home)?;
    let access = Access::of_fabric(home).await?;
    if home.site_files().join("index.html").exists() {
        let digest = site::digest(&home.site_files(), &access)?;
        if fabric.site.as_ref() != Some(&digest) {
            steps.say("Uploading the review site");
            site::upload(&home.site_files(), &access).await?;
            fabric.site = Some(digest);
            fabric.save(home)?;
        }
    }
    drop(steps);
    announce(&access, as_json);
    Ok(())
}

/// Finishes a deployment on AWS: migrates the database and uploads the site.
pub async fn up_stack(home: &Home, stack: &str, token: Option<String>, as_json: bool) -> anyhow::Result<()> {
    let access = Access::of_stack(stack, token).await?;
    let steps = Steps::start();
    steps.say("Migrating the database");
    deploy::migrate(&access.sdk, stack).await?;
    if !home.site_files().join("index.html").exists() {
        bail!("The review site is not built. Run `make web`.");
    }
    steps.say("Uploading the review site");
    site::upload(&home.site_files(), &access).await?;
    drop(steps);
    announce(&access, as_json);
    Ok(())
}

fn announce(access: &Access, as_json: bool) {
    if !as_json {
        println!("Heaters is ready: {}", access.site_url);
        return;
    }
    let summary = json!({
        "site_url": access.site_url,
        "api_url": access.api_url,
        "token": access.token,
        "upload_bucket": access.upload_bucket,
        "media_bucket": access.media_bucket,
        "ingest_state_machine_arn": access.ingest_machine,
        "aws_endpoint_url": access.endpoint,
        "database_url": access.database_url,
    });
    println!("{summary}");
}

/// Stops everything. The emulator goes first, since its functions use the others.
pub fn down(home: &Home) -> anyhow::Result<()> {
    if !home.data.exists() {
        return Ok(());
    }
    let _lock = lock(home)?;
    let fabric = Fabric::load(home)?;
    let steps = Steps::start();
    steps.say("Stopping the local fabric");
    emulator::stop(home, fabric.emulator);
    process::stop(fabric.issuer, issuer::MARK, Duration::from_secs(5));
    if let Ok(postgres) = Postgres::new(home) {
        postgres.stop()?;
    }
    Ok(())
}

/// Stops everything and removes all data; what `make setup` installed stays.
pub fn forget(home: &Home) -> anyhow::Result<()> {
    down(home)?;
    for name in ["pg", "s3", "state", "tmp", "scratch", "logs"] {
        let folder = home.data.join(name);
        if folder.exists() {
            fs::remove_dir_all(folder)?;
        }
    }
    for name in ["fabric.json", "functions.json", "issuer.key"] {
        let file = home.data.join(name);
        if file.exists() {
            fs::remove_file(file)?;
        }
    }
    Ok(postgres::remove_own_folder(home)?)
}

/// One `up` or `down` of a fabric at a time.
fn lock(home: &Home) -> anyhow::Result<Flock<fs::File>> {
    lock_file(&home.data.join("lock"))
}

/// One fabric of this user starts at a time: two would find the same ports free, and each take the other's
/// processes for its own.
fn lock_machine() -> anyhow::Result<Flock<fs::File>> {
    lock_file(&std::env::temp_dir().join(format!("heaters-{}.lock", nix::unistd::Uid::current())))
}

fn lock_file(path: &Path) -> anyhow::Result<Flock<fs::File>> {
    let file = fs::File::create(path).with_context(|| format!("{} can't be written", path.display()))?;
    Flock::lock(file, FlockArg::LockExclusive).map_err(|(_, error)| error).context("The fabric could not be locked.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_started_is_remembered() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home { root: folder.path().to_owned(), data: folder.path().to_owned() };
        assert!(!Fabric::load(&home).unwrap().is_deployed());
        let mut fabric = Fabric { database_password: "p".to_owned(), ..Fabric::default() };
        fabric.ports.postgres = 5555;
        fabric.save(&home).unwrap();
        assert_eq!(Fabric::load(&home).unwrap().database_url(), "postgres://heaters:p@127.0.0.1:5555/heaters");
    }

    #[test]
    fn a_damaged_memory_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home { root: folder.path().to_owned(), data: folder.path().to_owned() };
        fs::write(folder.path().join("fabric.json"), "{").unwrap();
        assert!(Fabric::load(&home).unwrap_err().to_string().contains("fabric.json is damaged"));
    }
}
