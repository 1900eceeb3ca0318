//! `portcullis deploy`: the exact roles and policies to install. Prints, and changes nothing.
//!
//! Which actions a role needs comes from the table of operations; what the writing ones are limited to is told here
//! (Service Authorization Reference, IAM).

use serde_json::{Map, Value, json};

use crate::aws::{Access, Operation, Purpose, Site, actions};
use crate::cli::{DeployArgs, Role};
use crate::console;
use crate::enforce::guard::GROUP;
use crate::iam::guard::{PATH, Variant};

use super::exit::{ExitStatus, Failure};

/// The names of the roles, as `--role-name` and `--enforce-role-name` have them.
const SCAN: &str = "PortcullisScan";
const ENFORCE: &str = "PortcullisEnforce";

/// Runs the command.
///
/// # Errors
///
/// If stdout cannot be written.
pub(super) fn run(args: &DeployArgs) -> Result<ExitStatus, Failure> {
    let wanted = if args.what.is_empty() { Role::ALL.to_vec() } else { args.what.clone() };
    let printed: Map<String, Value> = wanted.into_iter().map(|role| of(role, args)).collect();
    let text = format!("{:#}\n", Value::Object(printed));
    console::out(&text).map_err(|error| Failure::run(&error))?;
    Ok(ExitStatus::Clean)
}

/// What is printed of one role.
fn of(role: Role, args: &DeployArgs) -> (String, Value) {
    let partition = args.partition.as_str();
    let with_trust = |name: &str, policy: Value| (name.to_owned(), json!({ "trust": trust(args), "policy": policy }));
    match role {
        Role::ScanRole => with_trust(SCAN, scan_policy()),
        Role::EnforceRole => with_trust(ENFORCE, enforce_policy(partition)),
        Role::HubPolicy => ("PortcullisHub".to_owned(), json!({ "policy": hub_policy(partition) })),
    }
}

fn trust(args: &DeployArgs) -> Value {
    let mut equals = Map::new();
    if let Some(id) = &args.external_id {
        equals.insert("sts:ExternalId".to_owned(), json!(id));
    }
    if let Some(id) = &args.org_id {
        equals.insert("aws:PrincipalOrgID".to_owned(), json!(id));
    }
    let statement = json!({ "Effect": "Allow", "Principal": { "AWS": args.hub }, "Action": "sts:AssumeRole" });
    let condition = (!equals.is_empty()).then(|| json!({ "StringEquals": equals }));
    document(&[under(statement, condition)])
}

fn document(statements: &[Value]) -> Value {
    json!({ "Version": "2012-10-17", "Statement": statements })
}

/// A statement under a condition, if there is one.
fn under(mut statement: Value, condition: Option<Value>) -> Value {
    if let (Value::Object(elements), Some(condition)) = (&mut statement, condition) {
        elements.insert("Condition".to_owned(), condition);
    }
    statement
}

fn allow(sid: &str, actions: &[&str], resource: &Value) -> Value {
    json!({ "Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resource })
}

/// The actions of an account's role that read, and those that write.
fn sorted(purpose: Purpose) -> (Vec<&'static str>, Vec<&'static str>) {
    let reads = |action: &&str| {
        Operation::ALL.iter().any(|operation| operation.name() == *action && operation.access() == Access::Read)
    };
    actions(purpose, Site::Account).into_iter().partition(reads)
}

fn scan_policy() -> Value {
    let (reads, _) = sorted(Purpose::Scan);
    document(&[allow("Read", &reads, &json!("*"))])
}

fn enforce_policy(partition: &str) -> Value {
    let (reads, writes) = sorted(Purpose::Enforce);
    let guards: Vec<String> = Variant::ALL.iter().map(|variant| variant.arn(partition, "*")).collect();
    let group = format!("arn:{partition}:iam::*:group{PATH}{GROUP}");
    let (mut on_policy, mut on_user, mut on_group, mut attaching) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for write in writes {
        match write {
            "iam:AttachUserPolicy" | "iam:DetachUserPolicy" => on_user.push(write),
            "iam:AttachGroupPolicy" => attaching.push(write),
            _ if write.contains("Policy") => on_policy.push(write),
            _ => on_group.push(write),
        }
    }
    let only_ours = json!({ "ArnLike": { "iam:PolicyARN": guards } });
    let limited = |statement: Value| under(statement, Some(only_ours.clone()));
    document(&[
        allow("Read", &reads, &json!("*")),
        allow("OurPolicy", &on_policy, &json!(guards)),
        limited(allow("OurPolicyOnUsers", &on_user, &json!(format!("arn:{partition}:iam::*:user/*")))),
        limited(allow("OurPolicyOnOurGroup", &attaching, &json!(group))),
        allow("OurGroup", &on_group, &json!(group)),
    ])
}

fn hub_policy(partition: &str) -> Value {
    let (assume, reads): (Vec<&str>, Vec<&str>) = actions(Purpose::Enforce, Site::Hub)
        .into_iter()
        .chain(actions(Purpose::Scan, Site::Hub))
        .partition(|action| *action == "sts:AssumeRole");
    let sorted = |mut actions: Vec<&'static str>| {
        actions.sort_unstable();
        actions.dedup();
        actions
    };
    let roles = [SCAN, ENFORCE].map(|name| format!("arn:{partition}:iam::*:role/{name}"));
    document(&[allow("Enter", &sorted(assume), &json!(roles)), allow("ReadOrganization", &sorted(reads), &json!("*"))])
}

#[cfg(test)]
mod tests;
