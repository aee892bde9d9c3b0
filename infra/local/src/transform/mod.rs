//! The one transform of the SAM template for the local fabric. It holds every difference between the two
//! places; each is a function below, named after what it does, with a test of its own.

mod references;
pub mod yaml;

pub use references::references;

use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Where a function's zip lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artifact {
    pub bucket: String,
    pub key: String,
}

/// What the local fabric puts in the place of what it leaves out.
#[derive(Debug, Clone, PartialEq)]
pub struct LocalParameters {
    /// The zip of each function, by the function's name.
    pub artifacts: BTreeMap<String, Artifact>,
    /// The state machines' definitions, by their path relative to the template.
    pub definitions: BTreeMap<String, Value>,
    pub database_url: String,
    /// The emulator's address, which is the site's origin too.
    pub endpoint: String,
    /// The issuer's address, which is the `iss` of its tokens.
    pub issuer: String,
    pub audience: String,
    /// A JSON list of the embedding models on this machine.
    pub models: String,
    /// Variables for every function: paths of tools and libraries on this machine.
    pub environment: BTreeMap<String, String>,
    /// `x86_64` or `arm64`.
    pub architecture: String,
    /// How many items a Map works on at once.
    pub map_concurrency: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransformError {
    #[error("the template has no {0}")]
    Missing(&'static str),
    #[error("the function {0} has no zip: build it first")]
    NoArtifact(String),
    #[error("the state machine definition {0} could not be found")]
    NoDefinition(String),
    #[error("{name} refers to {missing}, which the local fabric has not")]
    Dangling { name: String, missing: String },
}

/// The name by which the API is reachable at `/_aws/execute-api/`; the template asks for it by a tag.
pub const API_ID: &str = "heaters";

pub fn transform(mut template: Value, local: &LocalParameters) -> Result<Value, TransformError> {
    zips_instead_of_images(&mut template, local)?;
    host_architecture(&mut template, local);
    no_network(&mut template);
    local_postgres(&mut template, local);
    local_issuer(&mut template, local);
    site_without_cdn(&mut template, local);
    plain_http(&mut template);
    inline_state_machines(&mut template, local)?;
    fewer_exports_at_once(&mut template);
    local_models(&mut template, local);
    local_tools(&mut template, local);
    no_dangling_outputs(&mut template);
    check_references(&template)?;
    Ok(template)
}

const FUNCTION: &str = "AWS::Serverless::Function";
const STATE_MACHINE: &str = "AWS::Serverless::StateMachine";

/// The emulator runs zips with a `bootstrap`; images need Docker.
fn zips_instead_of_images(template: &mut Value, local: &LocalParameters) -> Result<(), TransformError> {
    for resource in resources_of_type(template, FUNCTION) {
        let name = function_name(resource).ok_or(TransformError::Missing("name of a function"))?;
        let artifact = local.artifacts.get(&name).ok_or(TransformError::NoArtifact(name))?;
        if let Some(resource) = resource.as_object_mut() {
            resource.remove("Metadata");
        }
        let Some(properties) = properties(resource) else { continue };
        properties.remove("PackageType");
        properties.insert("Runtime".to_owned(), json!("provided.al2023"));
        properties.insert("Handler".to_owned(), json!("bootstrap"));
        properties.insert("CodeUri".to_owned(), json!({ "Bucket": artifact.bucket, "Key": artifact.key }));
    }
    Ok(())
}

/// The functions run on this machine.
fn host_architecture(template: &mut Value, local: &LocalParameters) {
    if let Some(globals) = template.pointer_mut("/Globals/Function").and_then(Value::as_object_mut) {
        globals.insert("Architectures".to_owned(), json!([local.architecture]));
    }
}

/// There is no network to be apart in: functions are processes of this machine.
fn no_network(template: &mut Value) {
    remove_types(template, "AWS::EC2::");
    for resource in resources_of_type(template, FUNCTION) {
        properties(resource).and_then(|properties| properties.remove("VpcConfig"));
    }
}

/// PostgreSQL on this machine instead of Aurora.
fn local_postgres(template: &mut Value, local: &LocalParameters) {
    remove_types(template, "AWS::RDS::");
    remove_types(template, "AWS::SecretsManager::");
    set_where_present(template, &[("DATABASE_URL", &local.database_url)]);
}

/// The issuer of `heaters serve-issuer` instead of Cognito.
fn local_issuer(template: &mut Value, local: &LocalParameters) {
    remove_types(template, "AWS::Cognito::");
    let jwks = format!("{}/jwks.json", local.issuer);
    let values = [("AUTH_ISSUER", &local.issuer), ("AUTH_AUDIENCE", &local.audience), ("AUTH_JWKS_URL", &jwks)];
    set_where_present(template, &values.map(|(name, value)| (name, value.as_str())));
    set_output(template, "AuthIssuer", &json!(local.issuer));
    set_output(template, "SiteClientId", &json!(local.audience));
}

/// The site is served from its bucket; its origin is the emulator's own.
fn site_without_cdn(template: &mut Value, local: &LocalParameters) {
    remove_types(template, "AWS::CloudFront::");
    remove(template, "SiteBucketPolicy");
    set_where_present(template, &[("SITE_ORIGIN", &local.endpoint)]);
    for bucket in ["MediaBucket", "UploadBucket"] {
        let rule = format!("/Resources/{bucket}/Properties/CorsConfiguration/CorsRules/0/AllowedOrigins");
        if let Some(origins) = template.pointer_mut(&rule) {
            *origins = json!([local.endpoint]);
        }
    }
    set_output(template, "SiteUrl", &json!({ "Fn::Sub": format!("{}/${{SiteBucket}}/index.html", local.endpoint) }));
    set_output(template, "ApiUrl", &json!(format!("{}/_aws/execute-api/{API_ID}", local.endpoint)));
}

/// The emulator speaks HTTP without TLS, on 127.0.0.1 alone, and enforces no bucket policies.
fn plain_http(template: &mut Value) {
    remove_types(template, "AWS::S3::BucketPolicy");
}

/// The definitions go into the template, since nothing packages them, and Maps run fewer items at once:
/// all of them share this machine's cores.
fn inline_state_machines(template: &mut Value, local: &LocalParameters) -> Result<(), TransformError> {
    for resource in resources_of_type(template, STATE_MACHINE) {
        let Some(properties) = properties(resource) else { continue };
        let uri = properties.remove("DefinitionUri").unwrap_or_default();
        let uri = uri.as_str().unwrap_or_default();
        let definition = local.definitions.get(uri).ok_or_else(|| TransformError::NoDefinition(uri.to_owned()))?;
        let mut definition = definition.clone();
        limit_maps(&mut definition, local.map_concurrency);
        properties.insert("Definition".to_owned(), definition);
    }
    Ok(())
}

fn limit_maps(value: &mut Value, limit: u32) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| limit_maps(item, limit)),
        Value::Object(entries) => {
            if entries.get("Type").is_some_and(|kind| kind == "Map") {
                entries.insert("MaxConcurrency".to_owned(), json!(limit));
            }
            entries.values_mut().for_each(|value| limit_maps(value, limit));
        }
        _ => {}
    }
}

