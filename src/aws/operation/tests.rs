//! The table against the code that makes the calls.

use super::*;

#[test]
fn names_are_unique_and_carry_their_service() {
    let mut names: Vec<_> = Operation::ALL.iter().map(|operation| operation.name()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), Operation::ALL.len());
    for operation in Operation::ALL {
        assert!(["iam", "sts", "organizations"].contains(&operation.service()), "{}", operation.name());
        assert!(!operation.purposes().is_empty(), "nobody calls {}", operation.name());
    }
    assert_eq!(Operation::GetCallerIdentity.iam_action(), None);
    assert_eq!(Operation::ListMfaDevices.iam_action(), Some("iam:ListMFADevices"));
}

/// The SDK's method for an operation: `iam:ListMFADevices` is `list_mfa_devices`.
fn method(operation: Operation) -> String {
    let name =
        operation.name().split_once(':').map_or("", |(_, name)| name).replace("MFA", "Mfa").replace("SSH", "Ssh");
    let mut method = String::new();
    for character in name.chars() {
        if character.is_ascii_uppercase() && !method.is_empty() {
            method.push('_');
        }
        method.push(character.to_ascii_lowercase());
    }
    method
}

fn sources(directory: &std::path::Path, found: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else {
            let text = std::fs::read_to_string(&path).unwrap();
            let squeezed = text.chars().filter(|character| !character.is_whitespace()).collect();
            found.push((path.display().to_string(), squeezed));
        }
    }
}

