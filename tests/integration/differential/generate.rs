//! Random policies about calls that are really made.

use portcullis::iam::guard::Variant;
use serde_json::{Value, json};

use super::calls::{Person, Target, targets};
use super::conditions::condition;
use super::random::Random;

/// How many calls each set of policies is asked about.
const CALLS: usize = 10;

/// Where a policy stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Place {
    /// Inline in the user.
    User,
    /// Managed, attached to the user.
    UserManaged,
    /// Inline in the user's group.
    Group,
    /// Managed, attached to the group.
    GroupManaged,
    /// The boundary of the user.
    Boundary,
}

/// Something about which the server and we are not of one mind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Odd {
    Variable,
    VariableResource,
    Version,
    OldVersion,
    ArnAcross,
    ShortArn,
    BoolText,
    PlainMany,
    Unreadable,
    UnreadableRequest,
    UnknownOperator,
    OperatorCase,
    UnknownElement,
    Principal,
    EmptyElements,
    EmptyValues,
    NullValues,
    JsonBool,
    Bytes,
}

const ODD: [Odd; 19] = [
    Odd::Variable,
    Odd::VariableResource,
    Odd::Version,
    Odd::OldVersion,
    Odd::ArnAcross,
    Odd::ShortArn,
    Odd::BoolText,
    Odd::PlainMany,
    Odd::Unreadable,
    Odd::UnreadableRequest,
    Odd::UnknownOperator,
    Odd::OperatorCase,
    Odd::UnknownElement,
    Odd::Principal,
    Odd::EmptyElements,
    Odd::EmptyValues,
    Odd::NullValues,
    Odd::JsonBool,
    Odd::Bytes,
];

/// Policies of a user, and what it calls.
#[derive(Debug, Clone)]
pub(super) struct Scenario {
    /// Its number.
    pub(super) number: usize,
    /// The policies.
    pub(super) policies: Vec<(Place, Value)>,
    /// The calls.
    pub(super) targets: Vec<Target>,
}

impl Scenario {
    /// The scenario of this number, for a user.
    pub(super) fn generate(seed: u64, number: usize, person: &Person) -> Self {
        let mut random = Random::new(seed, number);
        let all = targets(person);
        // In turn, so that each is there often enough.
        let odd = random.chance(50).then(|| ODD[number % ODD.len()]);
        let needs_tags = odd == Some(Odd::PlainMany);
        let is_special = |target: &&Target| target.keys.iter().any(|(key, _)| !needs_tags || key == "aws:TagKeys");
        let special: Vec<&Target> = all.iter().filter(is_special).collect();
        let count = if needs_tags { 8 } else { 2 };
        let chosen = (0..CALLS)
            .map(|nth| if nth < count { (*random.pick(&special)).clone() } else { random.pick(&all).clone() });
        let targets: Vec<Target> = chosen.collect();
        let places = [Place::User, Place::UserManaged, Place::Group, Place::GroupManaged];
        let mut writer = Writer { random, person, targets: &targets };
        let mut policies = vec![(Place::User, writer.document(odd, true))];
        for _ in 0..writer.random.below(3) {
            policies.push((*writer.random.pick(&places), writer.document(None, false)));
        }
        if writer.random.chance(8) {
            let guard = writer.random.pick(&Variant::ALL).text("aws", writer.random.chance(70));
            policies.push((Place::UserManaged, serde_json::from_str(&guard).expect("our guards are JSON")));
        }
        if writer.random.chance(25) {
            policies.push((Place::Boundary, writer.document(None, true)));
        }
        Self { number, policies, targets }
    }
}

/// Writes policies.
struct Writer<'a> {
    random: Random,
    person: &'a Person,
    targets: &'a [Target],
}

