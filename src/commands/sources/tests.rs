//! Files, directories and packs by name, and what is wrong with those that cannot be read.

use std::path::PathBuf;

use super::*;
use crate::yaml::Code;
use crate::yaml::MAX_BYTES;

const RULE: &str = "apiVersion: portcullis/v1\nkind: RulePack\nmetadata: { id: p }\nrules:\n  \
    - { id: ID, title: x, severity: low, target: user, require: { console_access: true } }\n";

struct Directory(tempfile::TempDir);

impl Directory {
    fn with(files: &[(&str, &[u8])]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        for (name, content) in files {
            let path = directory.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        Self(directory)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn name(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }
}

fn ids(names: &[String]) -> Vec<String> {
    rules(names)
        .unwrap_or_else(|wrong| panic!("{}", wrong.render(false)))
        .rules
        .into_iter()
        .map(|rule| rule.id)
        .collect()
}

fn problems(names: &[String]) -> Vec<Diagnostic> {
    match rules(names) {
        Err(Failure::Diagnostics(problems)) => problems,
        other => panic!("{other:?}"),
    }
}

fn rule(id: &str) -> Vec<u8> {
    RULE.replace("ID", id).into_bytes()
}

#[test]
fn names_are_packs_files_and_directories() {
    let directory = Directory::with(&[
        ("b.yml", &rule("second")),
        ("a.yaml", &rule("first")),
        ("a.cases.yaml", b"cases: of another format"),
        ("notes.txt", b"no rules"),
        ("deeper/c.yaml", &rule("not-looked-for")),
        ("of.cases.d/c.yaml", &rule("third")),
    ]);
    assert_eq!(ids(&[directory.name("a.yaml")]), ["first"]);
    assert_eq!(
        ids(&[directory.name("")]),
        ["first", "second"],
        "by name, without cases, other files and directories below"
    );
    assert_eq!(ids(&[directory.name("of.cases.d")]), ["third"], "only the name of the file tells that it holds cases");
    assert_eq!(ids(&[directory.name("b.yml"), directory.name("a.yaml")]), ["second", "first"]);
    let baseline = ids(&[]);
    assert_eq!(baseline, ids(&["baseline".to_owned()]));
    assert_eq!(baseline[0], "console-user-mfa");
}

#[test]
fn what_is_named_twice_is_taken_once() {
    let directory = Directory::with(&[("a.yaml", &rule("first")), ("b.yaml", &rule("second"))]);
    let other = format!("{}/./a.yaml", directory.name(""));
    assert_eq!(ids(&[directory.name("a.yaml"), other, directory.name("")]), ["first", "second"]);
    assert_eq!(ids(&["baseline".to_owned(), "baseline".to_owned()]), ids(&[]));
}

#[test]
fn a_byte_order_mark_is_passed_over() {
    let directory = Directory::with(&[("a.yaml", &[b"\xef\xbb\xbf".to_vec(), rule("first")].concat())]);
    assert_eq!(ids(&[directory.name("a.yaml")]), ["first"]);
}

#[test]
fn what_cannot_be_read_is_a_problem_of_its_file() {
    let directory = Directory::with(&[
        ("latin1.yaml", b"# ok\ntitle: caf\xe9 noir\n"),
        ("utf16.yaml", b"\xff\xfea\0:\0"),
        ("large.yaml", &vec![b' '; MAX_BYTES + 1]),
        ("empty/notes.txt", b""),
        ("double.yaml/x.txt", b""),
    ]);
    let cases = [
        ("latin1.yaml", (2, 11), "the file is not UTF-8 text"),
        ("utf16.yaml", (1, 1), "the file is not UTF-8 text"),
        ("large.yaml", (1, 1), "the file could not be read: it is larger than 1048576 bytes"),
        ("empty", (1, 1), "the file could not be read: the directory has no .yaml files"),
        ("none.yaml", (1, 1), "the file could not be read: No such file or directory (os error 2)"),
    ];
    for (name, position, message) in cases {
        let found = problems(&[directory.name(name)]);
        assert_eq!(found.len(), 1, "{name}");
        assert_eq!((found[0].code, found[0].position()), (Code::Unreadable, position), "{name}");
        assert_eq!(found[0].message, message);
        let shown = Failure::Diagnostics(found).render(false);
        let head = format!("{}:{}:{}: error[unreadable]: ", directory.name(name), position.0, position.1);
        assert!(shown.starts_with(&head), "{shown}");
        assert!(shown.ends_with("error: 1 problem; nothing was done\n"), "{shown}");
    }
}

#[test]
fn a_name_that_is_no_file_may_be_a_pack_misspelt() {
    let help = problems(&["base-line".to_owned()])[0].help.clone();
    assert!(help.is_some_and(|help| help.starts_with("built-in packs are baseline, ")));
    assert_eq!(problems(&["./base.yaml".to_owned()])[0].help, None);
}

#[test]
fn all_problems_of_all_names_are_told_at_once() {
    let directory = Directory::with(&[("bad.yaml", b"kind: x\n"), ("good.yaml", &rule("good"))]);
    let found = problems(&[directory.name("good.yaml"), directory.name("gone.yaml"), directory.name("bad.yaml")]);
    assert!(found.iter().any(|problem| problem.source.path.ends_with("gone.yaml")));
    assert!(found.iter().filter(|problem| problem.source.path.ends_with("bad.yaml")).count() > 2);
    assert_eq!(
        problems(&["baseline".to_owned(), directory.name("gone.yaml")]).len(),
        1,
        "a good pack does not hide it"
    );
}
