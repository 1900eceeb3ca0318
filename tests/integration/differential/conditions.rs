//! Random conditions that hold about half of the time.

use serde_json::{Map, Value, json};

use super::calls::{Keys, Person, Target};
use super::generate::Odd;
use super::random::Random;

/// What kind of value a key has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Bool,
    Number,
    Date,
    Address,
    Arn,
    Bytes,
    Many,
}

/// Keys by their kind: some that every request carries, some that few do, some that none does.
const KEYS: [(Kind, &[&str]); 8] = [
    (
        Kind::Text,
        &[
            "aws:username",
            "aws:PrincipalTag/team",
            "aws:PrincipalType",
            "aws:RequestedRegion",
            "aws:PrincipalAccount",
            "aws:ResourceAccount",
            "s3:prefix",
            "aws:RequestTag/team",
            "aws:PrincipalOrgID",
            "aws:PrincipalTag/none",
        ],
    ),
    (Kind::Bool, &["aws:SecureTransport", "aws:MultiFactorAuthPresent", "aws:ViaAWSService", "aws:PrincipalTag/flag"]),
    (
        Kind::Number,
        &["s3:max-keys", "aws:EpochTime", "aws:PrincipalTag/level", "aws:RequestTag/cost", "aws:MultiFactorAuthAge"],
    ),
    (Kind::Date, &["aws:CurrentTime", "aws:PrincipalTag/since", "aws:TokenIssueTime", "aws:EpochTime"]),
    (Kind::Address, &["aws:SourceIp", "aws:PrincipalTag/addr", "aws:VpcSourceIp"]),
    (Kind::Arn, &["aws:PrincipalArn", "aws:PrincipalTag/owner", "aws:SourceArn"]),
    (Kind::Bytes, &["aws:PrincipalTag/blob"]),
    (Kind::Many, &["aws:TagKeys"]),
];

/// A condition for a call of `person`; `odd` says what has to be odd about it.
pub(super) fn condition(random: &mut Random, person: &Person, target: &Target, odd: Option<Odd>) -> Value {
    let mut blocks: Map<String, Value> = Map::new();
    let count = 1 + usize::from(random.chance(30));
    for nth in 0..count {
        let odd = odd.filter(|_| nth == 0);
        let (operator, key, values) = test(random, person, target, odd);
        let block = blocks.entry(operator).or_insert_with(|| json!({}));
        block.as_object_mut().expect("a block").insert(key, values);
    }
    Value::Object(blocks)
}

fn test(random: &mut Random, person: &Person, target: &Target, odd: Option<Odd>) -> (String, String, Value) {
    let many_here = target.keys.iter().any(|(key, _)| key == "aws:TagKeys");
    let (kind, names) = KEYS[match odd {
        Some(Odd::Variable | Odd::JsonBool) => 0,
        Some(Odd::BoolText) => 1,
        Some(Odd::Unreadable) => 2 + random.below(3),
        Some(Odd::ArnAcross) => 5,
        Some(Odd::Bytes) => 6,
        Some(Odd::PlainMany) => 7,
        _ if many_here && random.chance(50) => 7,
        _ => random.below(KEYS.len()),
    }];
    let mut key = (*random.pick(names)).to_owned();
    match odd {
        Some(Odd::BoolText) => (*random.pick(&["aws:SecureTransport", "aws:PrincipalTag/flag"])).clone_into(&mut key),
        Some(Odd::Variable) => {
            (*random.pick(&["aws:username", "aws:username", "aws:PrincipalType"])).clone_into(&mut key);
        }
        _ => {}
    }
    let actual = values_of(&key, person, target);
    let null = odd == Some(Odd::NullValues) || odd.is_none() && random.chance(12);
    let operator = if null { "Null".to_owned() } else { operator(random, kind, odd) };
    let values = match odd {
        Some(Odd::JsonBool) => return (operator, "aws:SecureTransport".to_owned(), json!(random.chance(40))),
        Some(Odd::NullValues) => random.pick(&[json!(["true", "false"]), json!(["no", "true"]), json!([])]).clone(),
        _ if null => json!(random.pick(&["true", "false", "TRUE"])),
        Some(Odd::EmptyValues) => json!([]),
        _ => list(random, |random| value(random, kind, &operator, &actual, odd)),
    };
    if random.chance(20) {
        key = key.to_ascii_lowercase();
    }
    (operator, key, values)
}

fn list(random: &mut Random, mut value: impl FnMut(&mut Random) -> String) -> Value {
    if random.chance(60) {
        return json!(value(random));
    }
    let count = 1 + random.below(3);
    json!((0..count).map(|_| value(random)).collect::<Vec<_>>())
}

fn values_of(key: &str, person: &Person, target: &Target) -> Vec<String> {
    let known: Keys = person.keys().into_iter().chain(target.keys.clone()).collect();
    known.into_iter().find(|(name, _)| name == key).map_or_else(Vec::new, |(_, values)| values)
}

