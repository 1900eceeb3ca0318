//! What is said of broken rule files, and what whole ones become.

use std::fs;
use std::path::Path;

use super::*;
use crate::model::Mode;
use crate::rules::compile::Piece;
use crate::yaml::{Code, render};

/// A pack of `rules`, which are indented as they stand in a file.
fn pack(id: &str, rules: &str) -> SourceFile {
    let text = format!("apiVersion: portcullis/v1\nkind: RulePack\nmetadata: {{ id: {id} }}\nrules:\n{rules}");
    SourceFile::new(&format!("{id}.yaml"), &text)
}

fn rule_of(body: &str) -> Rule {
    let rules = format!("  - {{ id: r, title: Some title, severity: low, {body} }}\n");
    load(&[pack("p", &rules)]).unwrap_or_else(|wrong| panic!("{}", render(&wrong, false))).rules.remove(0)
}

/// Each file of `broken/` has its diagnostics beside it, as they appear on stderr.
#[test]
fn every_broken_file_is_told_all_its_problems() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rules/broken");
    let mut names: Vec<String> = fs::read_dir(directory.clone())
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    names.sort();
    assert!(names.len() >= 20, "{names:?}");
    for name in names {
        let text = fs::read_to_string(directory.join(format!("{name}.yaml"))).unwrap();
        let problems = load(&[SourceFile::new(&format!("{name}.yaml"), &text)]).expect_err(&name);
        let shown = render(&problems, false);
        for problem in &problems {
            let (line, column) = problem.position();
            assert!(
                shown.contains(&format!("{name}.yaml:{line}:{column}: error[{}]: ", problem.code.as_str())),
                "{shown}"
            );
        }
        insta::with_settings!({ snapshot_path => "../snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(format!("broken_{name}"), shown);
        });
    }
}

#[test]
fn problems_come_in_the_order_of_files_and_places() {
    let wrong = "  - { id: r, title: x, severity: bad, target: user, require: { zzz: 1 } }\n";
    let problems = load(&[pack("z", wrong), pack("a", wrong)]).unwrap_err();
    let places: Vec<(&str, usize)> =
        problems.iter().map(|problem| (&*problem.source.path, problem.span.start)).collect();
    assert_eq!(
        places.iter().map(|place| place.0).collect::<Vec<_>>(),
        ["z.yaml", "z.yaml", "a.yaml", "a.yaml", "a.yaml"]
    );
    assert!(places.chunk_by(|one, other| one.0 == other.0).all(<[_]>::is_sorted), "{places:?}");
}

#[test]
fn an_id_may_stand_once_in_all_files() {
    let rule = "  - { id: same, title: x, severity: low, target: user, require: { console_access: true } }\n";
    let broken = rule.replace("console_access", "zzz");
    for (first, second) in [(rule, rule), (rule, &broken), (&broken, rule)] {
        let problems = load(&[pack("one", first), pack("two", second)]).unwrap_err();
        let double = problems.iter().find(|problem| problem.code == Code::DuplicateId).expect("a double id");
        assert_eq!((&*double.source.path, double.position()), ("two.yaml", (5, 11)));
        assert_eq!(double.help.as_deref(), Some("it first stands at one.yaml:5; rename one of the two"));
    }
}

#[test]
fn one_wrong_file_stops_all() {
    let good = "  - { id: good, title: x, severity: low, target: user, require: { console_access: true } }\n";
    assert_eq!(load(&[pack("one", good)]).unwrap().rules.len(), 1);
    assert!(load(&[pack("one", good), pack("two", "  - {}\n")]).is_err());
}

#[test]
fn a_rule_acts_only_where_it_names_an_action() {
    let cases = [
        ("", Mode::Warn, None),
        ("mode: audit, ", Mode::Audit, None),
        ("enforce: deny-without-mfa, ", Mode::Enforce, Some("deny-without-mfa")),
        ("enforce: deny-without-mfa, mode: warn, ", Mode::Warn, Some("deny-without-mfa")),
    ];
    for (written, mode, action) in cases {
        let rule = rule_of(&format!("{written}target: user, require: {{ console_access: true }}"));
        assert_eq!((rule.mode, rule.enforce.as_deref()), (mode, action), "{written}");
    }
}

#[test]
fn a_rule_knows_the_facts_of_its_resource_those_of_the_requirement_first() {
    let rule = rule_of(
        "target: user, when: { console_access: true, any: [{ is_admin: true }, { name: x }] }, \
         require: { all: [{ access_keys: { none: { active: true } } }, { not: { console_access: false } }] }",
    );
    let names: Vec<&str> = rule.facts.iter().map(|fact| fact.name).collect();
    assert_eq!(names, ["access_keys", "console_access", "is_admin", "name"]);
    assert_eq!(&*rule.pack, "p");
}

#[test]
fn a_rule_without_a_message_says_what_it_requires() {
    let rule = rule_of("target: user, require: { console_access: true }");
    assert!(
        matches!(&rule.message[..], [Piece::Text(text)] if text == "does not meet: Some title"),
        "{:?}",
        rule.message
    );
}

proptest::proptest! {
    /// Whatever stands in a rule, checking it ends, with a rule or with problems that can be shown.
    #[test]
    fn no_rule_makes_it_panic(body in "[a-z_{}:,\\[\\] 0-9\"é]{0,50}") {
        let text = format!("  - {{ id: r, title: x, severity: low, target: user, require: {{ {body} }} }}\n");
        if let Err(problems) = load(&[pack("p", &text)]) {
            proptest::prop_assert!(!problems.is_empty());
            proptest::prop_assert!(render(&problems, false).starts_with("p.yaml:"));
        }
    }
}
