//! Where things lie on this machine.

use anyhow::{Context, bail};
use std::path::{Path, PathBuf};

/// The checkout, and the folder with the local fabric's data.
#[derive(Debug, Clone)]
pub struct Home {
    /// The repository's root.
    pub root: PathBuf,
    /// The fabric's data. Several fabrics may run side by side, each in its own folder.
    pub data: PathBuf,
}

impl Home {
    /// Finds the checkout from the current folder or from where this program lies.
    pub fn find(data: Option<PathBuf>) -> anyhow::Result<Self> {
        let starts = [std::env::current_dir().ok(), std::env::current_exe().ok()];
        let Some(root) = starts.into_iter().flatten().find_map(|start| checkout_above(&start)) else {
            bail!("This is not a checkout of Heaters. Run the command in its folder.");
        };
        let data = match data {
            Some(folder) => std::path::absolute(folder)?,
            None => root.join(".heaters"),
        };
        Ok(Self { root, data })
    }

    /// What `make setup` installed: Python packages, ONNX Runtime, models. Shared by all fabrics of a checkout.
    pub fn tools(&self) -> PathBuf {
        self.root.join(".heaters")
    }

    pub fn python(&self) -> PathBuf {
        self.tools().join("venv/bin/python")
    }

    pub fn onnx_runtime(&self) -> PathBuf {
        self.tools().join("onnxruntime/libonnxruntime.so")
    }

    pub fn models(&self) -> PathBuf {
        self.tools().join("models")
    }

    pub fn launcher(&self) -> PathBuf {
        self.root.join("infra/local/launcher/launcher.py")
    }

    pub fn template(&self) -> PathBuf {
        self.root.join("infra/template.yaml")
    }

    pub fn site_files(&self) -> PathBuf {
        self.root.join("web/dist")
    }

    pub fn log(&self, name: &str) -> PathBuf {
        self.data.join("logs").join(format!("{name}.log"))
    }

    /// Makes the data folder, for its owner alone: keys and passwords lie there.
    pub fn prepare(&self) -> anyhow::Result<()> {
        for folder in ["", "logs", "tmp", "scratch", "state", "s3"] {
            let path = self.data.join(folder);
            std::fs::create_dir_all(&path).with_context(|| format!("{} can't be made", path.display()))?;
        }
        Ok(())
    }
}

fn checkout_above(start: &Path) -> Option<PathBuf> {
    start.ancestors().find(|folder| folder.join("infra/template.yaml").is_file()).map(Path::to_owned)
}

/// Writes a file that only its owner may read.
pub fn write_private(path: &Path, content: &[u8]) -> std::io::Result<()> {
    use std::{io::Write, os::unix::fs::OpenOptionsExt};
    let unfinished = path.with_extension("new");
    let mut file = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&unfinished)?;
    file.write_all(content)?;
    file.sync_all()?;
    std::fs::rename(unfinished, path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn the_checkout_is_found_from_below() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("infra/local/src")).unwrap();
        std::fs::write(folder.path().join("infra/template.yaml"), "").unwrap();
        assert_eq!(checkout_above(&folder.path().join("infra/local/src")), Some(folder.path().to_owned()));
    }

    #[test]
    fn secrets_are_for_their_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        write_private(&path, b"secret").unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(std::fs::read(&path).unwrap(), b"secret");
    }
}
