use super::*;

const TEMPLATE: &str = include_str!("../../../template.yaml");

fn template() -> Value {
    yaml::parse(TEMPLATE).unwrap()
}

fn parameters() -> LocalParameters {
    let map = json!({ "States": { "Chunks": { "Type": "Map", "MaxConcurrency": 500, "ItemProcessor": {} } } });
    LocalParameters {
        artifacts: function_names(&template())
            .into_iter()
            .map(|name| (name.clone(), Artifact { bucket: "artifacts".to_owned(), key: format!("{name}.zip") }))
            .collect(),
        definitions: ["ingest", "publish"].map(|name| (format!("../statemachine/{name}.asl.json"), map.clone())).into(),
        database_url: "postgres://local".to_owned(),
        endpoint: "http://127.0.0.1:4599".to_owned(),
        issuer: "http://127.0.0.1:4600".to_owned(),
        audience: "heaters-site".to_owned(),
        models: r#"[{"name":"another"}]"#.to_owned(),
        environment: BTreeMap::from([("MODEL_DIR".to_owned(), "/models".to_owned())]),
        architecture: "x86_64".to_owned(),
        map_concurrency: 2,
    }
}

fn transformed() -> Value {
    transform(template(), &parameters()).unwrap()
}

fn types(template: &Value) -> Vec<&str> {
    template["Resources"].as_object().unwrap().values().filter_map(|resource| resource["Type"].as_str()).collect()
}

fn functions(template: &Value) -> Vec<&Value> {
    template["Resources"].as_object().unwrap().values().filter(|resource| resource["Type"] == FUNCTION).collect()
}

#[test]
fn the_template_has_all_fourteen_functions() {
    let mut names = function_names(&template());
    names.sort();
    let mut expected = [
        "api",
        "archive",
        "assemble",
        "catalog",
        "detect-scenes",
        "download",
        "embed",
        "export",
        "keyframes",
        "migrate",
        "playback",
        "preprocess",
        "probe",
        "sweep",
    ];
    expected.sort_unstable();
    assert_eq!(names, expected);
}

#[test]
fn images_become_zips() {
    let transformed = transformed();
    let properties = &transformed["Resources"]["ProbeFunction"]["Properties"];
    assert_eq!(properties["CodeUri"], json!({ "Bucket": "artifacts", "Key": "probe.zip" }));
    for function in functions(&transformed) {
        assert_eq!(function["Properties"]["Runtime"], "provided.al2023");
        assert!(function["Properties"].get("PackageType").is_none() && function.get("Metadata").is_none());
    }
}

#[test]
fn a_function_that_was_not_built_is_named() {
    let mut parameters = parameters();
    parameters.artifacts.remove("probe");
    assert_eq!(transform(template(), &parameters), Err(TransformError::NoArtifact("probe".to_owned())));
}

#[test]
fn functions_are_of_this_machines_architecture() {
    assert_eq!(template()["Globals"]["Function"]["Architectures"], json!(["arm64"]));
    assert_eq!(transformed()["Globals"]["Function"]["Architectures"], json!(["x86_64"]));
}

#[test]
fn network_database_sign_in_and_cdn_are_left_out() {
    for prefix in ["AWS::EC2::", "AWS::RDS::", "AWS::SecretsManager::", "AWS::Cognito::", "AWS::CloudFront::"] {
        assert!(types(&template()).iter().any(|kind| kind.starts_with(prefix)), "{prefix} is on AWS");
        assert!(!types(&transformed()).iter().any(|kind| kind.starts_with(prefix)), "{prefix} is not here");
    }
    assert!(functions(&transformed()).iter().all(|function| function["Properties"].get("VpcConfig").is_none()));
}

#[test]
fn functions_that_reach_the_database_reach_the_local_one() {
    for name in ["CatalogFunction", "ApiFunction", "SweepFunction", "MigrateFunction"] {
        let transformed = transformed();
        let variables = &transformed["Resources"][name]["Properties"]["Environment"]["Variables"];
        assert_eq!(variables["DATABASE_URL"], "postgres://local", "{name}");
    }
    let transformed = transformed();
    let probe = &transformed["Resources"]["ProbeFunction"]["Properties"];
    assert!(probe.pointer("/Environment/Variables/DATABASE_URL").is_none(), "media functions know no database");
}

#[test]
fn the_api_trusts_the_local_issuer_and_site() {
    let transformed = transformed();
    let variables = &transformed["Resources"]["ApiFunction"]["Properties"]["Environment"]["Variables"];
    assert_eq!(variables["AUTH_ISSUER"], "http://127.0.0.1:4600");
    assert_eq!(variables["AUTH_AUDIENCE"], "heaters-site");
    assert_eq!(variables["AUTH_JWKS_URL"], "http://127.0.0.1:4600/jwks.json");
    assert_eq!(variables["SITE_ORIGIN"], "http://127.0.0.1:4599");
    assert_eq!(transformed["Outputs"]["AuthIssuer"]["Value"], "http://127.0.0.1:4600");
}

