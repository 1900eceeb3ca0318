//! Parameters of packs: values with a default that whoever uses the pack may set.
//!
//! A pack declares them (`params: { max_key_age: 90d }`) and writes `${max_key_age}` where the value belongs: alone, in
//! place of a value of any type, or within a text. They are put in before rules are checked, so that a wrong value is
//! found where it is used.

use crate::yaml::{Code, Decoder, Diagnostic, Key, Node, SourceFile, Value, did_you_mean, listing, parse};

use super::extension::Extension;

/// A parameter set from outside the packs: `NAME=VALUE`, or `PACK.NAME=VALUE`.
#[derive(Debug, Clone)]
pub struct Setting {
    /// Its name as written, with the pack if one is named.
    pub name: String,
    value: Value,
    source: SourceFile,
}

impl Setting {
    /// Reads `NAME=VALUE`.
    ///
    /// # Errors
    ///
    /// If there is no `=`, or the value is no YAML scalar or list of scalars.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (name, value) = text.split_once('=').ok_or("expected NAME=VALUE, such as max_key_age=60d")?;
        let source = SourceFile::new(&format!("--param {name}"), value);
        let node = parse(&source).map_err(|problem| problem.message)?;
        Ok(Self { name: name.trim().to_owned(), value: node.value, source })
    }

    /// A problem if none of the `declared` names is meant.
    pub(super) fn undeclared(&self, declared: &[String]) -> Option<Diagnostic> {
        if declared.contains(&self.name) {
            return None;
        }
        let names = || declared.iter().map(String::as_str).filter(|name| !name.contains('.'));
        let all = || {
            if declared.is_empty() {
                "no pack declares parameters".to_owned()
            } else {
                format!("parameters are {}", listing(names()))
            }
        };
        Some(Diagnostic {
            code: Code::BadValue,
            source: self.source.clone(),
            span: 0..self.source.text.len(),
            message: format!("no pack has a parameter `{}`", self.name),
            label: String::new(),
            help: did_you_mean(&self.name, names()).or_else(|| Some(all())),
        })
    }
}

/// The parameters of one pack with their values in force.
#[derive(Debug, Default)]
pub(super) struct Params(Vec<(String, Value)>);

impl Params {
    /// Reads the declarations at `node` of the pack `pack`. The pack's own default is overridden by the packs that extend
    /// it, innermost first, and these by what was set from outside.
    pub(super) fn read(
        decoder: &mut Decoder,
        node: Option<&Node>,
        pack: &str,
        settings: &[Setting],
        through: &[&Extension],
    ) -> Self {
        let Some(entries) = node.and_then(|node| decoder.entries(node, "`params`")) else { return Self::default() };
        let mut params = Vec::with_capacity(entries.len());
        for (key, default) in entries {
            if let Value::Mapping(_) | Value::Null = default.value {
                decoder.wrong_type(default, &format!("the parameter `{}`", key.name), "a value or a list of values");
                continue;
            }
            let qualified = format!("{pack}.{}", key.name);
            let outside = settings.iter().rev().find(|set| set.name == key.name || set.name == qualified);
            let inside = || through.iter().rev().find_map(|extension| extension.param(&key.name));
            let set = outside.map(|set| (set.value.clone(), Some(set))).or_else(|| Some((inside()?, None)));
            let value = match set {
                Some((value, from)) if same_type(decoder, key, default, &value, from) => value,
                _ => default.value.clone(),
            };
            params.push((key.name.clone(), value));
        }
        Self(params)
    }

    /// The names, plain and with the pack.
    pub(super) fn names(&self, pack: &str) -> Vec<String> {
        self.0.iter().flat_map(|(name, _)| [name.clone(), format!("{pack}.{name}")]).collect()
    }

    /// `node` with values in the place of names.
    pub(super) fn apply(&self, decoder: &mut Decoder, node: &Node) -> Node {
        let value = match &node.value {
            Value::Text(text) if text.contains("${") => self.fill(decoder, node, text),
            Value::List(items) => Value::List(items.iter().map(|item| self.apply(decoder, item)).collect()),
            Value::Mapping(entries) => {
                Value::Mapping(entries.iter().map(|(key, value)| (key.clone(), self.apply(decoder, value))).collect())
            }
            other => other.clone(),
        };
        Node { value, span: node.span.clone() }
    }

    fn fill(&self, decoder: &mut Decoder, node: &Node, text: &str) -> Value {
        if let Some(name) = text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'))
            && let Some(value) = self.get(name)
        {
            return value.clone();
        }
        let (mut filled, mut rest) = (String::new(), text);
        while let Some((before, after)) = rest.split_once("${") {
            filled.push_str(before);
            let (name, behind) = after.split_once('}').unwrap_or((after, ""));
            match self.get(name.trim()) {
                Some(value) => filled.push_str(&shown(value)),
                None => self.unknown(decoder, node, name),
            }
            rest = behind;
        }
        filled.push_str(rest);
        Value::Text(filled)
    }

    fn get(&self, name: &str) -> Option<&Value> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    fn unknown(&self, decoder: &mut Decoder, node: &Node, name: &str) {
        let names = || self.0.iter().map(|(name, _)| name.as_str());
        let help = did_you_mean(name, names()).or_else(|| Some("declare it under `params`, with a default".to_owned()));
        decoder.report(Code::BadValue, &node.span, format!("the pack has no parameter `{name}`"), "", help);
    }
}

/// A value set in the place of a default has to be of its type; if it is not, its own place is shown where it has one.
fn same_type(decoder: &mut Decoder, key: &Key, default: &Node, value: &Value, from: Option<&Setting>) -> bool {
    let set = Node { value: value.clone(), span: default.span.clone() };
    if set.kind() == default.kind() {
        return true;
    }
    let (is, should) = (set.kind(), default.kind());
    let message = format!("the parameter `{}` is set to {is}, but its default is {should}", key.name);
    match from {
        Some(setting) => decoder.report_in(&setting.source, Code::WrongType, message, &format!("expected {should}")),
        None => decoder.report(Code::WrongType, &default.span, message, "its default", None),
    }
    false
}

fn shown(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::Bool(value) => value.to_string(),
        Value::Integer(value) => value.to_string(),
        Value::Float(value) => value.to_string(),
        Value::List(items) => items.iter().map(|item| shown(&item.value)).collect::<Vec<_>>().join(", "),
        Value::Null | Value::Mapping(_) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_of_nothing_says_what_there_is() {
        let help = |declared: &[&str]| {
            let declared: Vec<String> = declared.iter().map(|name| (*name).to_owned()).collect();
            Setting::parse("max_age=1d").unwrap().undeclared(&declared).and_then(|problem| problem.help)
        };
        assert_eq!(help(&[]).as_deref(), Some("no pack declares parameters"));
        assert_eq!(help(&["zone", "p.zone"]).as_deref(), Some("parameters are `zone`"));
        assert_eq!(help(&["max_ages", "p.max_ages"]).as_deref(), Some("did you mean `max_ages`?"));
        assert_eq!(help(&["max_age"]), None);
    }
}
