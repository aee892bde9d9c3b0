//! What breaks in the middle is done again, and nothing else is.

use crate::fabric::{Fabric, make, request_id, sample, wait_for};
use serde_json::Value;
use std::{collections::BTreeMap, fs};

/// Kills a preprocess function while its ffmpeg runs, as the kernel does when memory is short. The group leader is
/// the function; its tool dies with it.
fn kill_a_preprocess() -> bool {
    let processes = fs::read_dir("/proc").unwrap().flatten().map(|entry| entry.path());
    let mut at_work = processes.filter(|path| {
        fs::read(path.join("cmdline")).is_ok_and(|line| {
            let line = String::from_utf8_lossy(&line).into_owned();
            line.contains("ffmpeg") && line.contains("stamps.crc")
        })
    });
    let function = at_work.find_map(|tool| {
        let stat = fs::read_to_string(tool.join("stat")).ok()?;
        let parent = stat.rsplit(')').next()?.split_whitespace().nth(1)?.parse::<i32>().ok()?;
        // Others may be at work on this machine: the fabric's functions lie in a folder of its own.
        let program = fs::read(format!("/proc/{parent}/cmdline")).ok()?;
        String::from_utf8_lossy(&program).contains("ministack-provided-code").then_some(parent)
    });
    let Some(function) = function else { return false };
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(function), nix::sys::signal::Signal::SIGKILL).is_ok()
}

/// The finished chunks of a video: when the index of each was written, which is last.
async fn finished(fabric: &Fabric, video: &Value) -> BTreeMap<String, String> {
    let objects = fabric.objects(&format!("videos/{}/", video["id"].as_str().unwrap())).await;
    objects.into_iter().filter(|(key, _)| key.contains("/chunks/") && key.ends_with("/frames.idx")).collect()
}

#[tokio::test]
async fn a_killed_chunk_is_done_again_alone() {
    let fabric = Fabric::connect().await;
    let folder = tempfile::tempdir().unwrap();
    let long = folder.path().join("long.mp4");
    make(&long, &["-stream_loop", "2", "-i", sample().to_str().unwrap(), "-c", "copy"]);
    let key = format!("killed {}.mp4", request_id());
    fabric.upload(&key, &long).await;

    let before = wait_for("a chunk to be finished and another to be killed", async || {
        let video = fabric.videos_of(&key).await.into_iter().next()?;
        assert_ne!(video["state"], "ready", "it was over before a function could be killed");
        let before = finished(&fabric, &video).await;
        (!before.is_empty() && kill_a_preprocess()).then_some(before)
    })
    .await;

    let video = fabric.settled(&key).await;
    assert_eq!((&video["state"], &video["attempt"]), (&"ready".into(), &1.into()), "{video}");
    assert_eq!(video["frames"], 3 * 1500);
    let after = finished(&fabric, &video).await;
    assert!(after.len() >= 6, "{after:?}");
    for (chunk, written) in &before {
        assert_eq!(after[chunk], *written, "{chunk} was finished and is not made again");
    }
}
