//! Logs of the functions, from CloudWatch or the emulator's.

use crate::access::Access;
use anyhow::{Context, bail};
use aws_sdk_cloudwatchlogs::{Client, error::ProvideErrorMetadata, types::FilteredLogEvent};
use std::{collections::HashSet, time::Duration};
use time::OffsetDateTime;

const POLL: Duration = Duration::from_secs(1);
/// How far back the first look goes.
const SINCE_HOURS: i64 = 24;

pub async fn run(access: &Access, function: &str, follow: bool) -> anyhow::Result<()> {
    let client = Client::new(&access.sdk);
    let name = function.trim_start_matches(&format!("{}-", access.stack)).replace('_', "-");
    let group = format!("/aws/lambda/{}-{name}", access.stack);
    let mut since = (OffsetDateTime::now_utc() - time::Duration::hours(SINCE_HOURS)).unix_timestamp() * 1000;
    let mut printed = HashSet::new();
    loop {
        for event in events(&client, &group, since, follow).await? {
            since = since.max(event.timestamp.unwrap_or_default());
            let message = event.message.unwrap_or_default();
            if printed.insert((event.timestamp, event.log_stream_name, message.clone())) {
                println!("{}", message.trim_end());
            }
        }
        if !follow {
            return Ok(());
        }
        // Only events of the last millisecond can come again.
        printed.retain(|(timestamp, _, _)| timestamp.is_some_and(|at| at >= since));
        tokio::time::sleep(POLL).await;
    }
}

async fn events(client: &Client, group: &str, since: i64, patient: bool) -> anyhow::Result<Vec<FilteredLogEvent>> {
    let mut pages = client.filter_log_events().log_group_name(group).start_time(since).into_paginator().send();
    let mut found = Vec::new();
    while let Some(page) = pages.next().await {
        match page {
            Ok(page) => found.extend(page.events.unwrap_or_default()),
            Err(error) if error.code() == Some("ResourceNotFoundException") && patient => return Ok(found),
            Err(error) if error.code() == Some("ResourceNotFoundException") => {
                bail!("There is no log {group}. The function did not run yet, or there is none of this name.")
            }
            Err(error) => return Err(error).context("The log could not be read."),
        }
    }
    found.sort_by_key(|event| event.timestamp);
    Ok(found)
}
