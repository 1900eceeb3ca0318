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

const BASE: &str = r#"apiVersion: portcullis/v1
kind: RulePack
metadata: { id: base }
params: { max_key_age: 90d, kinds: [passkey, hardware-totp] }
rules:
  - id: keys-young
    title: Keys are young
    severity: medium
    target: user
    require: { access_keys: { none: { age: { older_than: "${max_key_age}" } } } }
    message: "{name} has a key older than ${max_key_age}"
  - id: strong
    title: Strong devices
    severity: low
    target: user
    require: { mfa_devices: { some: { kind: { in: "${kinds}" } } } }
"#;

/// Loads `body` as a pack `mine` that may extend `base`, with parameters set.
fn extending(body: &str, settings: &[&str]) -> Result<RuleSet, Vec<Diagnostic>> {
    let settings: Vec<_> = settings.iter().map(|text| crate::rules::params::Setting::parse(text).unwrap()).collect();
    let mine = format!("apiVersion: portcullis/v1\nkind: RulePack\nmetadata: {{ id: mine }}\n{body}");
    let source = SourceFile::new("mine.yaml", &mine);
    let own = source.clone();
    let resolve = move |name: &str, _: &SourceFile| match name {
        "base" => Ok(SourceFile::new("base.yaml", BASE)),
        "mine.yaml" => Ok(own.clone()),
        other => Err(format!("there is no pack `{other}`")),
    };
    Loader { settings: &settings, resolve: &resolve }.load(&[source])
}

fn problems(body: &str, settings: &[&str]) -> Vec<String> {
    let shown = render(&extending(body, settings).err().unwrap_or_default(), false);
    shown.lines().filter(|line| line.contains(": error[")).map(str::to_owned).collect()
}

fn message_of(set: &RuleSet, id: &str) -> String {
    let rule = set.rules.iter().find(|rule| rule.id == id).unwrap();
    rule.message
        .iter()
        .filter_map(|piece| if let Piece::Text(text) = piece { Some(text.as_str()) } else { None })
        .collect()
}

#[test]
fn parameters_are_set_from_the_innermost_to_the_outermost() {
    let age = |body: &str, settings: &[&str]| message_of(&extending(body, settings).unwrap(), "keys-young");
    assert!(age("extends: [{ pack: base }]", &[]).ends_with("older than 90d"), "the pack's own");
    let extended = "extends: [{ pack: base, params: { max_key_age: 30d } }]";
    assert!(age(extended, &[]).ends_with("older than 30d"), "who extends it");
    assert!(age(extended, &["max_key_age=7d"]).ends_with("older than 7d"), "the command line");
    assert!(age(extended, &["base.max_key_age=6d"]).ends_with("older than 6d"), "by the pack's name");
}

#[test]
fn rules_are_taken_dropped_and_graded_anew() {
    let ids = |body: &str| extending(body, &[]).unwrap().rules.into_iter().map(|rule| rule.id).collect::<Vec<_>>();
    assert_eq!(ids("extends: [{ pack: base }]"), ["keys-young", "strong"]);
    assert_eq!(ids("extends: [{ pack: base, only: [strong] }]"), ["strong"]);
    assert_eq!(ids("extends: [{ pack: base, drop: [strong] }]"), ["keys-young"]);
    let graded = extending("extends: [{ pack: base, override: { strong: { severity: critical, mode: audit } } }]", &[]);
    let strong = graded.unwrap().rules.remove(1);
    assert_eq!((strong.severity, strong.mode, &*strong.pack), (crate::model::Severity::Critical, Mode::Audit, "base"));
}

#[test]
fn problems_of_extending_and_of_parameters_point_at_their_place() {
    let cases: [(&str, &[&str], &str); 8] = [
        ("extends: [{ pack: bas }]", &[], "mine.yaml:4:19: error[bad-value]: there is no pack `bas`"),
        ("extends: [{ pack: mine.yaml }]", &[], "mine.yaml:4:19: error[bad-value]: the pack extends itself"),
        (
            "extends: [{ pack: base, only: [stron] }]",
            &[],
            "mine.yaml:4:32: error[bad-value]: pack `base` has no rule `stron`",
        ),
        ("extends: [{ pack: base, drop: [x] }]", &[], "mine.yaml:4:32: error[bad-value]: pack `base` has no rule `x`"),
        (
            "extends: [{ pack: base, override: { strong: { severity: hihg } } }]",
            &[],
            "mine.yaml:4:57: error[bad-value]: `hihg` is not a severity",
        ),
        (
            "extends: [{ pack: base }]",
            &["max_keys=1"],
            "--param max_keys:1:1: error[bad-value]: no pack has a parameter `max_keys`",
        ),
        (
            "extends: [{ pack: base }]",
            &["max_key_age=12"],
            "--param max_key_age:1:1: error[wrong-type]: the parameter `max_key_age` is set to a number, but its default is text",
        ),
        (
            "rules:\n  - { id: r, title: T, severity: low, target: user, require: { path: \"${nope}\" } }",
            &[],
            "mine.yaml:5:70: error[bad-value]: the pack has no parameter `nope`",
        ),
    ];
    for (body, settings, expected) in cases {
        assert_eq!(problems(body, settings), [expected], "{body}");
    }
}

#[test]
fn the_same_rule_is_taken_once_unless_it_is_graded_in_two_ways() {
    let twice = |grade: &str| {
        let mine = format!(
            "apiVersion: portcullis/v1\nkind: RulePack\nmetadata: {{ id: m }}\nextends: [{{ pack: baseline{grade} }}]"
        );
        load(&[crate::rules::builtin::pack("baseline").unwrap(), SourceFile::new("m.yaml", &mine)])
    };
    assert_eq!(
        twice("").unwrap().rules.len(),
        load(&[crate::rules::builtin::pack("baseline").unwrap()]).unwrap().rules.len()
    );
    let wrong = twice(", only: [root-mfa], override: { root-mfa: { severity: low } }").unwrap_err();
    assert_eq!((wrong.len(), wrong[0].code), (1, Code::DuplicateId));
    assert!(wrong[0].message.contains("graded in two ways"), "{}", wrong[0].message);
}

#[test]
fn an_action_may_have_a_grace_time() {
    let guarded = "target: user, require: { console_access: false }, enforce: deny-without-mfa";
    assert_eq!(rule_of(guarded).grace, None);
    assert_eq!(rule_of(&format!("{guarded}, grace: 14d")).grace, Some(jiff::SignedDuration::from_hours(14 * 24)));
    assert_eq!(rule_of(&format!("{guarded}, grace: 12h")).grace, Some(jiff::SignedDuration::from_hours(12)));
}