impl Writer<'_> {
    /// A document; one that is `broad` mostly allows a lot to begin with.
    fn document(&mut self, odd: Option<Odd>, broad: bool) -> Value {
        let mut statements = Vec::new();
        let broad = broad && self.random.chance(if odd.is_some() { 60 } else { 75 });
        if broad {
            let actions = if self.random.chance(60) { json!("*") } else { json!(["iam:*", "s3:*", "sqs:*", "ssm:*"]) };
            statements.push(json!({"Sid": "Broad", "Effect": "Allow", "Action": actions, "Resource": "*"}));
        }
        for nth in 0..=self.random.below(3) {
            let mut statement = self.statement(odd.filter(|_| nth == 0));
            if nth == 0 && odd.is_some() {
                // What decides, as long as no other policy does.
                statement["Effect"] = json!(if broad { "Deny" } else { "Allow" });
            }
            statements.push(statement);
        }
        let version = match odd {
            Some(Odd::Version) => Some(*self.random.pick(&["2012-10-18", "2020-01-01", ""])),
            Some(Odd::OldVersion) => *self.random.pick(&[Some("2008-10-17"), None]),
            _ => Some("2012-10-17"),
        };
        let mut document = json!({"Statement": statements});
        if let Some(version) = version {
            document["Version"] = json!(version);
        }
        if odd == Some(Odd::UnknownElement) && self.random.chance(50) {
            document["Comment"] = json!("of the whole");
        }
        document
    }

    fn statement(&mut self, odd: Option<Odd>) -> Value {
        let is_own = |target: &&Target| target.resource.contains(&self.person.name);
        let target = match odd {
            // The first calls have tags.
            Some(Odd::PlainMany) => self.targets[0].clone(),
            Some(Odd::VariableResource | Odd::OldVersion) => {
                self.targets.iter().find(is_own).unwrap_or(&self.targets[0]).clone()
            }
            _ => self.random.pick(self.targets).clone(),
        };
        let effect = if self.random.chance(55) { "Allow" } else { "Deny" };
        let mut statement = json!({"Effect": effect});
        let (name, actions) = self.actions(&target, odd);
        statement[name] = actions;
        let (name, resources) = self.resources(&target, odd);
        statement[name] = resources;
        let needs = odd.is_some_and(Odd::is_of_conditions);
        if needs || odd.is_none() && self.random.chance(60) {
            statement["Condition"] = condition(&mut self.random, self.person, &target, odd.filter(|_| needs));
        }
        match odd {
            Some(Odd::Principal) => statement["Principal"] = json!({"AWS": "*"}),
            Some(Odd::UnknownElement) => statement["Comment"] = json!("x"),
            Some(Odd::UnreadableRequest) => {
                let operator = *self.random.pick(&["NumericNotEquals", "DateNotEquals", "NumericEquals"]);
                let value = if operator.starts_with('D') { "2024-05-01" } else { "7" };
                statement["Condition"] = json!({operator: {"aws:username": value}});
            }
            _ => {}
        }
        statement
    }

    fn actions(&mut self, target: &Target, odd: Option<Odd>) -> (&'static str, Value) {
        let except = self.random.chance(25);
        let name = if except { "NotAction" } else { "Action" };
        if odd == Some(Odd::EmptyElements) && self.random.chance(50) {
            return (name, json!([]));
        }
        let count = 1 + self.random.below(if odd.is_some() && !except { 1 } else { 3 });
        let patterns: Vec<String> = (0..count)
            .map(|nth| match (nth, odd) {
                (0, Some(_)) if !except => {
                    let service = target.action.split(':').next().unwrap_or_default();
                    if self.random.chance(50) { "*".to_owned() } else { format!("{service}:*") }
                }
                (0, _) if self.random.chance(70) => self.action(&target.action),
                _ => {
                    let other = self.random.pick(self.targets).action.clone();
                    self.action(&other)
                }
            })
            .collect();
        (name, one_or_many(patterns))
    }

    fn action(&mut self, action: &str) -> String {
        let colon = action.find(':').unwrap_or(0);
        let at = colon + 1 + self.random.below(action.len() - colon - 1);
        match self.random.below(9) {
            0 | 1 => action.to_owned(),
            2 => action.to_ascii_uppercase(),
            3 => action.to_ascii_lowercase(),
            4 => format!("{}*", &action[..at]),
            5 => format!("{}?{}", &action[..at], &action[at + 1..]),
            6 => format!("{}*", &action[..=colon]),
            7 => format!("*{}", &action[at..]),
            _ => format!("{}*{}", &action[..=colon], &action[at..]),
        }
    }

    fn resources(&mut self, target: &Target, odd: Option<Odd>) -> (&'static str, Value) {
        let except = self.random.chance(if odd.is_some() { 10 } else { 20 });
        let name = if except { "NotResource" } else { "Resource" };
        match odd {
            Some(Odd::EmptyElements) => return (name, json!([])),
            Some(Odd::VariableResource | Odd::OldVersion) => {
                let own = target.resource.replace(&self.person.name, "${aws:username}");
                return (name, one_or_many(vec![self.variable(), own]));
            }
            Some(Odd::ShortArn) => {
                let short =
                    ["arn:aws:iam", "arn:aws:s3", "arn:aws:s*", "arn:aws:sqs:us-east-1", "arn:*", "arn:aws:sns"];
                return (name, json!(self.random.pick(&short)));
            }
            Some(_) if !except => return (name, json!("*")),
            _ => {}
        }
        let count = 1 + self.random.below(2);
        let patterns: Vec<String> = (0..count)
            .map(|nth| {
                let resource =
                    if nth == 0 { target.resource.clone() } else { self.random.pick(self.targets).resource.clone() };
                self.resource(&resource)
            })
            .collect();
        (name, one_or_many(patterns))
    }

    fn variable(&mut self) -> String {
        let service = self.random.pick(&[
            "iam::*:user/",
            "s3:::no-such-bucket/home/",
            "sqs:*:*:",
            "iam::*:*/",
            "dynamodb:*:*:table/",
        ]);
        let variable =
            *self.random.pick(&["${aws:username}", "${aws:username}*", "${aws:PrincipalTag/none}", "*${?}*"]);
        format!("arn:aws:{service}{variable}")
    }

    fn resource(&mut self, resource: &str) -> String {
        if resource == "*" || self.random.chance(25) {
            return "*".to_owned();
        }
        let fields = resource.match_indices(':').nth(4).map_or(0, |(at, _)| at + 1);
        let at = fields + self.random.below(resource.len() - fields);
        match self.random.below(7) {
            0 => resource.to_owned(),
            1 | 2 => format!("{}*", &resource[..at]),
            3 => format!("{}?{}", &resource[..at], &resource[at + 1..]),
            4 => format!("{}{}", &resource[..fields], resource[fields..].to_ascii_uppercase()),
            5 => format!("arn:aws:*:*{}", &resource[at..]),
            _ => resource.replace("us-east-1", "*").replace("000000000000", "*"),
        }
    }
}

impl Odd {
    const fn is_of_conditions(self) -> bool {
        matches!(
            self,
            Self::Variable
                | Self::ArnAcross
                | Self::BoolText
                | Self::PlainMany
                | Self::Unreadable
                | Self::UnknownOperator
                | Self::OperatorCase
                | Self::EmptyValues
                | Self::NullValues
                | Self::JsonBool
                | Self::Bytes
        )
    }
}

fn one_or_many(mut patterns: Vec<String>) -> Value {
    if patterns.len() == 1 { json!(patterns.remove(0)) } else { json!(patterns) }
}
