//! The documentation says what the program does: generated parts are current, and examples are right.
//!
//! `PORTCULLIS_UPDATE_DOCS=1 cargo test --test docs` writes the generated parts anew.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops at the first surprise")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use portcullis::cli::{LEDGER_SCHEMA, schema_names};
use portcullis::ledger::{self, Author, Kind, Ledger, Outcome, Record};
use portcullis::report::documents;
use portcullis::rules::vocabulary::{FactType, KINDS, facts};
use portcullis::rules::{builtin, cases, compile, load, schema, waiver};
use portcullis::yaml::{SourceFile, render};

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn read(name: &str) -> String {
    fs::read_to_string(path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Holds `generated` against what stands between the markers of `name` in `file`, or puts it there.
fn hold(file: &str, name: &str, generated: &str) {
    let (open, close) = (format!("<!-- {name}: generated -->\n"), format!("<!-- {name}: end -->"));
    let text = read(file);
    let start = text.find(&open).unwrap_or_else(|| panic!("{file} has no marker `{open}`")) + open.len();
    let end = start + text.get(start..).and_then(|rest| rest.find(&close)).expect("the closing marker");
    let there = text.get(start..end).unwrap();
    if env::var_os("PORTCULLIS_UPDATE_DOCS").is_some() {
        let (before, after) = (text.get(..start).unwrap(), text.get(end..).unwrap());
        fs::write(path(file), format!("{before}{generated}{after}")).unwrap();
    } else {
        assert!(there == generated, "{file} is stale: PORTCULLIS_UPDATE_DOCS=1 cargo test --test docs");
    }
}

#[test]
fn the_reference_of_facts_is_current() {
    let mut text = String::new();
    for kind in KINDS {
        let name = kind.as_str();
        writeln!(text, "\n## {name}\n\n| fact | type | call | meaning |\n|---|---|---|---|").unwrap();
        for fact in facts(kind) {
            let (name, kind, source, doc) = (fact.name, fact.kind.describe(), fact.source, fact.doc);
            writeln!(text, "| `{name}` | {kind} | {source} | {doc} |").unwrap();
        }
    }
    text.push('\n');
    hold("docs/facts.md", "facts", &text);
}

#[test]
fn the_table_of_operators_is_current() {
    let types =
        [FactType::Bool, FactType::Number, FactType::Text, FactType::Choice(&[]), FactType::Time, FactType::Texts];
    let mut text = "\n| a fact that is | takes |\n|---|---|\n".to_owned();
    for kind in types {
        let operators: Vec<String> = compile::fitting(kind).map(|name| format!("`{name}`")).collect();
        let what = if let FactType::Choice(_) = kind { "one of a few values".to_owned() } else { kind.describe() };
        writeln!(text, "| {what} | {} |", operators.join(" ")).unwrap();
    }
    let list = FactType::List(KINDS[0]);
    let operators: Vec<String> = compile::fitting(list).map(|name| format!("`{name}`")).collect();
    writeln!(text, "| a list of things | {} |\n", operators.join(" ")).unwrap();
    hold("docs/rules.md", "operators", &text);
}

#[test]
fn the_table_of_controls_is_current() {
    let sources: Vec<SourceFile> = builtin::names().into_iter().filter_map(builtin::pack).collect();
    let set = load(&sources).unwrap_or_else(|problems| panic!("{}", render(&problems, false)));
    let mut text = "\n| rule | pack | serves |\n|---|---|---|\n".to_owned();
    for rule in set.rules.iter().filter(|rule| !rule.controls.is_empty()) {
        let serves: Vec<String> =
            rule.controls.iter().map(|(framework, ids)| format!("{framework}: {}", ids.join(", "))).collect();
        writeln!(text, "| `{}` | {} | {} |", rule.id, rule.pack, serves.join("; ")).unwrap();
    }
    text.push('\n');
    hold("docs/controls.md", "controls", &text);
}

/// The fenced `yaml` blocks of a page.
fn examples(page: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = page;
    while let Some((_, after)) = rest.split_once("```yaml\n") {
        let (block, behind) = after.split_once("```").expect("a closed block");
        found.push(block.to_owned());
        rest = behind;
    }
    found
}

#[test]
fn examples_of_rules_are_right() {
    let header = "apiVersion: portcullis/v1\nkind: RulePack\nmetadata: { id: example }\nrules:\n";
    let mut checked = 0;
    for file in ["README.md", "docs/rules.md"] {
        for example in examples(&read(file)) {
            let text = if example.contains("kind: RulePack") {
                example.clone()
            } else if example.starts_with("- id: ") {
                format!("{header}{example}")
            } else {
                continue;
            };
            if let Err(problems) = load(&[SourceFile::new(file, &text)]) {
                panic!("{}", render(&problems, false));
            }
            checked += 1;
        }
    }
    assert!(checked >= 5, "only {checked} examples were found");
}

/// Editors read the schemas from here; packs and cases name them in their first line.
#[test]
fn the_schemas_are_current_and_named_by_the_packs() {
    for name in schema_names() {
        let file = format!("docs/schemas/{name}.json");
        if let Some(text) = documents::schema(name) {
            // Kept by hand: the file is the schema.
            let schema: serde_json::Value = serde_json::from_str(text).expect(name);
            assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema", "{name}");
            continue;
        }
        let schema = if name == LEDGER_SCHEMA { ledger::schema() } else { schema::schema(name).expect("a schema") };
        let text = format!("{schema:#}\n");
        if env::var_os("PORTCULLIS_UPDATE_DOCS").is_some() {
            fs::write(path(&file), &text).unwrap();
        }
        assert!(read(&file) == text, "{file} is stale: PORTCULLIS_UPDATE_DOCS=1 cargo test --test docs");
    }
    for pack in builtin::names() {
        for (file, schema) in
            [(format!("policies/{pack}.yaml"), "rule-pack"), (format!("policies/{pack}.cases.yaml"), "rule-cases")]
        {
            let line = format!("# yaml-language-server: $schema=../docs/schemas/{schema}.json\n");
            assert!(read(&file).starts_with(&line), "{file} does not begin with `{line}`");
        }
    }
}

/// The example of cases runs against the tutorial's first pack, and the waiver is accepted.
#[test]
fn examples_of_cases_and_waivers_are_right() {
    let page = examples(&read("docs/rules.md"));
    let of = |kind: &str| page.iter().find(|example| example.contains(kind)).expect("an example of each kind");
    let set = load(&[SourceFile::new("docs/rules.md", of("contractors-use-passkeys"))]).expect("right");
    let suite = cases::load(&SourceFile::new("docs/rules.md", of("kind: RuleCases")), &set).expect("right");
    let outcomes = cases::run(&suite, &set);
    assert!(outcomes.len() == 2 && outcomes.iter().all(cases::Outcome::is_met));
    let now = "2026-11-24T00:00:00Z".parse().unwrap();
    let waivers = waiver::load(&[SourceFile::new("docs/rules.md", of("kind: WaiverSet"))], now, 365).expect("right");
    let resource = "arn:aws:iam::111122223333:user/kiosk-7";
    assert!(waivers.find("console-user-mfa", "111122223333", resource).is_some());
}

/// A ledger of a few entries, with texts that are written in more than one way.
fn write_ledger(path: &Path) -> String {
    let at = "2026-11-24T12:00:00Z".parse().unwrap();
    let author = Author { run_id: "run-1".to_owned(), actor: None, at };
    let mut ledger = Ledger::open(path, &author).unwrap();
    for kind in Kind::ALL {
        let text = |text: &str| Some(text.to_owned());
        let record = Record {
            account: text("111122223333"),
            resource: text("arn:aws:iam::111122223333:user/Zo\u{eb}"),
            action: text("attach-user-policy"),
            rule: text("console-user-mfa"),
            id: text("a1"),
            before: Some(serde_json::json!({ "f": 1.0e-7, "big": u64::MAX, "none": null })),
            result: Some(Outcome::Done),
            deadline: Some(at),
            message: text("\u{0} \u{1f5dd} \u{2028} \"\\ \u{7f}"),
            ..Record::new(kind, at, "run-1")
        };
        ledger.append(&record).unwrap();
    }
    format!("{} {}\n", ledger.head().count, ledger.head().hash)
}

/// The page's script verifies a real ledger, and finds each kind of damage.
#[test]
fn the_script_that_verifies_a_ledger_is_right() {
    let page = read("docs/ledger.md");
    let (_, after) = page.split_once("```python\n").expect("a script");
    let (script, _) = after.split_once("```").expect("a closed block");
    assert!(script.lines().count() <= 10, "the page promises a short one");
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("ledger.jsonl");
    let expected = write_ledger(&path);
    let run = || {
        let output = Command::new("python3").args(["-c", script]).arg(&path).output().expect("python3");
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.success(), text(output.stdout), text(output.stderr))
    };
    assert_eq!(run(), (true, expected, String::new()));
    let whole = fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = whole.lines().collect();
    for (damaged, said) in [
        (whole.replacen("attach", "detach", 1), "line 1: edited"),
        (whole.replacen(lines.get(3).unwrap(), "", 1).replace("\n\n", "\n"), "line 4: removed or reordered"),
        (whole.replacen("\"}\n", "\" }\n", 1), "line 1: no seal"),
    ] {
        fs::write(&path, damaged).unwrap();
        let (is_right, _, stderr) = run();
        assert!(!is_right && stderr.contains(said), "{said}: {stderr}");
    }
}

/// The tables of the page have every field and kind, and what each kind must have.
#[test]
fn the_page_of_the_ledger_names_every_field_and_kind() {
    let page = read("docs/ledger.md");
    let schema = ledger::schema();
    let fields = schema["properties"].as_object().unwrap().keys();
    let rows: Vec<&str> = page.lines().filter(|line| line.starts_with("| `")).collect();
    let row_of = |name: &str| {
        let name = format!("`{name}`");
        let is_of =
            |row: &&&str| row.split('|').nth(1).is_some_and(|cell| cell.split(", ").any(|one| one.trim() == name));
        rows.iter().find(is_of).unwrap_or_else(|| panic!("docs/ledger.md has no row of {name}"))
    };
    for field in fields {
        row_of(field);
    }
    for kind in Kind::ALL {
        let required: Vec<String> = kind.required().iter().map(|name| format!("`{name}`")).collect();
        let cell = row_of(kind.as_str()).split('|').nth(3).unwrap();
        assert_eq!(cell.trim(), required.join(", "), "{}", kind.as_str());
    }
}

/// Runs the examples of a page: blocks that name a file become it, `$ portcullis …` is run, and what stands behind it in
/// the block is its output.
#[test]
fn examples_of_simulate_are_what_it_prints() {
    let page = read("docs/simulate.md");
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("examples")).unwrap();
    fs::copy(path("examples/acme.jsonl"), dir.path().join("examples/acme.jsonl")).unwrap();
    let (mut text, mut rest, mut runs) = (String::new(), page.as_str(), 0);
    while let Some((before, after)) = rest.split_once("```") {
        let (block, behind) = after.split_once("```").expect("a closed block");
        let (info, body) = block.split_once('\n').expect("a block of lines");
        rest = behind;
        let body = match info.split_once(' ') {
            None if info == "console" => {
                runs += 1;
                // A line that ends in a backslash goes on in the next.
                let shown = body.replace("\\\n", "  ").find('\n').and_then(|end| body.get(..end)).expect("a line");
                let command = shown.strip_prefix("$ portcullis ").expect("a command").replace("\\\n", " ");
                let mut program = assert_cmd::cargo::cargo_bin_cmd!("portcullis");
                let program = program.args(command.split_whitespace()).env("NO_COLOR", "1").current_dir(dir.path());
                let run = program.output().unwrap();
                assert!(run.status.success(), "{command}: {}", String::from_utf8_lossy(&run.stderr));
                format!("{shown}\n{}", String::from_utf8(run.stdout).unwrap())
            }
            Some((_, name)) => {
                fs::write(dir.path().join(name), body).unwrap();
                body.to_owned()
            }
            None => body.to_owned(),
        };
        write!(text, "{before}```{info}\n{body}```").unwrap();
    }
    text.push_str(rest);
    assert!(runs >= 4);
    if env::var_os("PORTCULLIS_UPDATE_DOCS").is_some() {
        fs::write(path("docs/simulate.md"), &text).unwrap();
    } else {
        assert!(page == text, "docs/simulate.md is stale: PORTCULLIS_UPDATE_DOCS=1 cargo test --test docs");
    }
}

