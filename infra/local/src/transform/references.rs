//! What a template's parts refer to.

use serde_json::Value;
use std::collections::BTreeSet;

/// The names that `Ref`, `Fn::GetAtt`, `Fn::Sub` and `DependsOn` mention anywhere below a value, without
/// CloudFormation's own (`AWS::Region`).
pub fn references(value: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    collect(value, &mut found);
    found.retain(|name| !name.starts_with("AWS::"));
    found
}

fn collect(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        Value::Object(entries) => {
            for (key, value) in entries {
                match (key.as_str(), value) {
                    ("Ref" | "DependsOn", Value::String(name)) => drop(found.insert(name.clone())),
                    ("Fn::GetAtt", Value::Array(path)) => {
                        found.extend(path.first().and_then(Value::as_str).map(str::to_owned));
                    }
                    ("Fn::Sub", Value::String(text)) => found.extend(placeholders(text)),
                    // State machine definitions have placeholders of their own.
                    ("Definition", _) => {}
                    _ => collect(value, found),
                }
            }
        }
        _ => {}
    }
}

/// The resources that a `Fn::Sub` text names: `${Bucket.Arn}` names `Bucket`.
fn placeholders(text: &str) -> impl Iterator<Item = String> {
    text.split("${").skip(1).filter_map(|rest| {
        let (inside, _) = rest.split_once('}')?;
        let name = inside.split('.').next().unwrap_or(inside);
        (!name.starts_with('!')).then(|| name.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_way_to_refer_is_seen() {
        let value = json!([
            { "Ref": "A" }, { "Fn::GetAtt": ["B", "Arn"] }, { "Fn::Sub": "${C.Arn}/${AWS::Region}-${D}" },
            { "DependsOn": "E" }, { "Definition": { "Resource": "${F}" } },
        ]);
        assert_eq!(references(&value), ["A", "B", "C", "D", "E"].map(str::to_owned).into());
    }
}
