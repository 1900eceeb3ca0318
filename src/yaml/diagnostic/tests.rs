//! Positions, and how a problem looks on a terminal.

use super::*;

fn problem(text: &str, at: &str, message: &str, label: &str) -> Diagnostic {
    let start = text.find(at).expect("the place is in the text");
    Diagnostic {
        code: Code::BadValue,
        source: SourceFile::new("dir/pack.yaml", text),
        span: start..start + at.len(),
        message: message.to_owned(),
        label: label.to_owned(),
        help: None,
    }
}

#[test]
fn positions_count_lines_and_characters_from_one() {
    let source = SourceFile::new("t", "ab\nüx日y\r\n\nz");
    let cases = [
        (0, (1, 1)),
        (1, (1, 2)),
        (3, (2, 1)),
        (4, (2, 1)), // inside `ü`: the character that it belongs to
        (5, (2, 2)),
        (9, (2, 4)),
        (12, (3, 1)),
        (13, (4, 1)),
        (14, (4, 2)),
        (999, (4, 2)),
    ];
    for (offset, position) in cases {
        assert_eq!(source.position(offset), position, "{offset}");
    }
}

#[test]
fn a_problem_shows_its_line_with_a_caret_and_advice() {
    let text = "rules:\n  - id: x\n    when: { größe: { count: { gte: none } } }\n";
    let mut one = problem(text, "none", "`gte` should be a whole number, not text", "expected a whole number");
    one.help = Some("write a number".to_owned());
    insta::assert_snapshot!(render(&[one], false), @r"
    dir/pack.yaml:3:36: error[bad-value]: `gte` should be a whole number, not text
     --> dir/pack.yaml:3:36
      |
    3 |     when: { größe: { count: { gte: none } } }
      |                                    ^^^^ expected a whole number
      |
      = help: write a number
    ");
}

#[test]
fn problems_come_in_the_order_of_files_and_places_each_with_its_position_first() {
    let text = "a: 1\nb: 2\n";
    let mut other = problem(text, "a", "third", "");
    other.source.path = "later.yaml".into();
    let shown = render(&[other, problem(text, "2", "second", ""), problem(text, "1", "first", "")], false);
    let heads: Vec<&str> = shown.lines().filter(|line| line.contains("error[")).collect();
    assert_eq!(
        heads,
        [
            "dir/pack.yaml:1:4: error[bad-value]: first",
            "dir/pack.yaml:2:4: error[bad-value]: second",
            "later.yaml:1:1: error[bad-value]: third"
        ]
    );
}

#[test]
fn a_span_of_several_lines_is_shown_by_its_first() {
    let text = "a: |\n  one\n  two\nb: 1\n";
    insta::assert_snapshot!(render(&[problem(text, "one\n  two", "message", "here")], false), @r"
    dir/pack.yaml:2:3: error[bad-value]: message
     --> dir/pack.yaml:2:3
      |
    2 |   one
      |   ^^^ here
    ");
}

#[test]
fn any_span_can_be_shown() {
    let text = "ü日\n\nx";
    for start in 0..text.len() + 3 {
        for end in 0..text.len() + 3 {
            let mut odd = problem(text, "x", "message", "label");
            odd.span = start..end;
            assert!(render(&[odd], false).starts_with("dir/pack.yaml:"), "{start}..{end}");
        }
    }
    let mut empty = problem("x", "x", "message", "");
    (empty.source.text, empty.span) = ("".into(), 0..0);
    assert!(render(&[empty], false).starts_with("dir/pack.yaml:1:1: error[bad-value]: message\n"));
}

#[test]
fn nothing_of_a_hostile_file_reaches_the_terminal() {
    let evil = "\u{1b}[2J\u{7}\u{9b}31m\u{202e}\u{200b}\u{feff}\r";
    let text = format!("key{evil}: x{evil}\n");
    let hostile = Diagnostic {
        code: Code::UnknownKey,
        source: SourceFile::new(&format!("pack{evil}.yaml"), &text),
        span: 0..text.len(),
        message: format!("no key `key{evil}\nerror: forged`"),
        label: format!("not {evil}\nforged"),
        help: Some(format!("did you mean {evil}\nforged?")),
    };
    let shown = render(&[hostile], false);
    let harmless = |character: char| character == '\n' || !is_unsafe(character);
    assert!(shown.chars().all(harmless), "{shown:?}");
    assert!(!shown.lines().any(|line| line.trim_start().starts_with("forged") || line.starts_with("error")), "{shown}");
}

#[test]
fn carriage_returns_and_tabs_do_not_move_the_caret() {
    insta::assert_snapshot!(render(&[problem("a:\tb\t: c\r\nx: 1\r\n", ": c", "message", "here")], false), @r"
    dir/pack.yaml:1:6: error[bad-value]: message
     --> dir/pack.yaml:1:6
      |
    1 | a:    b    : c
      |            ^^^ here
    ");
}

#[test]
fn codes_are_stable_names() {
    let names: Vec<&str> = Code::ALL.into_iter().map(Code::as_str).collect();
    let mut sorted = names.clone();
    sorted.sort_unstable();
    sorted.dedup();
    assert_eq!(sorted.len(), names.len(), "a name stands for one code");
    insta::assert_snapshot!(names.join(" "), @"unreadable syntax version unknown-key missing-key duplicate-key wrong-type bad-value unknown-fact unknown-operator operator-mismatch duplicate-id empty-condition");
}
