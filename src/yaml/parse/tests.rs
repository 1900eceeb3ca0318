//! What is accepted as YAML, where each value stands, and what is refused in which words.

use super::*;

fn read(text: &str) -> Node {
    parse(&SourceFile::new("t.yaml", text)).unwrap_or_else(|problem| panic!("{text:?}: {}", problem.message))
}

/// The value of the only key of a file.
fn value(text: &str) -> Value {
    match read(&format!("key: {text}\n")).value {
        Value::Mapping(mut entries) => entries.pop().expect("one entry").1.value,
        other => panic!("{text:?}: {other:?}"),
    }
}

fn refusal(text: &str) -> (usize, usize, String) {
    let problem = parse(&SourceFile::new("t.yaml", text)).expect_err(text);
    let (line, column) = problem.position();
    (line, column, problem.message)
}

#[test]
fn scalars_are_what_yaml_1_2_calls_them() {
    let text = |text: &str| Value::Text(text.to_owned());
    let cases = [
        ("true", Value::Bool(true)),
        ("True", Value::Bool(true)),
        ("yes", text("yes")),
        ("on", text("on")),
        ("\"true\"", text("true")),
        ("90", Value::Integer(90)),
        ("-1", Value::Integer(-1)),
        ("1.5", Value::Float(1.5)),
        ("90d", text("90d")),
        ("1_000", text("1_000")),
        ("2026-12-31", text("2026-12-31")),
        ("1.0.0", text("1.0.0")),
        ("~", Value::Null),
        ("", Value::Null),
        ("'it''s'", text("it's")),
        // Account ids: those with leading zeros would be other numbers, those without are numbers like any.
        ("012345678901", text("012345678901")),
        ("000000000000", text("000000000000")),
        ("123456789012", Value::Integer(123_456_789_012)),
        // Too large to be a number without loss.
        ("18446744073709551615", text("18446744073709551615")),
    ];
    for (written, expected) in cases {
        assert_eq!(value(written), expected, "{written}");
    }
}

/// What each key and each value of a tree stands on in the source.
fn places(source: &SourceFile, node: &Node, into: &mut Vec<(String, usize, usize)>) {
    let mark = |label: String, offset| {
        let (line, column) = source.position(offset);
        (label, line, column)
    };
    match &node.value {
        Value::Mapping(entries) => {
            for (key, value) in entries {
                // A key over two lines, or with quotes in it, is written otherwise than it is named.
                let written = &source.text[key.span.clone()];
                let plain = !written.contains(['\n', '\r', '\t', '\'', '"', '\u{85}', '\u{2028}', '\u{2029}']);
                assert!(!plain || written == key.name, "{written:?} is not {:?}", key.name);
                into.push(mark(key.name.clone(), key.span.start));
                places(source, value, into);
            }
        }
        Value::List(items) => {
            into.push(mark("[".to_owned(), node.span.start));
            for item in items {
                places(source, item, into);
            }
        }
        _ => into.push(mark(format!("={}", &source.text[node.span.clone()]), node.span.start)),
    }
}

#[test]
fn every_value_knows_its_place_in_block_and_flow_and_behind_other_scripts() {
    let text = "# ünïcödé 日本\nname: Zoë 🗝\nlist:\n  - { é: 1, b: [x, 'y z'] }\n  - last: true\n";
    let source = SourceFile::new("t.yaml", text);
    let mut found = Vec::new();
    places(&source, &parse(&source).unwrap(), &mut found);
    let found: Vec<(&str, usize, usize)> =
        found.iter().map(|(label, line, col)| (label.as_str(), *line, *col)).collect();
    assert_eq!(
        found,
        [
            ("name", 2, 1),
            ("=Zoë 🗝", 2, 7),
            ("list", 3, 1),
            ("[", 4, 3),
            ("é", 4, 7),
            ("=1", 4, 10),
            ("b", 4, 13),
            ("[", 4, 16),
            ("=x", 4, 17),
            ("='y z'", 4, 20),
            ("last", 5, 5),
            ("=true", 5, 11),
        ]
    );
}

#[test]
fn a_mapping_begins_where_its_first_key_or_its_brace_stands() {
    for (text, at) in [("a: 1\n", 0), ("# x\n\na: 1\n", 5), ("---\na: 1\n", 4), ("{ a: 1 }\n", 0)] {
        assert_eq!(read(text).span.start, at, "{text:?}");
    }
    let Value::Mapping(entries) = read("rules:\n  - id: x\n    a: 1\n").value else { panic!("no mapping") };
    let Value::List(items) = &entries[0].1.value else { panic!("no list") };
    assert_eq!(items[0].span.start, 11);
}