fn files() -> Vec<(String, String)> {
    let mut files = Vec::new();
    sources(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/aws"), &mut files);
    files
}

/// The paged operations for which the SDK has no paginator: the reader follows their markers itself.
const BY_HAND: [Operation; 1] = [Operation::ListServiceSpecificCredentials];

#[test]
fn every_paged_operation_is_read_through_its_paginator() {
    let files = files();
    for operation in Operation::ALL.iter().copied().filter(|operation| operation.is_paged()) {
        let call = format!(".{}()", method(operation));
        let mut uses = 0;
        for (file, text) in &files {
            for (at, _) in text.match_indices(&call) {
                let chain = text[at..].split(".send()").next().unwrap();
                if text[at + call.len()..].starts_with(".await") {
                    continue; // our own method of that name, not the SDK's builder
                }
                let is_whole = chain.contains(".into_paginator()")
                    || BY_HAND.contains(&operation) && chain.contains(".set_marker(");
                assert!(is_whole, "{file}: {call} reads only the first page");
                uses += 1;
            }
        }
        assert!(uses > 0, "{call} is in the table but never called");
    }
}

#[test]
fn every_operation_names_its_call_in_the_source() {
    let files = files();
    for operation in Operation::ALL {
        let call = format!(".{}()", method(*operation));
        assert!(files.iter().any(|(_, text)| text.contains(&call)), "{call} is never called");
    }
}

/// The calls that `text` makes through the SDK's client in the field `client`: names of methods.
fn calls<'a>(text: &'a str, client: &'a str) -> impl Iterator<Item = &'a str> {
    let client = format!("self.{client}.");
    let starts: Vec<usize> = text.match_indices(&client).map(|(at, _)| at + client.len()).collect();
    starts.into_iter().filter_map(|start| text[start..].split_once("()").map(|(name, _)| name))
}

/// Reading and writing are two types: what the reader calls, and names in its errors, only tells, and nothing else
/// calls what changes anything.
#[test]
fn the_reader_only_reads_and_the_writer_only_writes() {
    let mut seen = [0, 0];
    for (file, text) in files() {
        let file = file.replace('\\', "/");
        let writes = file.contains("src/aws/writer");
        let access = if writes { Access::Write } else { Access::Read };
        for client in ["iam", "once"] {
            for name in calls(&text, client) {
                let known = Operation::ALL.iter().find(|operation| method(**operation) == name);
                let operation = known.unwrap_or_else(|| panic!("{file}: {name} is not in the table"));
                assert_eq!(operation.access(), access, "{file}: {name}");
                assert_eq!(operation.is_retry_safe(), client == "iam", "{file}: {name} through `{client}`");
                seen[usize::from(writes)] += 1;
            }
        }
        for operation in Operation::ALL {
            let call = format!(".{}()", method(*operation));
            let is_called = text.contains(&call) && !text.contains(&format!("{call}.await"));
            let is_named = text.contains(&format!("Operation::{operation:?};")) && !file.ends_with("tests.rs");
            if is_called || is_named {
                let is_write = operation.access() == Access::Write;
                assert_eq!(is_write, writes, "{file}: {operation:?}");
            }
        }
    }
    assert!(seen[0] >= 30, "only {} reads were found", seen[0]);
    let all = Operation::ALL.iter().filter(|operation| operation.access() == Access::Write).count();
    assert_eq!(seen[1], all, "each write is one method");
}

#[test]
fn what_must_not_be_done_twice() {
    let once: Vec<_> = Operation::ALL.iter().filter(|operation| !operation.is_retry_safe()).collect();
    let expected = [
        &Operation::CreateLoginProfile,
        &Operation::CreatePolicyVersion,
        &Operation::CreateUser,
        &Operation::CreateVirtualMfaDevice,
        &Operation::EnableMfaDevice,
        &Operation::GetSessionToken,
        &Operation::ResyncMfaDevice,
    ];
    assert_eq!(once, expected);
    let token = files().into_iter().find(|(file, _)| file.ends_with("token.rs")).unwrap().1;
    assert!(token.contains(".retry_classifier(OnlyIfRefused)"), "GetSessionToken is sent once");
}

/// Each purpose has the permissions that it needs, and taking devices away is nobody else's.
#[test]
fn a_purpose_needs_no_more_than_its_calls() {
    let writes = |purpose: Purpose| {
        let all = Operation::ALL.iter().filter(|operation| operation.access() == Access::Write);
        let found = all.filter(|operation| operation.purposes().contains(&purpose));
        found.map(|operation| operation.name()).collect::<Vec<_>>()
    };
    assert_eq!(writes(Purpose::Scan), [""; 0]);
    let device = ["iam:CreateVirtualMFADevice", "iam:DeleteVirtualMFADevice", "iam:EnableMFADevice"];
    assert_eq!(writes(Purpose::Enroll), [&device[..], &["iam:ResyncMFADevice"]].concat());
    assert_eq!(writes(Purpose::Remove), ["iam:DeactivateMFADevice", "iam:DeleteVirtualMFADevice"]);
    assert!(writes(Purpose::Enforce).iter().all(|name| !name.contains("MFA")));
    assert_eq!(actions(Purpose::Remove, Site::Hub), ["sts:AssumeRole"]);
    let looks = ["iam:GetLoginProfile", "iam:ListAttachedGroupPolicies", "iam:ListAttachedUserPolicies"];
    let looks = [&looks[..], &["iam:ListGroupsForUser", "iam:ListMFADevices", "iam:ListVirtualMFADevices"]].concat();
    let remove = [&writes(Purpose::Remove)[..], &looks].concat();
    assert_eq!(actions(Purpose::Remove, Site::Account), remove);
    let onboard = [
        "iam:AddUserToGroup",
        "iam:AttachUserPolicy",
        "iam:CreateLoginProfile",
        "iam:CreatePolicy",
        "iam:CreateUser",
        "iam:DeleteLoginProfile",
        "iam:DeletePolicy",
        "iam:DeleteUser",
        "iam:DetachUserPolicy",
        "iam:RemoveUserFromGroup",
        "iam:TagPolicy",
    ];
    assert_eq!(writes(Purpose::Onboard), onboard);
    let passwords = ["iam:CreateUser", "iam:DeleteUser", "iam:CreateLoginProfile", "iam:DeletePolicy"];
    assert!(writes(Purpose::Enforce).iter().all(|name| !passwords.contains(name)), "that is for onboarding only");
}