/// Two batches of exports at once, the least that an event source can be told.
fn fewer_exports_at_once(template: &mut Value) {
    let scaling = "/Resources/ExportFunction/Properties/Events/Queue/Properties/ScalingConfig";
    if let Some(scaling) = template.pointer_mut(scaling) {
        *scaling = json!({ "MaximumConcurrency": 2 });
    }
    if let Some(parameters) = template.pointer_mut("/Parameters").and_then(Value::as_object_mut) {
        parameters.remove("ExportConcurrency");
    }
}

/// The models that lie on this machine, which may be more than the built-in one.
fn local_models(template: &mut Value, local: &LocalParameters) {
    set_where_present(template, &[("MODELS", &local.models)]);
    if let Some(parameters) = template.pointer_mut("/Parameters").and_then(Value::as_object_mut) {
        parameters.remove("EmbeddingModels");
    }
}

/// Paths of this machine, which the images on AWS have in their own environment.
fn local_tools(template: &mut Value, local: &LocalParameters) {
    let Some(variables) =
        template.pointer_mut("/Globals/Function/Environment/Variables").and_then(Value::as_object_mut)
    else {
        return;
    };
    variables.extend(local.environment.iter().map(|(name, value)| (name.clone(), json!(value))));
}

fn no_dangling_outputs(template: &mut Value) {
    let known = known_names(template);
    if let Some(outputs) = template.pointer_mut("/Outputs").and_then(Value::as_object_mut) {
        outputs.retain(|_, output| references(output).iter().all(|name| known.contains(name)));
    }
}