#[test]
fn the_site_is_served_from_its_bucket() {
    let transformed = transformed();
    assert_eq!(transformed["Outputs"]["SiteUrl"]["Value"]["Fn::Sub"], "http://127.0.0.1:4599/${SiteBucket}/index.html");
    assert_eq!(transformed["Outputs"]["ApiUrl"]["Value"], "http://127.0.0.1:4599/_aws/execute-api/heaters");
    for bucket in ["MediaBucket", "UploadBucket"] {
        let rules = &transformed["Resources"][bucket]["Properties"]["CorsConfiguration"]["CorsRules"];
        assert_eq!(rules[0]["AllowedOrigins"], json!(["http://127.0.0.1:4599"]));
    }
}

#[test]
fn bucket_policies_that_ask_for_tls_are_left_out() {
    assert!(types(&template()).contains(&"AWS::S3::BucketPolicy"));
    assert!(!types(&transformed()).contains(&"AWS::S3::BucketPolicy"));
}

#[test]
fn state_machines_are_inlined_with_smaller_maps() {
    let transformed = transformed();
    let properties = &transformed["Resources"]["IngestStateMachine"]["Properties"];
    assert!(properties.get("DefinitionUri").is_none());
    assert_eq!(properties["Definition"]["States"]["Chunks"]["MaxConcurrency"], 2);
    assert_eq!(
        properties["DefinitionSubstitutions"],
        template()["Resources"]["IngestStateMachine"]["Properties"]["DefinitionSubstitutions"]
    );
}

#[test]
fn exports_run_two_at_once() {
    let transformed = transformed();
    let queue = &transformed["Resources"]["ExportFunction"]["Properties"]["Events"]["Queue"]["Properties"];
    assert_eq!(queue["ScalingConfig"], json!({ "MaximumConcurrency": 2 }));
    assert_eq!(queue["FunctionResponseTypes"], json!(["ReportBatchItemFailures"]));
}

#[test]
fn functions_find_this_machines_tools() {
    assert_eq!(transformed()["Globals"]["Function"]["Environment"]["Variables"]["MODEL_DIR"], "/models");
}

#[test]
fn the_models_of_this_machine_are_known() {
    let variables = "/Resources/MigrateFunction/Properties/Environment/Variables/MODELS";
    assert_eq!(transformed().pointer(variables).unwrap(), r#"[{"name":"another"}]"#);
}

#[test]
fn the_built_in_model_is_described_as_its_manifest_does() {
    let manifest: Value =
        serde_json::from_str(include_str!("../../../../shared/embedding/models/descriptor-v1/manifest.json")).unwrap();
    let described = template()["Parameters"]["EmbeddingModels"]["Default"].as_str().unwrap().to_owned();
    let described: Value = serde_json::from_str(&described).unwrap();
    for field in ["name", "version", "dimension"] {
        assert_eq!(described[0][field], manifest[field], "{field}");
    }
}

#[test]
fn a_reference_to_something_left_out_is_an_error() {
    let mut template = template();
    template["Resources"]["SiteBucket"]["Properties"]["Tags"] = json!([{ "Key": "vpc", "Value": { "Ref": "Vpc" } }]);
    let expected = TransformError::Dangling { name: "SiteBucket".to_owned(), missing: "Vpc".to_owned() };
    assert_eq!(transform(template, &parameters()), Err(expected));
}

#[test]
fn everything_else_is_the_same() {
    let (before, after) = (template(), transformed());
    for name in ["ExportQueue", "ExportDeadLetterQueue", "Api", "ApiRoute", "ApiIntegration", "ApiStage"] {
        assert_eq!(before["Resources"][name], after["Resources"][name], "{name}");
    }
}

#[test]
fn of_the_upload_bucket_only_the_site_that_may_write_is_another() {
    let (before, after) = (template(), transformed());
    let mut expected = before["Resources"]["UploadBucket"].clone();
    expected["Properties"]["CorsConfiguration"]["CorsRules"][0]["AllowedOrigins"] = json!(["http://127.0.0.1:4599"]);
    assert_eq!(after["Resources"]["UploadBucket"], expected);
}

// What the emulator does not enforce, the template must at least say.
#[test]
fn the_template_says_what_the_emulator_does_not_enforce() {
    let template = template();
    let resource = |name: &str| template["Resources"][name]["Properties"].clone();
    let upload = resource("UploadBucket");
    assert_eq!(upload["VersioningConfiguration"]["Status"], "Enabled");
    assert!(upload["LifecycleConfiguration"]["Rules"].to_string().contains("AbortIncompleteMultipartUpload"));
    for bucket in ["UploadBucket", "MediaBucket", "SiteBucket"] {
        let block = &resource(bucket)["PublicAccessBlockConfiguration"];
        assert!(block.as_object().unwrap().values().all(|value| value == true), "{bucket}");
    }
    let export_timeout = resource("ExportFunction")["Timeout"].as_u64().unwrap();
    assert!(resource("ExportQueue")["VisibilityTimeout"].as_u64().unwrap() >= 6 * export_timeout);
    for name in ["Probe", "Preprocess", "Assemble", "DetectScenes", "Playback", "Export", "Keyframes", "Embed"] {
        let network = &resource(&format!("{name}Function"))["VpcConfig"]["SecurityGroupIds"];
        assert_eq!(network, &json!([{ "Ref": "MediaSecurityGroup" }]), "{name} has no way out");
    }
}
