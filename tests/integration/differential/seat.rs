//! A user of the server, given one set of policies after the other.

use jiff::Timestamp;
use portcullis::iam::Verdict;

use super::calls::{Keys, Person, Target, one};
use super::generate::{Place, Scenario};
use crate::support::boto::Credentials;
use crate::support::server::Ministack;
use crate::support::signed::Call;

/// A user that exists, in a group of its own.
#[derive(Debug)]
pub(super) struct Seat {
    port: u16,
    person: Person,
    id: String,
    credentials: Credentials,
    /// What takes its policies away again.
    undo: Vec<Call>,
}

impl Seat {
    /// Makes the user of this number.
    pub(super) fn new(port: u16, number: usize) -> Self {
        let person = Person::of(number);
        let name = ("UserName", person.name.as_str());
        let mut params = vec![name, ("Path", person.path)];
        let tag = |nth: usize, part: &str| format!("Tags.member.{}.{part}", nth + 1);
        let names: Vec<[String; 2]> =
            (0..person.tags.len()).map(|nth| ["Key", "Value"].map(|part| tag(nth, part))).collect();
        for ([key, value], (tag, text)) in names.iter().zip(&person.tags) {
            params.extend([(key.as_str(), *tag), (value.as_str(), *text)]);
        }
        let id = between(&root(port, &Call::iam("CreateUser", &params)), "UserId").to_owned();
        let group = ("GroupName", person.name.as_str());
        root(port, &Call::iam("CreateGroup", &[group]));
        root(port, &Call::iam("AddUserToGroup", &[name, group]));
        let mut credentials = credentials(&root(port, &Call::iam("CreateAccessKey", &[name])));
        if person.in_session {
            let answer = Call::query("sts", "2011-06-15", "GetSessionToken", &[]).send(port, &credentials);
            credentials = self::credentials(&answer);
        }
        Self { port, person, id, credentials, undo: Vec::new() }
    }

    /// Who it is.
    pub(super) const fn person(&self) -> &Person {
        &self.person
    }

    /// Takes the policies away, and gives it those of `scenario`.
    pub(super) fn take(&mut self, scenario: &Scenario) {
        while let Some(call) = self.undo.pop() {
            root(self.port, &call);
        }
        for (nth, (place, document)) in scenario.policies.iter().enumerate() {
            self.give(*place, &format!("p{nth}"), &document.to_string());
        }
    }

    fn give(&mut self, place: Place, policy: &str, document: &str) {
        let own = self.person.name.clone();
        let (name, document) = (("PolicyName", policy), ("PolicyDocument", document));
        let (user, group) = (("UserName", own.as_str()), ("GroupName", own.as_str()));
        let (put, delete, attach, detach, holder) = match place {
            Place::User => ("PutUserPolicy", "DeleteUserPolicy", "", "", user),
            Place::Group => ("PutGroupPolicy", "DeleteGroupPolicy", "", "", group),
            Place::UserManaged => ("", "", "AttachUserPolicy", "DetachUserPolicy", user),
            Place::GroupManaged => ("", "", "AttachGroupPolicy", "DetachGroupPolicy", group),
            Place::Boundary => ("", "", "PutUserPermissionsBoundary", "DeleteUserPermissionsBoundary", user),
        };
        if attach.is_empty() {
            root(self.port, &Call::iam(put, &[holder, name, document]));
            self.undo.push(Call::iam(delete, &[holder, name]));
            return;
        }
        let managed = format!("{own}-{policy}");
        let made = root(self.port, &Call::iam("CreatePolicy", &[("PolicyName", &managed), document]));
        let arn = between(&made, "Arn");
        self.undo.push(Call::iam("DeletePolicy", &[("PolicyArn", arn)]));
        let reference = if place == Place::Boundary { "PermissionsBoundary" } else { "PolicyArn" };
        root(self.port, &Call::iam(attach, &[holder, (reference, arn)]));
        let rest = if place == Place::Boundary { vec![holder] } else { vec![holder, ("PolicyArn", arn)] };
        self.undo.push(Call::iam(detach, &rest));
    }

    /// Makes a call; what the server decided.
    pub(super) fn ask(&self, target: &Target) -> Verdict {
        let answer = target.call.send(self.port, &self.credentials);
        let refused = [
            "InvalidClientTokenId",
            "SignatureDoesNotMatch",
            "UnrecognizedClient",
            "IncompleteSignature",
            "InvalidToken",
        ];
        assert!(!refused.iter().any(|code| answer.contains(code)), "{target:?}: {answer}");
        if !answer.contains("is not authorized to perform") {
            return Verdict::Allowed;
        }
        assert!(answer.contains(&self.person.arn()) && answer.contains(&target.action), "{target:?}: {answer}");
        match (answer.contains("with an explicit deny in"), answer.contains("because no identity-based policy allows"))
        {
            (true, false) => Verdict::ExplicitDeny,
            (false, true) => Verdict::ImplicitDeny,
            _ => panic!("which denial is this? {target:?}: {answer}"),
        }
    }

    /// The condition keys of its call.
    pub(super) fn keys(&self, target: &Target) -> Keys {
        let now = Timestamp::now();
        let mut keys = self.person.keys();
        keys.push(one("aws:userid", &self.id));
        keys.push(one("aws:CurrentTime", &now.to_string()));
        keys.push(one("aws:EpochTime", &now.as_second().to_string()));
        if self.person.in_session {
            keys.push(one("aws:TokenIssueTime", &now.to_string()));
        }
        keys.extend(target.keys.clone());
        keys
    }
}

/// A call by the root user that has to succeed.
fn root(port: u16, call: &Call) -> String {
    let answer = call.send(port, &Ministack::root());
    assert!(answer.contains("Response") && !answer.contains("<Error>"), "{call:?}: {answer}");
    answer
}

fn credentials(answer: &str) -> Credentials {
    let token = answer.contains("<SessionToken>").then(|| between(answer, "SessionToken").to_owned());
    Credentials { token, ..Credentials::new(between(answer, "AccessKeyId"), between(answer, "SecretAccessKey")) }
}

/// The text of the first element of this name.
fn between<'a>(answer: &'a str, name: &str) -> &'a str {
    let found = answer.split_once(&format!("<{name}>")).and_then(|(_, rest)| rest.split_once(&format!("</{name}>")));
    found.unwrap_or_else(|| panic!("no {name} in {answer}")).0
}