fn operator(random: &mut Random, kind: Kind, odd: Option<Odd>) -> String {
    const ORDERS: [&str; 6] = ["Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals"];
    const TEXT: [&str; 6] = [
        "StringEquals",
        "StringNotEquals",
        "StringEqualsIgnoreCase",
        "StringNotEqualsIgnoreCase",
        "StringLike",
        "StringNotLike",
    ];
    let name = match kind {
        Kind::Text | Kind::Many => (*random.pick(&TEXT)).to_owned(),
        Kind::Bool => (*random.pick(&["Bool", "Bool", "StringEquals"])).to_owned(),
        Kind::Number => format!("Numeric{}", random.pick(&ORDERS)),
        Kind::Date => format!("Date{}", random.pick(&ORDERS)),
        Kind::Address => (*random.pick(&["IpAddress", "NotIpAddress"])).to_owned(),
        Kind::Arn => (*random.pick(&["ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"])).to_owned(),
        Kind::Bytes => "BinaryEquals".to_owned(),
    };
    let name = match odd {
        Some(Odd::BoolText) => "Bool".to_owned(),
        Some(Odd::OperatorCase) => name.to_ascii_lowercase(),
        Some(Odd::UnknownOperator) => (*random.pick(&["StringMatches", "NullIfExists", "Equals", "ArnIs"])).to_owned(),
        _ => name,
    };
    let set = match kind {
        Kind::Many if odd != Some(Odd::PlainMany) => true,
        Kind::Text | Kind::Arn if odd.is_none() => random.chance(8),
        _ => false,
    };
    let prefix = if set { *random.pick(&["ForAllValues:", "ForAnyValue:"]) } else { "" };
    let suffix = if random.chance(20) && odd != Some(Odd::UnknownOperator) { "IfExists" } else { "" };
    format!("{prefix}{name}{suffix}")
}

fn value(random: &mut Random, kind: Kind, operator: &str, actual: &[String], odd: Option<Odd>) -> String {
    let found = if actual.is_empty() { None } else { Some(random.pick(actual).clone()) };
    let other = |random: &mut Random, all: &[&str]| (*random.pick(all)).to_owned();
    match (kind, odd, found) {
        (Kind::Text, Some(Odd::Variable), _) => other(
            random,
            &[
                "${aws:username}",
                "${aws:PrincipalTag/team}",
                "${aws:PrincipalTag/none, 'User'}",
                "${aws:PrincipalTag/none}",
                "b${*}",
            ],
        ),
        (Kind::Bool, Some(Odd::BoolText), _) => other(random, &["yes", "no", "1", "0"]),
        (Kind::Number | Kind::Date | Kind::Address, Some(Odd::Unreadable), _) => {
            other(random, &["soon", "1.2.3", "ten", "300.0.0.0/8", "10.0.0.0/64"])
        }
        (Kind::Arn, Some(Odd::ArnAcross), _) => other(
            random,
            &["arn:aws:*", "arn:*:user/*", "*", "arn:aws:iam::*kim-*", "arn:aws:iam:?*:user/kim-?*", "kim"],
        ),
        (Kind::Bytes, Some(Odd::Bytes), _) => other(random, &["port", "cG9ydA", "*"]),
        (Kind::Text | Kind::Many, _, Some(found)) if random.chance(65) => mutated(random, &found, operator),
        (Kind::Arn, _, Some(found)) if random.chance(65) => {
            let last = found.rfind([':', '/']).map_or(0, |at| at + 1);
            other(random, &[&found, &format!("{}*", &found[..last]), &found.replace("aws", "a?s")])
        }
        (Kind::Text | Kind::Many, ..) => {
            other(random, &["*", "blue", "team", "k*", "us-east-?", "??st", "cost", "User", "B*"])
        }
        (Kind::Bool, ..) => other(random, &["true", "false", "False", "TRUE"]),
        (Kind::Number, ..) => other(random, &["7", "50", "1000", "40", "17", "7.0", "-3", "2000000000", "0"]),
        (Kind::Date, ..) => other(
            random,
            &[
                "2024-05-01T00:00:00Z",
                "2024-05-01",
                "2199-01-01T00:00:00Z",
                "2001-09-09T01:46:40+02:00",
                "1714521600",
                "7000000000",
            ],
        ),
        (Kind::Address, ..) => other(
            random,
            &["127.0.0.0/8", "127.0.0.1", "10.0.0.0/8", "0.0.0.0/0", "2001:db8::/32", "::/0", "2001:db8::17"],
        ),
        (Kind::Arn, ..) => other(
            random,
            &["arn:aws:iam::*:user/*", "arn:aws:iam::111122223333:role/*", "arn:*:iam::*:*", "arn:aws:sts::*:*"],
        ),
        (Kind::Bytes, ..) => other(random, &["cG9ydA==", "eA==", ""]),
    }
}

/// The text itself, or a pattern or variation of it.
fn mutated(random: &mut Random, text: &str, operator: &str) -> String {
    let cut = random.below(text.len() + 1);
    match random.below(if operator.contains("Like") { 6 } else { 3 }) {
        0 => text.to_owned(),
        1 => text.to_ascii_uppercase(),
        2 => format!("{text}x"),
        3 => format!("{}*", &text[..cut]),
        4 => format!("*{}", &text[cut..]),
        _ => format!("{}?{}", &text[..cut], text.get(cut + 1..).unwrap_or("")),
    }
}
