//! The functions' zips: each holds the binary as `bootstrap`, and is named after its content.

use crate::{digest, home::Home, output::Steps};
use anyhow::{Context, bail};
use aws_config::SdkConfig;
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::{Cursor, Write},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

/// A binary as it was when its digest was taken. Reading all of them takes longer than everything else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Seen {
    size: u64,
    modified: (i64, i64),
    digest: String,
}

#[derive(Debug)]
pub struct Bundles {
    folder: PathBuf,
    seen: BTreeMap<String, Seen>,
}

impl Bundles {
    /// Finds the binaries beside this program and takes the digests of those that changed.
    pub fn find(home: &Home, names: &[String]) -> anyhow::Result<Self> {
        let program = std::env::current_exe()?;
        let folder = program.parent().context("this program lies nowhere")?.to_owned();
        let known = fs::read(list(home)).ok().and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default();
        Self::look(folder, names, &known)
    }

    fn look(folder: PathBuf, names: &[String], known: &BTreeMap<String, Seen>) -> anyhow::Result<Self> {
        let mut seen = BTreeMap::new();
        for name in names {
            let path = folder.join(name);
            let Ok(found) = fs::metadata(&path) else {
                bail!("The function {name} is not built. Run `make build`.");
            };
            let (size, modified) = (found.len(), (found.mtime(), found.mtime_nsec()));
            let content_digest = match known.get(name) {
                Some(known) if (known.size, known.modified) == (size, modified) => known.digest.clone(),
                _ => digest::hex(&fs::read(&path)?),
            };
            seen.insert(name.clone(), Seen { size, modified, digest: content_digest });
        }
        Ok(Self { folder, seen })
    }

    /// The functions' names with the keys of their zips.
    pub fn keys(&self) -> impl Iterator<Item = (String, String)> {
        self.seen.iter().map(|(name, seen)| (name.clone(), key(name, seen)))
    }

    /// Uploads the zips that are not there yet.
    pub async fn upload(&mut self, sdk: &SdkConfig, bucket: &str, steps: &Steps) -> anyhow::Result<()> {
        let s3 = client(sdk);
        if s3.head_bucket().bucket(bucket).send().await.is_err() {
            s3.create_bucket().bucket(bucket).send().await.context("The bucket for functions could not be made.")?;
        }
        for (name, seen) in &self.seen {
            let key = key(name, seen);
            if s3.head_object().bucket(bucket).key(&key).send().await.is_ok() {
                continue;
            }
            steps.say(&format!("Packing {name}"));
            let path = self.folder.join(name);
            let bytes = tokio::task::spawn_blocking(move || zip(&path)).await??;
            let put = s3.put_object().bucket(bucket).key(&key).body(bytes.into());
            put.send().await.with_context(|| format!("The function {name} could not be uploaded."))?;
        }
        Ok(())
    }

    /// Removes the zips of earlier builds.
    pub async fn remove_others(&self, sdk: &SdkConfig, bucket: &str) -> anyhow::Result<()> {
        let s3 = client(sdk);
        let kept: BTreeSet<String> = self.keys().map(|(_, key)| key).collect();
        let mut pages = s3.list_objects_v2().bucket(bucket).into_paginator().send();
        while let Some(page) = pages.next().await {
            let found = page.context("The bucket for functions could not be listed.")?.contents.unwrap_or_default();
            for key in found.into_iter().filter_map(|object| object.key).filter(|key| !kept.contains(key)) {
                s3.delete_object().bucket(bucket).key(key).send().await.context("An old zip could not be removed.")?;
            }
        }
        Ok(())
    }

    pub fn remember(&self, home: &Home) -> anyhow::Result<()> {
        Ok(fs::write(list(home), serde_json::to_vec(&self.seen)?)?)
    }
}

fn client(sdk: &SdkConfig) -> aws_sdk_s3::Client {
    aws_sdk_s3::Client::from_conf(aws_sdk_s3::config::Builder::from(sdk).force_path_style(true).build())
}

fn list(home: &Home) -> PathBuf {
    home.data.join("functions.json")
}

fn key(name: &str, seen: &Seen) -> String {
    format!("functions/{name}-{}.zip", &seen.digest[..16])
}

/// The fastest level: the zip only goes to this machine's emulator.
fn zip(binary: &Path) -> anyhow::Result<Vec<u8>> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(1))
        .unix_permissions(0o755);
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer.start_file("bootstrap", options)?;
    writer.write_all(&fs::read(binary)?)?;
    Ok(writer.finish()?.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_changed_binary_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("probe"), "one").unwrap();
        let names = ["probe".to_owned()];
        let first = Bundles::look(folder.path().to_owned(), &names, &BTreeMap::new()).unwrap();
        let mut known = first.seen.clone();
        known.get_mut("probe").unwrap().digest = "remembered-digest".to_owned();
        let again = Bundles::look(folder.path().to_owned(), &names, &known).unwrap();
        assert_eq!(again.seen["probe"].digest, "remembered-digest");
        fs::write(folder.path().join("probe"), "longer").unwrap();
        let changed = Bundles::look(folder.path().to_owned(), &names, &known).unwrap();
        assert_ne!(changed.keys().next(), first.keys().next());
    }

    #[test]
    fn a_function_that_is_not_built_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let error = Bundles::look(folder.path().to_owned(), &["probe".to_owned()], &BTreeMap::new()).unwrap_err();
        assert!(error.to_string().contains("probe is not built"));
    }

    #[test]
    fn the_zip_holds_an_executable_bootstrap() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("probe");
        fs::write(&path, "binary").unwrap();
        let mut archive = zip::ZipArchive::new(Cursor::new(zip(&path).unwrap())).unwrap();
        let entry = archive.by_name("bootstrap").unwrap();
        assert_eq!((entry.size(), entry.unix_mode().unwrap() & 0o777), (6, 0o755));
    }
}
