//! The committed example is what the generator writes, and it has in it what it is meant to show.

use std::collections::{BTreeMap, BTreeSet};

use portcullis::iam::admin::Verdict;
use portcullis::iam::{Document, Grants};
use portcullis::model::{AccountFacts, AccountStatus, MfaKind, User};

use crate::{accounts, write};

const COMMITTED: &str = include_str!("../acme.jsonl");

fn users(accounts: &[AccountFacts]) -> impl Iterator<Item = (&AccountFacts, &User)> {
    accounts.iter().flat_map(|account| account.users.value().into_iter().flatten().map(move |user| (account, user)))
}

#[test]
fn the_committed_example_is_current() {
    let mut written = Vec::new();
    write(&mut written).unwrap();
    assert!(
        String::from_utf8(written).unwrap() == COMMITTED,
        "cargo run --no-default-features --example generate > examples/acme.jsonl"
    );
    assert!(COMMITTED.len() < 900_000, "{} bytes", COMMITTED.len());
}

#[test]
fn it_reads_back_as_it_was() {
    let read: Vec<AccountFacts> = COMMITTED.lines().skip(1).map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(read, accounts());
}

#[test]
fn it_shows_what_it_is_meant_to_show() {
    let accounts = accounts();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut count = |what, holds: bool| *counts.entry(what).or_default() += usize::from(holds);
    for account in &accounts {
        count("accounts", true);
        count("scanned", account.status == AccountStatus::Scanned);
        count("partial", account.status == AccountStatus::Partial);
    }
    for (account, user) in users(&accounts) {
        let console = user.console_access.value() == Some(&true);
        let kinds: BTreeSet<MfaKind> =
            user.mfa_devices.value().into_iter().flatten().map(|device| device.kind).collect();
        let none = user.mfa_devices.complete().is_some_and(Vec::is_empty);
        let admin = verdict(account, user) == Verdict::Yes;
        count("users", true);
        count("console users", console);
        count("console users without MFA", console && none);
        count("console users not known", console && user.mfa_devices.value().is_none());
        count("console users with a passkey", console && kinds.contains(&MfaKind::Passkey));
        count("console users with a token", console && kinds.contains(&MfaKind::HardwareTotp));
        count("console users with SMS", console && kinds.contains(&MfaKind::Sms));
        count("administrators", admin);
        count("administrators in the console without MFA", admin && console && none);
        count(
            "bounded administrators",
            user.authorization.value().is_some_and(|all| {
                all.permissions_boundary.is_some() && all.groups.iter().any(|group| group == "Administrators")
            }),
        );
    }
    let shown: Vec<String> = counts.iter().map(|(what, count)| format!("{what}: {count}")).collect();
    assert_eq!(shown.join("\n"), EXPECTED.trim());
}

const EXPECTED: &str = "
accounts: 12
administrators: 35
administrators in the console without MFA: 5
bounded administrators: 1
console users: 222
console users not known: 4
console users with SMS: 1
console users with a passkey: 37
console users with a token: 7
console users without MFA: 29
partial: 2
scanned: 8
users: 304
";

fn verdict(account: &AccountFacts, user: &User) -> Verdict {
    let managed = account.policies.value().unwrap();
    let document =
        |arn: &str| managed.iter().find(|policy| policy.arn == arn).and_then(|policy| policy.document.as_deref());
    let rights = user.authorization.value().unwrap();
    let groups: Vec<_> =
        account.groups.value().unwrap().iter().filter(|group| rights.groups.contains(&group.name)).collect();
    assert_eq!(groups.len(), rights.groups.len(), "{}", user.arn);
    let attached = rights.attached_policies.iter().chain(groups.iter().flat_map(|group| &group.attached_policies));
    let inline = rights.inline_policies.iter().map(|policy| Grants::read(Some(&policy.document)));
    let grants = attached.map(|policy| Grants::read(document(&policy.arn))).chain(inline);
    let boundary = rights.permissions_boundary.as_deref().map(|arn| Grants::read(document(arn)));
    grants.fold(Grants::default(), Grants::combine).verdict(boundary)
}

#[test]
fn every_document_is_one() {
    for account in &accounts() {
        let managed = account.policies.value().into_iter().flatten().filter_map(|policy| policy.document.as_deref());
        let trusts = account.roles.value().into_iter().flatten().filter_map(|role| role.trust_policy.as_deref());
        for text in managed.chain(trusts) {
            let document = Document::parse(text).unwrap_or_else(|error| panic!("{error}: {text}"));
            assert!(document.unknown_elements.is_empty(), "{text}");
        }
    }
}

#[test]
fn names_and_arns_are_unique_and_fit() {
    let accounts = accounts();
    let mut arns = BTreeSet::new();
    let mut serials = BTreeSet::new();
    for (account, user) in users(&accounts) {
        assert!(arns.insert(user.arn.clone()), "{}", user.arn);
        assert_eq!(user.arn, format!("arn:aws:iam::{}:user{}{}", account.account.id, user.path, user.name));
        for device in user.mfa_devices.value().into_iter().flatten() {
            assert!(serials.insert(device.serial.clone()), "{}", device.serial);
            assert_eq!(MfaKind::of_serial(&device.serial), device.kind);
        }
        for key in user.access_keys.value().into_iter().flatten() {
            assert!(key.last_used.is_none() || key.last_used > key.created, "{}", user.arn);
            assert!(key.created > user.created, "{}", user.arn);
        }
    }
}
