//! Answers as they stand on the wire, before the SDK has read them: error codes, and whether XML is whole.

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

/// Whether XML ends with the end of its first element.
pub(super) fn is_closed(text: &str) -> bool {
    let text = text.trim_start_matches('\u{feff}').trim();
    let text =
        if text.starts_with("<?") { text.split_once("?>").map_or("", |(_, rest)| rest.trim_start()) } else { text };
    let Some(rest) = text.strip_prefix('<') else { return false };
    let name = rest.split(|c: char| c.is_whitespace() || c == '>' || c == '/').next().unwrap_or_default();
    let is_empty = text.ends_with("/>") && !rest.contains('<');
    is_empty || text.strip_suffix('>').is_some_and(|text| text.trim_end().ends_with(&format!("</{name}")))
}

#[cfg(test)]
mod tests {
    use super::is_closed;

    #[test]
    fn xml_is_whole_when_its_first_element_is_closed() {
        for whole in
            ["<a/>", "<a></a>", "<a x=\"1\"><b/></a>\n", "<?xml version=\"1.0\"?>\n<a><a>1</a></a >", "\u{feff}<a></a>"]
        {
            assert!(is_closed(whole), "{whole}");
        }
        for cut in ["", "<a>", "<a><b></b>", "<a><b/>", "<a></a", "<?xml version=\"1.0\"?>", "text", "<ab></b>"] {
            assert!(!is_closed(cut), "{cut}");
        }
    }
}