fn check_references(template: &Value) -> Result<(), TransformError> {
    let known = known_names(template);
    for section in ["Globals", "Resources"] {
        for (name, part) in template.get(section).and_then(Value::as_object).into_iter().flatten() {
            if let Some(missing) = references(part).into_iter().find(|reference| !known.contains(reference)) {
                return Err(TransformError::Dangling { name: name.clone(), missing });
            }
        }
    }
    Ok(())
}

fn known_names(template: &Value) -> std::collections::BTreeSet<String> {
    let names = |section| template.get(section).and_then(Value::as_object).into_iter().flat_map(Map::keys).cloned();
    names("Parameters").chain(names("Resources")).collect()
}

/// A function's name without the stack's: `probe` of `${AWS::StackName}-probe`.
pub fn function_name(resource: &Value) -> Option<String> {
    let name = resource.pointer("/Properties/FunctionName/Fn::Sub")?.as_str()?;
    name.strip_prefix("${AWS::StackName}-").map(str::to_owned)
}

/// The names of all functions of the template, as it is or transformed.
pub fn function_names(template: &Value) -> Vec<String> {
    let resources = template.get("Resources").and_then(Value::as_object).into_iter().flat_map(Map::values);
    resources.filter(|resource| resource["Type"] == FUNCTION).filter_map(function_name).collect()
}

fn resources_of_type<'a>(template: &'a mut Value, kind: &'a str) -> impl Iterator<Item = &'a mut Value> {
    let resources = template.get_mut("Resources").and_then(Value::as_object_mut);
    resources.into_iter().flat_map(Map::values_mut).filter(move |resource| resource["Type"] == kind)
}

fn properties(resource: &mut Value) -> Option<&mut Map<String, Value>> {
    resource.get_mut("Properties").and_then(Value::as_object_mut)
}

fn remove_types(template: &mut Value, prefix: &str) {
    if let Some(resources) = template.get_mut("Resources").and_then(Value::as_object_mut) {
        resources.retain(|_, resource| !resource["Type"].as_str().unwrap_or_default().starts_with(prefix));
    }
}

fn remove(template: &mut Value, name: &str) {
    template.get_mut("Resources").and_then(Value::as_object_mut).and_then(|resources| resources.remove(name));
}

/// Sets variables in those functions that have them.
fn set_where_present(template: &mut Value, values: &[(&str, &str)]) {
    for resource in resources_of_type(template, FUNCTION) {
        let Some(variables) = resource.pointer_mut("/Properties/Environment/Variables").and_then(Value::as_object_mut)
        else {
            continue;
        };
        for (name, value) in values {
            if let Some(variable) = variables.get_mut(*name) {
                *variable = json!(value);
            }
        }
    }
}

fn set_output(template: &mut Value, name: &str, value: &Value) {
    if let Some(outputs) = template.get_mut("Outputs").and_then(Value::as_object_mut) {
        outputs.insert(name.to_owned(), json!({ "Value": value }));
    }
}

#[cfg(test)]
mod tests;
