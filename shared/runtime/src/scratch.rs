use heaters_domain::{Fault, Told};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// A folder for one invocation's temporary files, emptied before and after.
///
/// Instances share a disk locally and on AWS keep theirs between invocations, so each process has a
/// folder of its own, named by its process id, and clears those of processes that are gone.
#[derive(Debug)]
pub struct Scratch {
    path: PathBuf,
}

/// Where scratch folders are made, and how much of the disk they may take.
#[derive(Debug, Clone, Copy)]
pub struct Room<'a> {
    root: &'a Path,
    most_bytes: u64,
}

impl<'a> Room<'a> {
    /// No more than so many bytes, however much is free.
    pub fn limited(root: &'a Path, most_bytes: u64) -> Self {
        Self { root, most_bytes }
    }
}

impl<'a> From<&'a Path> for Room<'a> {
    fn from(root: &'a Path) -> Self {
        Self { root, most_bytes: u64::MAX }
    }
}

impl<'a> From<&'a PathBuf> for Room<'a> {
    fn from(root: &'a PathBuf) -> Self {
        root.as_path().into()
    }
}

#[derive(Debug, thiserror::Error)]
pub enum ScratchError {
    #[error("{operation} of the scratch folder {path} failed")]
    Io { operation: &'static str, path: PathBuf, source: io::Error },
    #[error("{path} has {free_bytes} bytes free and the work needs {needed_bytes}")]
    NoSpace { path: PathBuf, free_bytes: u64, needed_bytes: u64 },
}

impl Fault for ScratchError {
    fn told(&self) -> Told<'_> {
        match self {
            Self::Io { .. } => Told::scratch(),
            Self::NoSpace { free_bytes, needed_bytes, .. } => Told::transient(format!(
                "The temporary disk has {} MB free and this video needs {} MB. Give the function more storage and retry.",
                free_bytes / 1_000_000,
                needed_bytes / 1_000_000
            )),
        }
    }
}

impl Scratch {
    /// Makes an empty folder, and refuses when the disk is too full for the work.
    pub fn prepare<'a>(room: impl Into<Room<'a>>, needed_bytes: u64) -> Result<Self, ScratchError> {
        let Room { root, most_bytes } = room.into();
        let path = root.join(std::process::id().to_string());
        let failed = |operation, path: &Path| {
            let path = path.to_owned();
            move |source| ScratchError::Io { operation, path, source }
        };
        fs::create_dir_all(root).map_err(failed("creation", root))?;
        clear_abandoned(root);
        if path.exists() {
            fs::remove_dir_all(&path).map_err(failed("clearing", &path))?;
        }
        fs::create_dir(&path).map_err(failed("creation", &path))?;
        let space = nix::sys::statvfs::statvfs(root).map_err(|error| failed("measuring", root)(error.into()))?;
        let free_bytes = (space.blocks_available() * space.fragment_size()).min(most_bytes);
        if free_bytes < needed_bytes {
            return Err(ScratchError::NoSpace { path, free_bytes, needed_bytes });
        }
        Ok(Self { path })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// Removes the folders of processes that are gone: a killed invocation can't clear its own.
fn clear_abandoned(root: &Path) {
    let Ok(entries) = fs::read_dir(root) else { return };
    for entry in entries.flatten() {
        let owner = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok());
        if owner.is_some_and(|pid| !Path::new(&format!("/proc/{pid}")).exists()) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leftovers_are_cleared_and_a_full_disk_is_refused() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("4294967295")).unwrap();
        let scratch = Scratch::prepare(root.path(), 1).unwrap();
        fs::write(scratch.file("left"), "x").unwrap();
        std::mem::forget(scratch);
        let scratch = Scratch::prepare(root.path(), 1).unwrap();
        assert_eq!(fs::read_dir(scratch.path()).unwrap().count(), 0);
        assert!(!root.path().join("4294967295").exists());
        assert!(matches!(Scratch::prepare(root.path(), u64::MAX), Err(ScratchError::NoSpace { .. })));
    }
}
