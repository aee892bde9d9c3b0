//! The review site: its files in the site bucket, and `config.json`, which tells it where the API is.

use crate::{access::Access, digest};
use anyhow::Context;
use serde_json::json;
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// A digest of what would be uploaded; changes when a file or an address does.
pub fn digest(files: &Path, access: &Access) -> anyhow::Result<String> {
    let mut content = config(access).into_bytes();
    for path in list(files)? {
        let found = fs::metadata(&path)?;
        content.extend(format!("{}:{}:{:?}", path.display(), found.len(), found.modified()?).into_bytes());
    }
    Ok(digest::hex(&content))
}

/// Uploads all files with their content types.
pub async fn upload(files: &Path, access: &Access) -> anyhow::Result<()> {
    let s3 = access.s3();
    let put = |key: &str, body: Vec<u8>| {
        let call = s3.put_object().bucket(&access.site_bucket).key(key).content_type(content_type(key));
        call.cache_control(cache_control(key)).body(body.into()).send()
    };
    for path in list(files)? {
        let key = path.strip_prefix(files)?.to_string_lossy().into_owned();
        put(&key, fs::read(&path)?).await.with_context(|| format!("{key} could not be uploaded to the site."))?;
    }
    put("config.json", config(access).into_bytes()).await.context("config.json could not be uploaded to the site.")?;
    Ok(())
}

fn config(access: &Access) -> String {
    json!({
        "api_url": access.api_url,
        "auth": {
            "authority": access.issuer,
            "client_id": access.audience,
            "audience": access.audience,
            "scope": "openid profile email",
        },
    })
    .to_string()
}

fn list(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() { open.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    Ok(files)
}

/// Vite names what lies in `assets` after its content, so it never changes.
fn cache_control(key: &str) -> &'static str {
    if key.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" }
}

fn content_type(key: &str) -> &'static str {
    match key.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "webmanifest" => "application/manifest+json",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_asked_for_again_and_assets_are_not() {
        assert_eq!(content_type("review.html"), "text/html; charset=utf-8");
        assert_eq!(content_type("assets/a.b.js"), "text/javascript; charset=utf-8");
        assert_eq!(cache_control("config.json"), "no-cache");
        assert!(cache_control("assets/a.js").contains("immutable"));
    }

    #[test]
    fn files_of_folders_are_found() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("assets")).unwrap();
        fs::write(folder.path().join("assets/a.js"), "").unwrap();
        fs::write(folder.path().join("index.html"), "").unwrap();
        let names = list(folder.path()).unwrap();
        assert_eq!(names, [folder.path().join("assets/a.js"), folder.path().join("index.html")]);
    }
}