#[test]
fn the_architecture_names_only_paths_that_exist() {
    let text = read("docs/architecture.md");
    let named: Vec<&str> = text
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(|name| name.contains('/') && !name.contains([' ', ':']) && !name.contains("/v1") && !name.contains('…'))
        .collect();
    assert!(named.len() > 15);
    for name in named {
        assert!(path(name).exists(), "docs/architecture.md names `{name}`, which is not there");
    }
}

/// The actions that the policies of a page allow, sorted, one list a policy.
#[cfg(feature = "aws")]
fn allowed_by(page: &str) -> Vec<Vec<String>> {
    let text = read(page);
    let blocks = text.split("```json\n").skip(1).filter_map(|after| after.split_once("```")).map(|(block, _)| block);
    let policies = blocks.map(|block| serde_json::from_str::<serde_json::Value>(block).expect("JSON"));
    // One element may stand where a list may.
    let list = |value: Option<&serde_json::Value>| match value {
        Some(serde_json::Value::Array(items)) => items.clone(),
        value => value.cloned().into_iter().collect(),
    };
    let allowed = policies.filter_map(|policy| {
        let statements = list(Some(policy.get("Statement")?));
        let actions = statements.iter().flat_map(|statement| list(statement.get("Action")));
        let mut actions: Vec<String> = actions.map(|action| action.as_str().expect("a name").to_owned()).collect();
        actions.sort_unstable();
        Some(actions)
    });
    allowed.collect()
}

