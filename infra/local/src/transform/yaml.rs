//! CloudFormation's YAML as plain JSON: the short tags (`!Ref`) become the functions they stand for.

use serde_json::{Map, Value, json};

#[derive(Debug, thiserror::Error)]
pub enum YamlError {
    #[error("the template is not YAML")]
    Syntax(#[from] yaml_serde::Error),
    #[error("the template holds something that JSON can't say: {0}")]
    Unrepresentable(String),
}

pub fn parse(text: &str) -> Result<Value, YamlError> {
    convert(yaml_serde::from_str(text)?)
}

fn convert(value: yaml_serde::Value) -> Result<Value, YamlError> {
    use yaml_serde::Value as Yaml;
    Ok(match value {
        Yaml::Tagged(tagged) => {
            let tag = tagged.tag.to_string();
            function(tag.trim_start_matches('!'), convert(tagged.value)?)
        }
        Yaml::Sequence(items) => Value::Array(items.into_iter().map(convert).collect::<Result<_, _>>()?),
        Yaml::Mapping(entries) => {
            let mut object = Map::new();
            for (key, value) in entries {
                object.insert(name(key)?, convert(value)?);
            }
            Value::Object(object)
        }
        plain => serde_json::to_value(&plain).map_err(|error| YamlError::Unrepresentable(error.to_string()))?,
    })
}

fn name(key: yaml_serde::Value) -> Result<String, YamlError> {
    match key {
        yaml_serde::Value::String(name) => Ok(name),
        other => Err(YamlError::Unrepresentable(format!("the key {other:?}"))),
    }
}

fn function(tag: &str, argument: Value) -> Value {
    match (tag, argument) {
        ("Ref" | "Condition", argument) => json!({ tag: argument }),
        ("GetAtt", Value::String(path)) => {
            let (resource, attribute) = path.split_once('.').unwrap_or((&path, ""));
            json!({ "Fn::GetAtt": [resource, attribute] })
        }
        (other, argument) => json!({ format!("Fn::{other}"): argument }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_tags_become_functions_and_aliases_are_copied() {
        let text = "a: &x !Ref Bucket\nb: *x\nc: !GetAtt Database.Endpoint.Address\nd: !Sub '${A}-b'\ne: [!Select [0, !GetAZs '']]";
        assert_eq!(
            parse(text).unwrap(),
            json!({
                "a": { "Ref": "Bucket" },
                "b": { "Ref": "Bucket" },
                "c": { "Fn::GetAtt": ["Database", "Endpoint.Address"] },
                "d": { "Fn::Sub": "${A}-b" },
                "e": [{ "Fn::Select": [0, { "Fn::GetAZs": "" }] }],
            })
        );
    }
}
