//! Addresses and rights: what the commands need to talk to a Heaters, here or on AWS.

use crate::{
    emulator::{self, REGION},
    fabric::Fabric,
    home::Home,
    issuer::{
        self,
        keys::{Keys, Lifetime},
    },
};
use anyhow::{Context, bail};
use aws_config::{BehaviorVersion, Region, SdkConfig};
use std::collections::BTreeMap;

/// The stack's name on the local fabric.
pub const LOCAL_STACK: &str = "heaters";

#[derive(Debug, Clone)]
pub struct Access {
    pub stack: String,
    pub sdk: SdkConfig,
    pub site_url: String,
    pub api_url: String,
    pub token: Option<String>,
    pub upload_bucket: String,
    pub media_bucket: String,
    pub site_bucket: String,
    pub ingest_machine: String,
    /// The OpenID provider and its client.
    pub issuer: String,
    pub audience: String,
    /// Of the local fabric only.
    pub endpoint: Option<String>,
    pub database_url: Option<String>,
}

impl Access {
    /// The running local fabric.
    pub async fn of_fabric(home: &Home) -> anyhow::Result<Self> {
        let fabric = Fabric::load(home)?;
        if !fabric.is_deployed() || !emulator::is_healthy(fabric.ports).await {
            bail!("The local fabric is not running. Start it with `make run` or `target/heaters up`.");
        }
        let sdk = local_sdk(&emulator::endpoint(fabric.ports)).await;
        let outputs = outputs(&sdk, LOCAL_STACK).await?;
        let issuer = issuer::address(fabric.ports.issuer);
        let token = Keys::load_or_make(home)?.sign(&issuer, "access", Lifetime::WORKDAY, "")?;
        let mut access = Self::from_outputs(LOCAL_STACK, sdk, &outputs, Some(token))?;
        access.endpoint = Some(emulator::endpoint(fabric.ports));
        access.database_url = Some(fabric.database_url());
        Ok(access)
    }

    /// A stack on AWS, with the caller's own AWS credentials.
    pub async fn of_stack(stack: &str, token: Option<String>) -> anyhow::Result<Self> {
        let sdk = aws_config::load_defaults(BehaviorVersion::latest()).await;
        let outputs = outputs(&sdk, stack).await?;
        Self::from_outputs(stack, sdk, &outputs, token)
    }

    fn from_outputs(
        stack: &str,
        sdk: SdkConfig,
        outputs: &BTreeMap<String, String>,
        token: Option<String>,
    ) -> anyhow::Result<Self> {
        let output = |name: &str| {
            outputs
                .get(name)
                .cloned()
                .with_context(|| format!("The stack {stack} has no output {name}. Deploy it again."))
        };
        Ok(Self {
            stack: stack.to_owned(),
            sdk,
            site_url: output("SiteUrl")?,
            api_url: output("ApiUrl")?,
            token,
            upload_bucket: output("UploadBucket")?,
            media_bucket: output("MediaBucket")?,
            ingest_machine: output("IngestStateMachineArn")?,
            site_bucket: output("SiteBucket")?,
            issuer: output("AuthIssuer")?,
            audience: output("SiteClientId")?,
            endpoint: None,
            database_url: None,
        })
    }

    /// The S3 client, with addresses that both S3 and the emulator take.
    pub fn s3(&self) -> aws_sdk_s3::Client {
        let config = aws_sdk_s3::config::Builder::from(&self.sdk).force_path_style(true).build();
        aws_sdk_s3::Client::from_conf(config)
    }

    /// A page of the review site.
    pub fn page(&self, name: &str) -> String {
        let base = self.site_url.trim_end_matches("index.html");
        format!("{base}{name}")
    }
}

/// The emulator takes any key; this one selects its default account.
pub async fn local_sdk(endpoint: &str) -> SdkConfig {
    let credentials = aws_sdk_s3::config::Credentials::new("test", "test", None, None, "local fabric");
    aws_config::defaults(BehaviorVersion::latest())
        .region(Region::from_static(REGION))
        .endpoint_url(endpoint)
        .credentials_provider(credentials)
        .load()
        .await
}

/// The outputs of a CloudFormation stack.
pub async fn outputs(sdk: &SdkConfig, stack: &str) -> anyhow::Result<BTreeMap<String, String>> {
    let found = aws_sdk_cloudformation::Client::new(sdk).describe_stacks().stack_name(stack).send().await;
    let found = found.with_context(|| format!("The stack {stack} could not be read."))?;
    let stack = found.stacks.unwrap_or_default().into_iter().next().context("The stack is not there.")?;
    let outputs = stack.outputs.unwrap_or_default().into_iter();
    Ok(outputs.filter_map(|output| Some((output.output_key?, output.output_value?))).collect())
}