#[test]
fn duplicate_keys_are_kept_for_the_decoder_to_report() {
    let Value::Mapping(entries) = read("a: 1\nb: 2\na: 3\n").value else { panic!("no mapping") };
    let names: Vec<&str> = entries.iter().map(|(key, _)| key.name.as_str()).collect();
    assert_eq!(names, ["a", "b", "a"]);
}

#[test]
fn what_is_not_accepted_is_named_in_plain_words() {
    let anchors = "anchors (`&`) and aliases (`*`) are not accepted; write the value out";
    let documents = "the file holds several YAML documents; put each into a file of its own";
    let cases = [
        ("", (1, 1), "the file is empty"),
        ("# nothing\n---\n", (1, 1), "the file is empty"),
        ("a: 1\n---\nb: 2\n", (2, 1), documents),
        ("a: 1\n...\nb\n", (3, 1), documents),
        ("a: &x 1\nb: *x\n", (1, 7), anchors),
        ("a: *x\n", (1, 4), anchors),
        ("a: 1\n<<: { b: 2 }\n", (2, 1), "merge keys (`<<`) are not accepted; write the keys out"),
        ("a: !secret x\n", (1, 12), "not valid YAML: unsupported tag `!secret`"),
        ("a: !!set {x}\n", (1, 10), "not valid YAML: unsupported tag `!!set`"),
        ("? [1, 2]\n: 3\n", (1, 3), "a key has to be text"),
        ("~: 3\n", (1, 1), "a key has to be text"),
        ("a: .nan\n", (1, 4), "a number has to be finite"),
        ("a:\n\tb: 1\n", (2, 1), "a tab stands where the line is indented"),
        ("é: [ü, {\nb: 1\n", (1, 8), "not valid YAML: unclosed bracket '{'"),
        ("a: 'x\n", (1, 4), "not valid YAML: unclosed quote"),
        ("a: b: c\n", (1, 5), "not valid YAML: mapping values are not allowed in this context"),
        ("a:\n  b: 1\n c: 2\n", (3, 2), "not valid YAML: while parsing a block mapping, did not find expected key"),
        ("a: \u{1b}[31mred\n", (1, 4), "not valid YAML: unexpected character: `\\u{1b}'"),
    ];
    for (text, (line, column), message) in cases {
        assert_eq!(refusal(text), (line, column, message.to_owned()), "{text:?}");
    }
}

#[test]
fn tabs_are_fine_where_nothing_is_indented() {
    assert_eq!(value("\t1"), Value::Integer(1));
    assert_eq!(value("|\n  x\n  \ty\n"), Value::Text("x\n\ty\n".to_owned()));
    assert_eq!(value("1\n\t\n"), Value::Integer(1));
}

/// Found by the property below: a key of a flow mapping may run over two lines.
#[test]
fn a_key_over_two_lines_is_read_and_keeps_its_place() {
    let source = SourceFile::new("t.yaml", "{é\n!}");
    let mut into = Vec::new();
    places(&source, &parse(&source).unwrap(), &mut into);
    assert_eq!(into, [("é !".to_owned(), 1, 2), ("=".to_owned(), 2, 2)]);
}

#[test]
fn depth_number_and_size_are_bounded() {
    let flow = |levels: usize| format!("{}1{}", "[".repeat(levels), "]".repeat(levels));
    let block = |levels: usize| (0..levels).map(|level| " ".repeat(level) + "k:\n").collect::<String>();
    for good in [flow(30), block(30)] {
        read(&good);
    }
    for deep in [flow(33), block(33), flow(100_000)] {
        assert_eq!(refusal(&deep).2, "more than 32 levels are nested");
    }
    assert_eq!(refusal(&"- 1\n".repeat(50_001)).2, "the file holds more than 50,000 values");
    let large = format!("a: {}\n", "x".repeat(crate::yaml::MAX_BYTES));
    assert_eq!(refusal(&large), (1, 1, "the file is larger than 1048576 bytes".to_owned()));
}

proptest::proptest! {
    /// Whatever is in a file, reading it ends, and every place that is told lies in it.
    #[test]
    fn no_text_makes_it_panic_or_misplaces_a_key(text in "[-a-b:,{}\\[\\]&*!|>'\"#%@` \\n\\t\\r~<é日0-9\u{1b}\u{85}]{0,60}") {
        let source = SourceFile::new("t.yaml", &text);
        match parse(&source) {
            Ok(node) => places(&source, &node, &mut Vec::new()),
            Err(problem) => drop(crate::yaml::render(&[*problem], true)),
        }
    }
}
