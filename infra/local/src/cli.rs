//! The command line.

use crate::{access::Access, api::Api, fabric, home::Home, ingest, issuer, logs, scenes, status};
use clap::{Parser, Subcommand};
use std::{path::PathBuf, process::ExitCode};

/// Turns long videos into reviewed, exported, searchable clips.
#[derive(Debug, Parser)]
#[command(name = "heaters", version)]
pub struct Cli {
    /// A stack on AWS to work with, instead of the local fabric.
    #[arg(long, global = true, value_name = "NAME")]
    stack: Option<String>,

    /// An access token of the review site's sign-in, for a stack on AWS.
    #[arg(long, global = true, env = "HEATERS_TOKEN", hide_env_values = true, hide = true)]
    token: Option<String>,

    /// Where the local fabric keeps its data; `.heaters` beside the Makefile unless named.
    #[arg(long, global = true, env = "HEATERS_HOME", value_name = "FOLDER")]
    home: Option<PathBuf>,

    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Starts the local fabric and deploys what changed. With --stack: migrates and uploads the site.
    Up {
        /// Print addresses and a token as JSON.
        #[arg(long)]
        json: bool,
        /// Let URLs lead to this machine: for tests with servers of their own.
        #[arg(long, hide = true)]
        allow_loopback_sources: bool,
    },
    /// Stops the local fabric. Its data stays.
    Down {
        /// Remove all videos, clips and decisions too.
        #[arg(long)]
        forget_data: bool,
    },
    /// Uploads videos, or submits their web addresses.
    Ingest {
        #[arg(required = true, value_name = "FILE|URL")]
        files: Vec<String>,
        /// Submit addresses even where their videos are here already.
        #[arg(long)]
        anyway: bool,
        /// Wait until the clips can be reviewed.
        #[arg(long)]
        wait: bool,
    },
    /// Shows what became of the videos, or the stages of one.
    Status {
        video: Option<String>,
        #[arg(long)]
        json: bool,
    },
    /// Finds where the shots of video files begin. Works without the fabric.
    Scenes(scenes::Options),
    /// Starts a failed video or clip again.
    Retry {
        #[arg(value_name = "VIDEO|CLIP")]
        id: String,
    },
    /// Prints the log of a function, such as `preprocess`.
    Logs {
        function: String,
        /// Go on printing what is new.
        #[arg(long, short)]
        follow: bool,
    },
    /// Issues tokens to the review site on this machine.
    #[command(hide = true)]
    ServeIssuer {
        #[arg(long)]
        port: u16,
        #[arg(long)]
        site: String,
    },
}

pub async fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let home = Home::find(cli.home.clone())?;
    match &cli.command {
        Command::Up { json, allow_loopback_sources } => match &cli.stack {
            None => fabric::up(&home, *json, *allow_loopback_sources).await?,
            Some(stack) => fabric::up_stack(&home, stack, cli.token.clone(), *json).await?,
        },
        Command::Down { forget_data: false } => fabric::down(&home)?,
        Command::Down { forget_data: true } => fabric::forget(&home)?,
        Command::ServeIssuer { port, site } => issuer::serve(&home, *port, site).await?,
        Command::Ingest { files, anyway, wait } => {
            let sources = ingest::check(files)?;
            return ingest::run(&access(&cli, &home).await?, &sources, *anyway, *wait).await;
        }
        Command::Status { video, json } => status::run(&access(&cli, &home).await?, video.as_deref(), *json).await?,
        Command::Scenes(options) => {
            let options = options.clone();
            return tokio::task::spawn_blocking(move || scenes::run(&options)).await?;
        }
        Command::Retry { id } => {
            println!("{}", Api::new(&access(&cli, &home).await?)?.retry(id).await?);
        }
        Command::Logs { function, follow } => logs::run(&access(&cli, &home).await?, function, *follow).await?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn access(cli: &Cli, home: &Home) -> anyhow::Result<Access> {
    match &cli.stack {
        Some(stack) => Access::of_stack(stack, cli.token.clone()).await,
        None => Access::of_fabric(home).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
