//! Asks yt-dlp what there is at a URL. It runs confined: it makes no socket, sees no environment and starts nothing
//! that could; all it can reach is the guard's line.

mod complaint;
mod info;

pub use complaint::explain;
pub use info::{Chosen, Found, Fragment, Protocol, TrackFormat};

use crate::{
    error::DownloadError,
    guard::{Guard, Line},
    settings::YtDlp,
};
use heaters_domain::download::DownloadSettings;
use heaters_media::{LINE, Run, run_on_line};
use std::{io, path::Path, sync::Arc, time::Duration};
use tokio::runtime::Handle;

/// The program that yt-dlp runs in.
const ON_LINE: &str = include_str!("on_line.py");
const DEADLINE: Duration = Duration::from_mins(4);
/// A long playlist is some megabytes.
const MOST_OUTPUT_BYTES: usize = 64 << 20;

/// What is at a URL: a video with the tracks to fetch, or a playlist.
pub async fn extract(
    guard: &Arc<Guard>,
    tool: &YtDlp,
    settings: &DownloadSettings,
    folder: &Path,
    url: &str,
) -> Result<Found, DownloadError> {
    let args = arguments(tool, settings, url);
    let (guard, python, folder, url) = (guard.clone(), tool.python.clone(), folder.to_owned(), url.to_owned());
    let runtime = Handle::current();
    let refused_before = guard.refusals().len();
    let output = tokio::task::spawn_blocking({
        let guard = guard.clone();
        move || {
            let theirs = Line::new().map_err(DownloadError::Line)?.serve(guard, runtime);
            let run = Run { args: &args, folder: &folder, deadline: DEADLINE, subject: &url };
            let mut output = Vec::new();
            let keep = |piece: &[u8]| {
                output.extend_from_slice(piece);
                let fits = output.len() <= MOST_OUTPUT_BYTES;
                if fits { Ok(()) } else { Err(io::Error::other("yt-dlp says more than anybody could want to know")) }
            };
            run_on_line(&python, &run, &theirs, keep).map(|_| output).map_err(DownloadError::YtDlp)
        }
    })
    .await
    .map_err(DownloadError::Stopped)?;
    match output {
        Ok(output) => info::read(&output),
        Err(DownloadError::YtDlp(error)) => {
            let refusal = guard.refusals().into_iter().nth(refused_before);
            Err(complaint::classify(error, refusal))
        }
        Err(error) => Err(error),
    }
}

/// Everything that could start a program, read or write a file, or ask another service is off.
fn arguments(tool: &YtDlp, settings: &DownloadSettings, url: &str) -> Vec<String> {
    let playlist_end = (settings.max_playlist + 1).to_string();
    let packages = tool.packages.as_ref().map(|path| path.display().to_string()).unwrap_or_default();
    let fixed = ["-I", "-B", "-c", ON_LINE, LINE, &packages];
    let options = [
        "--ignore-config",
        "--no-plugin-dirs",
        "--no-js-runtimes",
        "--no-remote-components",
        "--no-cache-dir",
        "--no-update",
        "--no-cookies",
        "--no-cookies-from-browser",
        "--no-exec",
        "--no-mark-watched",
        "--no-write-comments",
        "--no-check-formats",
        "--no-progress",
        "--ffmpeg-location",
        "/nonexistent",
        "--socket-timeout",
        "20",
        "--retries",
        "2",
        "--extractor-retries",
        "1",
        "--flat-playlist",
        "--playlist-end",
        &playlist_end,
        "--format",
        &settings.format,
        "--dump-single-json",
        "--",
        url,
    ];
    fixed.into_iter().chain(options).map(str::to_owned).collect()
}
