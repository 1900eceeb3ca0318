//! Resources: the partitions of their ARNs, and users' own resources.

use crate::iam::document::{Elements, Statement};
use crate::iam::wildcard::Wildcard;

use super::places::At;
use super::{Lint, Looking};

const USERNAME: &str = "${aws:username}";

pub(super) fn look(looking: &mut Looking<'_>, partition: Option<&str>) {
    let mut first: Option<&str> = None;
    let document = looking.document;
    for (index, statement) in document.statements.iter().enumerate() {
        for (at, text) in texts(index, statement) {
            let Some(found) = partition_of(text) else { continue };
            match partition {
                Some(wanted) if wanted != found => {
                    let message = format!("`{text}` is in the partition `{found}`, not in `{wanted}`");
                    looking.found(Lint::WrongPartition, at, message);
                }
                Some(_) => {}
                None if first.is_some_and(|first| first != found) => {
                    let other = first.unwrap_or_default();
                    let message = format!("`{text}` is in the partition `{found}`, others in `{other}`");
                    looking.found(Lint::MixedPartitions, at, message);
                }
                None => first = Some(found),
            }
        }
        own(looking, index, statement);
    }
}

/// The partition that an ARN names without wildcards or variables.
pub(super) fn partition_of(arn: &str) -> Option<&str> {
    let (partition, _) = arn.strip_prefix("arn:")?.split_once(':')?;
    let is_plain = !partition.is_empty() && partition.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    is_plain.then_some(partition)
}

/// The resources of a statement, and the values of its ARN operators.
pub(super) fn texts(index: usize, statement: &Statement) -> impl Iterator<Item = (At<'static>, &str)> {
    let resources = statement.resources().iter().chain(statement.not_resources()).enumerate();
    let resources = resources.map(move |(nth, text)| (At::Item(index, "Resource", nth), text.as_str()));
    let values = statement.conditions().iter().enumerate().flat_map(move |(block, written)| {
        written.keys.iter().enumerate().flat_map(move |(key, written)| {
            let values = written.values.iter().enumerate();
            values.map(move |(nth, text)| (At::Value(index, block, key, nth), text.as_str()))
        })
    });
    resources.chain(values)
}

/// What is said of a user by its name.
fn own(looking: &mut Looking<'_>, index: usize, statement: &Statement) {
    let Some(Elements::Listed(list) | Elements::Except(list)) = &statement.resource else { return };
    for (nth, text) in list.iter().enumerate() {
        let at = At::Item(index, "Resource", nth);
        if text.ends_with(&format!(":mfa/{USERNAME}")) {
            let message = "only a device with the name of the user is meant".to_owned();
            looking.found(Lint::OwnDeviceName, at, message);
        }
        let Some(before) = text.strip_suffix(USERNAME).filter(|before| before.ends_with(":user/")) else { continue };
        // Some path, and the name.
        let with_path = format!("{before}\u{e000}/{USERNAME}");
        if !list.iter().any(|other| Wildcard::new(other).matches(&with_path)) {
            let message = "users with a path are not meant by this".to_owned();
            looking.found(Lint::OwnUserWithoutPath, at, message);
        }
    }
}
