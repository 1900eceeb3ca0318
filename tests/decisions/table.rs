//! The reader of the table. Refuses what it does not know.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::Value;

/// Policies, and what they decide.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    /// Unique over all files; small letters, digits and hyphens.
    pub(crate) id: String,
    /// The page that says so, or `ours` where AWS is silent.
    pub(crate) source: String,
    /// Identity policies by id.
    pub(crate) policies: IndexMap<String, Value>,
    /// The permissions boundary.
    pub(crate) boundary: Option<Value>,
    /// Service control policies: level, then policy.
    #[serde(default)]
    pub(crate) scps: Vec<Vec<Value>>,
    /// The ARN of who asks; brings aws:PrincipalArn, aws:PrincipalAccount and, of a user, aws:username along.
    pub(crate) principal: Option<String>,
    /// The requests.
    pub(crate) decisions: Vec<Decision>,
}

/// A request, and what comes out.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Decision {
    /// Such as `s3:GetObject`.
    pub(crate) action: String,
    /// An ARN, or `*` literally.
    #[serde(default = "star")]
    pub(crate) resource: String,
    /// Condition keys by name.
    #[serde(default)]
    pub(crate) context: BTreeMap<String, Values>,
    /// How the caller signed in.
    #[serde(default)]
    pub(crate) mfa: Mfa,
    /// The decision.
    pub(crate) expect: Expect,
    /// The statements that decide, as `POLICY#INDEX`, if the table says so.
    pub(crate) matched: Option<Vec<String>>,
    /// The keys and variables asked for that the request does not carry, if the table says so.
    pub(crate) missing: Option<Vec<String>>,
}

/// The value of a condition key.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub(crate) enum Values {
    /// Of a key of one value.
    One(String),
    /// Of a key of several values; may be none.
    Several(Vec<String>),
}

/// How the caller signed in, as `portcullis simulate --mfa` has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Mfa {
    /// With a long-term key: no key about MFA.
    #[default]
    None,
    /// On the console without MFA: aws:MultiFactorAuthPresent is false.
    #[serde(rename = "console-no-mfa")]
    Console,
    /// aws:MultiFactorAuthPresent is true, and aws:MultiFactorAuthAge is there.
    Present,
}

/// The decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Expect {
    /// An Allow in every layer, and no Deny.
    Allowed,
    /// A Deny in some layer.
    ExplicitDeny,
    /// No Deny, and no Allow in some layer.
    ImplicitDeny,
    /// A statement that cannot be evaluated would decide.
    Unknown,
}

impl Expect {
    /// As the table and the JSON of `simulate` spell it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::ExplicitDeny => "explicit_deny",
            Self::ImplicitDeny => "implicit_deny",
            Self::Unknown => "unknown",
        }
    }
}

impl Decision {
    /// The request in one line.
    pub(crate) fn request(&self) -> String {
        format!("{} on {} with {:?}, mfa {:?}", self.action, self.resource, self.context, self.mfa)
    }
}

impl Case {
    /// The effect of the statement that `label` names, such as `p#0`, `boundary#1` or `scp[0][1]#2`.
    pub(crate) fn effect(&self, label: &str) -> Option<String> {
        let (policy, index) = label.rsplit_once('#')?;
        let document = if let Some(place) = policy.strip_prefix("scp[") {
            let (level, policy) = place.strip_suffix(']')?.split_once("][")?;
            self.scps.get(level.parse::<usize>().ok()?)?.get(policy.parse::<usize>().ok()?)?
        } else if policy == "boundary" {
            self.boundary.as_ref()?
        } else {
            self.policies.get(policy)?
        };
        let statement = match document.get("Statement")? {
            Value::Array(statements) => statements.get(index.parse::<usize>().ok()?)?,
            single if index == "0" => single,
            _ => return None,
        };
        statement.get("Effect")?.as_str().map(ToOwned::to_owned)
    }
}

fn star() -> String {
    "*".to_owned()
}

/// All cases with the names of their files, by file and place.
pub(crate) fn cases() -> Vec<(String, Case)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/decisions/table");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut all = Vec::new();
    for path in files {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).unwrap();
        let cases: Vec<Case> = serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        all.extend(cases.into_iter().map(|case| (name.clone(), case)));
    }
    all
}

/// One decision, for the tests of the reader.
pub(crate) fn decision(text: &str) -> Decision {
    serde_saphyr::from_str(text).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn a_decision_is_read_with_its_defaults() {
    let read = decision("{ action: \"s3:GetObject\", expect: allowed }");
    assert_eq!(read.request(), "s3:GetObject on * with {}, mfa None");
    assert_eq!((read.matched, read.missing), (None, None));
    let read = decision(
        "{ action: a, resource: b, context: { k: \"true\", l: [x], m: [] }, mfa: console-no-mfa, expect: unknown }",
    );
    assert_eq!(read.context.get("k"), Some(&Values::One("true".to_owned())));
    assert_eq!(read.context.get("l"), Some(&Values::Several(vec!["x".to_owned()])));
    assert_eq!(read.context.get("m"), Some(&Values::Several(Vec::new())));
    assert_eq!((read.mfa, read.expect), (Mfa::Console, Expect::Unknown));
}

#[test]
fn what_is_not_known_is_refused() {
    let wrong = [
        "{ action: a, expect: allowed, resources: b }",
        "{ action: a, expect: denied }",
        "{ action: a, expect: allowed, mfa: yes }",
        "{ expect: allowed }",
        "{ action: a }",
    ];
    for text in wrong {
        serde_saphyr::from_str::<Decision>(text).unwrap_err();
    }
    serde_saphyr::from_str::<Vec<Case>>("[ { id: a, source: b, policies: {}, decisions: [], boundry: {} } ]")
        .unwrap_err();
    serde_saphyr::from_str::<Vec<Case>>("[ { id: a, policies: {}, decisions: [] } ]").unwrap_err();
}

#[test]
fn documents_keep_texts_numbers_and_booleans_apart() {
    let text = "[ { id: a, source: b, policies: { p: { Version: \"2012-10-17\", n: 10, t: \"10\", y: true, z: \"true\", \
                s: false } }, decisions: [] } ]";
    let read: Vec<Case> = serde_saphyr::from_str(text).unwrap();
    let document =
        serde_json::json!({ "Version": "2012-10-17", "n": 10, "t": "10", "y": true, "z": "true", "s": false });
    assert_eq!(read.first().unwrap().policies.get("p"), Some(&document));
}

#[test]
fn a_label_names_a_statement() {
    let text = "[ { id: a, source: b, policies: { p: { Statement: { Effect: Allow } } }, boundary: { Statement: [ { Effect: \
                Deny } ] }, scps: [ [], [ {}, { Statement: [ {}, { Effect: Allow } ] } ] ], decisions: [] } ]";
    let read: Vec<Case> = serde_saphyr::from_str(text).unwrap();
    let effect = |label| read.first().unwrap().effect(label);
    assert_eq!(effect("p#0").as_deref(), Some("Allow"));
    assert_eq!(effect("boundary#0").as_deref(), Some("Deny"));
    assert_eq!(effect("scp[1][1]#1").as_deref(), Some("Allow"));
    for wrong in ["p#1", "q#0", "p", "boundary#1", "scp[0][0]#0", "scp[1][0]#0", "scp[1]#0", "scp[x][1]#1"] {
        assert_eq!(effect(wrong), None, "{wrong}");
    }
}
