//! CloudFormation: creates or updates a stack and waits for it.

use anyhow::{Context, bail};
use aws_config::SdkConfig;
use aws_sdk_cloudformation::{
    Client,
    error::ProvideErrorMetadata,
    types::{Capability, StackStatus},
};
use std::time::Duration;

pub async fn exists(sdk: &SdkConfig, name: &str) -> bool {
    matches!(status(&Client::new(sdk), name).await, Ok(Some(StackStatus::CreateComplete | StackStatus::UpdateComplete)))
}

pub async fn deploy(sdk: &SdkConfig, name: &str, body: &str) -> anyhow::Result<()> {
    let client = Client::new(sdk);
    let found = status(&client, name).await?;
    match found {
        Some(StackStatus::RollbackComplete | StackStatus::CreateFailed | StackStatus::DeleteFailed) => {
            // A stack that never came up can't be updated. Its buckets stay: they are retained or not empty.
            client.delete_stack().stack_name(name).send().await.context("The broken stack could not be removed.")?;
            wait(&client, name).await?;
            create(&client, name, body).await?;
        }
        Some(_) => update(&client, name, body).await?,
        None => create(&client, name, body).await?,
    }
    match wait(&client, name).await? {
        Some(StackStatus::CreateComplete | StackStatus::UpdateComplete) => Ok(()),
        ended => bail!("The stack could not be deployed ({ended:?}): {}", reasons(&client, name).await),
    }
}

async fn create(client: &Client, name: &str, body: &str) -> anyhow::Result<()> {
    let call = client.create_stack().stack_name(name).template_body(body);
    let call = call.capabilities(Capability::CapabilityIam).capabilities(Capability::CapabilityAutoExpand);
    call.send().await.map(drop).context("The stack could not be created.")
}

async fn update(client: &Client, name: &str, body: &str) -> anyhow::Result<()> {
    let call = client.update_stack().stack_name(name).template_body(body);
    let call = call.capabilities(Capability::CapabilityIam).capabilities(Capability::CapabilityAutoExpand);
    match call.send().await {
        Err(error) if error.message().is_some_and(|message| message.contains("No updates")) => Ok(()),
        other => other.map(drop).context("The stack could not be updated."),
    }
}

async fn status(client: &Client, name: &str) -> anyhow::Result<Option<StackStatus>> {
    match client.describe_stacks().stack_name(name).send().await {
        Ok(found) => Ok(found.stacks.unwrap_or_default().into_iter().find_map(|stack| stack.stack_status)),
        Err(error) if error.code() == Some("ValidationError") => Ok(None),
        Err(error) => Err(error).context("The emulator's stacks could not be read."),
    }
}

/// Waits until nothing is in progress. `None` when the stack is gone.
async fn wait(client: &Client, name: &str) -> anyhow::Result<Option<StackStatus>> {
    loop {
        match status(client, name).await? {
            Some(status) if status.as_str().ends_with("_IN_PROGRESS") => {
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
            Some(StackStatus::DeleteComplete) => return Ok(None),
            status => return Ok(status),
        }
    }
}

async fn reasons(client: &Client, name: &str) -> String {
    let Ok(found) = client.describe_stack_events().stack_name(name).send().await else { return String::new() };
    let failed = found
        .stack_events
        .unwrap_or_default()
        .into_iter()
        .filter(|event| event.resource_status.as_ref().is_some_and(|status| status.as_str().ends_with("_FAILED")));
    let reasons =
        failed.filter_map(|event| Some(format!("{}: {}", event.logical_resource_id?, event.resource_status_reason?)));
    reasons.collect::<Vec<_>>().join("; ")
}