/// The policies of the pages allow exactly the calls that the code makes: in each account, and where it runs.
#[cfg(feature = "aws")]
#[test]
fn the_policies_of_the_docs_allow_the_calls_that_are_made() {
    use portcullis::aws::{Purpose, Site, actions};

    let scan = [Site::Account, Site::Hub].map(|site| actions(Purpose::Scan, site));
    assert_eq!(allowed_by("docs/scan.md"), scan, "one policy for the accounts, one for whoever runs the scan");
    let mut enroll = [Purpose::Enroll, Purpose::Remove].map(|purpose| actions(purpose, Site::Account)).concat();
    enroll.sort_unstable();
    enroll.dedup();
    assert_eq!(allowed_by("docs/enroll.md"), [enroll]);
    let mut onboard = actions(Purpose::Onboard, Site::Account);
    // No call, but what AWS asks for to create a user with tags.
    onboard.push("iam:TagUser");
    assert_eq!(allowed_by("docs/onboard.md"), [onboard]);
}

/// A table that says which test holds an invariant is worth nothing if the test is gone.
#[test]
fn every_test_that_holds_an_invariant_exists() {
    fn sources(folder: &Path, into: &mut String) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                sources(&path, into);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                into.push_str(&fs::read_to_string(&path).unwrap());
            }
        }
    }
    let mut code = String::new();
    sources(&path("src"), &mut code);
    sources(&path("tests"), &mut code);
    let page = read("docs/enforcement.md");
    let (_, table) = page.split_once("## Invariants and their tests").expect("the table");
    let named: Vec<&str> = table.split('`').skip(1).step_by(2).collect();
    assert!(named.len() >= 25, "{}", named.len());
    for name in named {
        assert!(
            code.contains(&format!("fn {name}()")),
            "docs/enforcement.md names `{name}`, and there is no such test"
        );
    }
}
