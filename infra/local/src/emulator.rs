//! The AWS emulator under its launcher.

use crate::{
    digest,
    home::Home,
    ports::Ports,
    process::{self, tool},
};
use anyhow::bail;
use std::time::Duration;

/// What the launcher's command line holds.
pub const MARK: &str = "launcher/launcher.py";
pub const REGION: &str = "us-east-1";

pub fn endpoint(ports: Ports) -> String {
    format!("http://127.0.0.1:{}", ports.emulator)
}

/// Starts the emulator and waits until it answers. Returns its process id.
pub async fn start(home: &Home, ports: Ports) -> anyhow::Result<u32> {
    if !home.python().exists() {
        bail!("The emulator is not installed. Run `make setup`.");
    }
    // Instances of functions that a killed emulator left would go on writing.
    let temporary = home.data.join("tmp");
    process::end_programs_below(&temporary);
    // Unpacked code of every function ever deployed; it is unpacked again when needed.
    let _ = std::fs::remove_dir_all(&temporary);
    std::fs::create_dir_all(&temporary)?;
    let mut command = tool(home.python());
    command.arg(home.launcher());
    command
        .env("HOME", &home.data)
        .env("AWS_ENDPOINT_URL", endpoint(ports))
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .env("MINISTACK_REGION", REGION)
        .env("GATEWAY_PORT", ports.emulator.to_string())
        .env("BIND_HOST", "127.0.0.1")
        .env("MINISTACK_HOST", "127.0.0.1")
        .env("PERSIST_STATE", "1")
        .env("S3_PERSIST", "1")
        .env("STATE_DIR", home.data.join("state"))
        .env("S3_DATA_DIR", home.data.join("s3"))
        .env("TMPDIR", &temporary)
        .env("LOG_LEVEL", "WARNING")
        .env("SFTP_ENABLED", "0");
    let log = home.log("emulator");
    let id = process::start_detached(&command, &log)?;
    for _ in 0..600 {
        if is_healthy(ports).await {
            return Ok(id);
        }
        if !process::is_running(id, MARK) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    process::stop(id, MARK, Duration::from_secs(1));
    bail!("The emulator did not start. Its log ends with:\n{}", process::tail(&log));
}

/// Changes when the launcher does.
pub fn launcher_digest(home: &Home) -> anyhow::Result<String> {
    let folder = home.launcher().with_file_name("");
    let mut paths: Vec<_> = std::fs::read_dir(folder)?.flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "py"));
    paths.sort();
    let contents = paths.into_iter().map(std::fs::read).collect::<Result<Vec<_>, _>>()?;
    Ok(digest::hex(&contents.concat()))
}

pub async fn is_healthy(ports: Ports) -> bool {
    let request = reqwest::Client::new().get(format!("{}/_ministack/health", endpoint(ports)));
    request.timeout(Duration::from_secs(5)).send().await.is_ok_and(|answer| answer.status().is_success())
}

/// Stops the emulator, which saves its state first, and whatever it left running.
pub fn stop(home: &Home, id: u32) {
    process::stop(id, MARK, Duration::from_secs(20));
    process::end_programs_below(&home.data.join("tmp"));
}
