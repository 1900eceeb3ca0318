//! Error codes as they stand in answers, before the SDK has read them.

/// The error code in a body: `<Code>` of the query protocol (IAM, STS), `__type` of the JSON one (Organizations).
pub(super) fn error_code(body: &str) -> Option<String> {
    if let Some((_, rest)) = body.split_once("<Code>") {
        return rest.split_once("</Code>").map(|(code, _)| code.trim().to_owned());
    }
    let value: serde_json::Value = serde_json::from_str(body).ok()?;
    ["__type", "code"].iter().find_map(|key| Some(value.get(key)?.as_str()?.to_owned()))
}

/// A code without the namespace before `#` and the address after `:`.
pub(super) fn bare(code: &str) -> &str {
    let code = code.rsplit('#').next().unwrap_or(code);
    code.split(':').next().unwrap_or(code)
}
