//! Which accounts a scan is about, and which it leaves out and says so.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Stage, account, list, resources, text, words};
use crate::support::org::Org;
use crate::support::portcullis::Portcullis;
use crate::support::server::Moto;

/// Ids of the accounts with this status.
fn ids<'r>(results: &'r Value, status: &str) -> BTreeSet<&'r str> {
    let all = list(&results["accounts"]).iter().filter(|account| account["status"] == status);
    all.map(|account| text(&account["id"])).collect()
}

/// Ids of the active accounts at or below this unit.
fn below<'o>(org: &'o Org, path: &[&str]) -> BTreeSet<&'o str> {
    let inside =
        org.active().filter(|account| account.ou_path.iter().zip(path).filter(|(a, b)| a == b).count() == path.len());
    inside.map(|account| account.id.as_str()).collect()
}

fn unit<'o>(org: &'o Org, path: &[&str]) -> &'o str {
    let found = org.ous.iter().find(|unit| unit.path == path);
    found.expect("a unit of that path").id.as_str()
}

#[test]
fn accounts_are_named_on_the_command_line_or_in_a_file() {
    let (stage, org) = Stage::organization(60);
    let (one, two) = (&org.accounts[1], &org.accounts[3]);
    let results = stage.scan(&format!("--accounts {},{} --rules mfa.yaml", one.id, two.id), 3);
    assert_eq!(ids(&results, "scanned"), BTreeSet::from([one.id.as_str(), two.id.as_str()]));
    let mut failing: Vec<_> = one.failing.iter().chain(&two.failing).cloned().collect();
    failing.sort();
    assert_eq!(resources(&results, "console-user-mfa", "fail"), failing);
    assert!(stage.proxy.all().iter().all(|call| call.service != "organizations"), "Organizations is not asked");

    let file = format!("# the two\n{}  # first\n\n{}, {}\n", one.id, two.id, one.id);
    let program = stage.program().file("accounts.txt", &file);
    let run = program.run(words("scan", "--accounts accounts.txt --rules mfa.yaml --format json"), 3);
    assert_eq!(resources(&run.json(), "console-user-mfa", "fail"), failing);
}

#[test]
fn without_a_source_the_own_account_is_scanned() {
    let (stage, org) = Stage::organization(60);
    let results = stage.scan("--rules mfa.yaml", 3);
    assert_eq!(ids(&results, "scanned"), BTreeSet::from([Moto::ACCOUNT]));
    assert_eq!(list(&results["accounts"]).len(), 1);
    assert_eq!(resources(&results, "console-user-mfa", "fail"), org.accounts[0].failing);
    assert!(stage.proxy.all().iter().all(|call| call.action != "AssumeRole"), "no role is needed");
}

#[test]
fn units_are_taken_with_all_that_is_below_them() {
    let (stage, org) = Stage::organization(60);
    for path in [&["Workloads"][..], &["Workloads", "Prod"], &["Security"]] {
        let results = stage.scan(&format!("--org --ou {} --rules mfa.yaml", unit(&org, path)), 3);
        assert_eq!(ids(&results, "scanned"), below(&org, path), "{path:?}");
    }
    let both =
        format!("--org --ou {},{} --rules mfa.yaml", unit(&org, &["Security"]), unit(&org, &["Workloads", "Dev"]));
    let expected = &below(&org, &["Security"]) | &below(&org, &["Workloads", "Dev"]);
    assert_eq!(ids(&stage.scan(&both, 3), "scanned"), expected);
    let root = stage.scan(&format!("--org --ou {} --rules mfa.yaml", org.root), 3);
    assert_eq!(ids(&root, "scanned").len(), 7);
    let lost = stage.run("--org --ou ou-none-00000000", 1);
    assert!(lost.stderr.contains("no account of the organization is below `ou-none-00000000`"), "{}", lost.stderr);
}

#[test]
fn accounts_are_left_out_by_name_and_that_is_said() {
    let (stage, org) = Stage::organization(60);
    let (one, two) = (org.accounts[1].id.as_str(), org.accounts[2].id.as_str());
    let results = stage.scan(&format!("--org --exclude {one},{two} --rules mfa.yaml"), 3);
    let suspended = org.accounts[7].id.as_str();
    assert_eq!(ids(&results, "skipped"), BTreeSet::from([one, two, suspended]));
    assert_eq!(ids(&results, "scanned").len(), 5);
    assert_eq!(account(&results, one)["reason"], "left out by --exclude");
    let results = stage.scan(&format!("--org --include {one} --include {suspended} --rules mfa.yaml"), 3);
    assert_eq!(
        (ids(&results, "scanned"), ids(&results, "skipped")),
        (BTreeSet::from([one]), BTreeSet::from([suspended]))
    );
    let foreign = stage.run("--org --include 999999999999", 1);
    assert!(foreign.stderr.contains("account 999999999999 of --include is not among"), "{}", foreign.stderr);
    let foreign = stage.scan("--org --exclude 999999999999 --rules mfa.yaml", 3);
    assert!(super::notices(&foreign, None).iter().any(|notice| notice.contains("999999999999")));
}

#[test]
fn shards_are_parts_of_the_whole() {
    let (stage, org) = Stage::organization(60);
    let all: BTreeSet<_> = org.accounts.iter().map(|account| account.id.as_str()).collect();
    let parts = [0, 1].map(|part| stage.scan(&format!("--org --shard {part}/2 --rules mfa.yaml"), 3));
    let mut seen = Vec::new();
    let mut failing = Vec::new();
    for part in &parts {
        assert!(ids(part, "scanned").len() >= 3, "the work is shared");
        seen.extend(list(&part["accounts"]).iter().map(|account| text(&account["id"])));
        failing.extend(resources(part, "console-user-mfa", "fail"));
    }
    failing.sort();
    assert_eq!((seen.len(), seen.into_iter().collect::<BTreeSet<_>>()), (all.len(), all), "each account once");
    assert_eq!(failing, org.failing());
}

#[test]
fn malformed_sources_are_refused_before_anything_is_asked() {
    let nobody = Portcullis::new().file("bad.txt", "123456789012\nnine\n").file("none.txt", "# nobody\n");
    for (args, said) in [
        ("--accounts 1234", "neither a list of account ids"),
        ("--accounts 123456789012,12", "neither a list of account ids"),
        ("--accounts bad.txt", "bad.txt:2: `nine` is not an account id"),
        ("--accounts none.txt", "names no account"),
        ("--org --accounts 123456789012", "cannot be used with"),
        ("--org --snapshot x.jsonl", "cannot be used with"),
        ("--ou ou-abcd-12345678", "--org"),
        ("--include 123456789012", "--org"),
        ("--org --include 12", "twelve digits"),
        ("--org --shard 2/2", "expected K/N"),
        ("--org --shard 1", "expected K/N"),
        ("--org --shard 0/0", "expected K/N"),
        ("--org --timeout soon", "such as 30m"),
        ("--org --concurrency 0", "1..=500"),
    ] {
        let run = nobody.run(words("scan", args), 2);
        assert!(run.stderr.contains(said) && run.stdout.is_empty(), "{args}: {}", run.stderr);
    }
}
