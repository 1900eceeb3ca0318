//! What the grammar does not have, and what its elements say that is hardly meant.

use std::collections::BTreeSet;

use crate::iam::document::{Effect, Elements, Statement};
use crate::iam::limits::{MANAGED, USER_INLINE, first_outside, size};

use super::places::At;
use super::{Lint, Looking};

pub(super) fn look(looking: &mut Looking<'_>, json: Option<&str>) {
    whole(looking);
    measure(looking, json);
    let document = looking.document;
    let mut sids = BTreeSet::new();
    for (index, statement) in document.statements.iter().enumerate() {
        unknown(looking, index, statement);
        lists(looking, index, statement);
        actions(looking, index, statement);
        broad(looking, index, statement);
        if let Some(sid) = statement.sid.as_deref().filter(|sid| !sid.is_empty())
            && !sids.insert(sid)
        {
            looking.found(
                Lint::DuplicateSid,
                At::Part(index, "Sid"),
                format!("another statement has the Sid `{sid}` too"),
            );
        }
    }
}

fn whole(looking: &mut Looking<'_>) {
    let document = looking.document;
    if let Some(version) = &document.version
        && !matches!(version.as_str(), "2012-10-17" | "2008-10-17")
    {
        let message = format!("there is no version `{version}` of the policy language");
        looking.found(Lint::UnknownVersion, At::Element("Version"), message);
    }
    for name in document.unknown_names() {
        let message = format!("the policy language has no element `{name}`");
        looking.found(Lint::UnknownElement, At::Element(name), message);
    }
}

fn measure(looking: &mut Looking<'_>, json: Option<&str>) {
    let written = json.is_none().then(|| serde_json::to_string(looking.document).unwrap_or_default());
    let text = json.or(written.as_deref()).unwrap_or_default();
    let size = size(text);
    if size > MANAGED {
        let message = format!("the document has {size} characters, {} too many", size - MANAGED);
        looking.found(Lint::TooLarge, At::Document, message);
    } else if size > USER_INLINE {
        let message = format!("the document has {size} characters, too many for an inline policy of a user");
        looking.found(Lint::TooLargeInline, At::Document, message);
    }
    if let Some((at, character)) = first_outside(text) {
        let place = if json.is_some() { At::Bytes(at, at + character.len_utf8()) } else { At::Document };
        let message = format!("IAM does not take the character U+{:04X}", u32::from(character));
        looking.found(Lint::OutsideCharset, place, message);
    }
}

fn unknown(looking: &mut Looking<'_>, index: usize, statement: &Statement) {
    for name in statement.unknown_names() {
        let message = format!("the policy language has no element `{name}`");
        looking.found(Lint::UnknownElement, At::Part(index, name), message);
    }
    if statement.principal.is_some() {
        let message = "it names a principal".to_owned();
        looking.found(Lint::PrincipalInIdentityPolicy, At::Part(index, "Principal"), message);
    }
    if statement.resource.is_none() {
        let message = "it has neither `Resource` nor `NotResource`".to_owned();
        looking.found(Lint::NoResource, At::Statement(index), message);
    }
}

fn lists(looking: &mut Looking<'_>, index: usize, statement: &Statement) {
    let parts = [("Action", Some(&statement.action)), ("Resource", statement.resource.as_ref())];
    for (name, elements) in parts {
        let Some(elements) = elements else { continue };
        let (list, shown) = match elements {
            Elements::Listed(list) => (list, name.to_owned()),
            Elements::Except(list) => (list, format!("Not{name}")),
        };
        if list.is_empty() {
            looking.found(Lint::EmptyList, At::Part(index, name), format!("the list of `{shown}` is empty"));
        }
        let variable = list.iter().position(|text| text.contains("${"));
        if let Some(nth) = variable
            && name == "Resource"
            && !looking.document.has_variables()
        {
            let message = "the variable is plain text in a document of this version".to_owned();
            looking.found(Lint::VariableIsText, At::Item(index, name, nth), message);
        }
    }
}

fn actions(looking: &mut Looking<'_>, index: usize, statement: &Statement) {
    let (Elements::Listed(list) | Elements::Except(list)) = &statement.action;
    for (nth, pattern) in list.iter().enumerate() {
        let is_everything = !pattern.is_empty() && pattern.bytes().all(|byte| byte == b'*');
        let is_right = pattern
            .split_once(':')
            .is_some_and(|(service, name)| !service.is_empty() && !name.is_empty() && !name.contains(':'));
        if !is_everything && !is_right {
            let message = format!("`{pattern}` is no action: it should be a service and a name with one colon between");
            looking.found(Lint::ActionWithoutService, At::Item(index, "Action", nth), message);
        }
    }
}

fn broad(looking: &mut Looking<'_>, index: usize, statement: &Statement) {
    if statement.effect != Effect::Allow {
        return;
    }
    if !statement.not_actions().is_empty() {
        let message = "it allows every action but those listed".to_owned();
        looking.found(Lint::AllowNotAction, At::Part(index, "Action"), message);
    }
    if !statement.not_resources().is_empty() {
        let message = "it is about every resource but those listed".to_owned();
        looking.found(Lint::AllowNotResource, At::Part(index, "Resource"), message);
    }
}
