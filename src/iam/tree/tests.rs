//! That places are right, and that it reads what `serde_json` reads.

use proptest::prelude::*;
use serde_json::json;

use super::*;

/// Each value and name with the text at its place.
fn places<'t>(text: &'t str, tree: &Tree, found: &mut Vec<&'t str>) {
    found.push(&text[tree.span.clone()]);
    match &tree.shape {
        Shape::List(items) => items.iter().for_each(|item| places(text, item, found)),
        Shape::Object(entries) => entries.iter().for_each(|entry| {
            found.push(&text[entry.span.clone()]);
            places(text, &entry.value, found);
        }),
        Shape::Null | Shape::Bool(_) | Shape::Number(_) | Shape::Text(_) => {}
    }
}

#[test]
fn every_value_has_its_place() {
    let text = " {\"é\\u0041\" :\n[ 1.50, {} ,null],\"b\":true, \"b\": \"x\\\"\"}\n";
    let tree = Tree::of_json(text).expect("JSON");
    let mut found = Vec::new();
    places(text, &tree, &mut found);
    let whole = text.trim();
    let list = "[ 1.50, {} ,null]";
    let quoted = r#""x\"""#;
    assert_eq!(found, [whole, r#""é\u0041""#, list, "1.50", "{}", "null", r#""b""#, "true", r#""b""#, quoted]);
    let Shape::Object(entries) = &tree.shape else { panic!("an object") };
    assert_eq!(entries.iter().map(|entry| entry.name.as_str()).collect::<Vec<_>>(), ["éA", "b", "b"]);
    assert_eq!(tree.value(), json!({ "éA": [1.5, {}, null], "b": "x\"" }));
}

#[test]
fn what_is_no_json_is_pointed_at() {
    let cases = [
        ("", 0, "the document ends too early"),
        ("[1,", 3, "the document ends too early"),
        ("[1,]", 3, "expected value"),
        ("{\"a\":\n 01}", 8, "invalid number"),
        ("[\"é\", x]", 7, "expected value"),
        ("[\"\\ud800\"]", 8, "unexpected end of hex escape"),
        // The last byte that was fine: the library looks at such a character before it takes it.
        ("[\"a\nb\"]", 2, "control character (\\u0000-\\u001F) found while parsing a string"),
        ("[1e999]", 1, "the number is out of range"),
        ("1 2", 2, "trailing characters"),
    ];
    for (text, start, message) in cases {
        let problem = Tree::of_json(text).expect_err(text);
        assert_eq!((problem.span.start, problem.message.as_str()), (start, message), "{text:?}");
        assert_eq!(problem.kind, ProblemKind::Syntax);
        assert!(text.get(problem.span).is_some(), "{text:?}");
    }
}

#[test]
fn levels_are_limited() {
    let nested = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
    assert!(Tree::of_json(&nested(MAX_DEPTH)).is_ok());
    let problem = Tree::of_json(&nested(MAX_DEPTH + 1)).expect_err("too deep");
    assert_eq!((problem.span.start, problem.message.as_str()), (MAX_DEPTH, "more than 128 levels are nested"));
    assert!(Tree::of_json(&nested(100_000)).is_err());
}

#[test]
fn numbers_are_exact() {
    for text in ["0", "-7", "18446744073709551615", "9007199254740993", "0.1", "1e22", "5e-324"] {
        let value = Tree::of_json(text).expect(text).value();
        let expected = value.as_f64().expect(text).to_bits();
        assert_eq!(text.parse::<f64>().expect(text).to_bits(), expected);
        assert_eq!(Tree::of_json(&value.to_string()).expect(text).value(), value);
    }
    assert_eq!(Tree::of_json("9007199254740993").expect("JSON").value(), json!(9_007_199_254_740_993_u64));
}

proptest! {
    #[test]
    fn reads_what_serde_json_reads(text in r#"[\[\]{}:,"\\ua0-1e. \n]{0,24}"#) {
        let expected = serde_json::from_str::<Value>(&text);
        prop_assert_eq!(Tree::of_json(&text).is_ok(), expected.is_ok());
    }

    #[test]
    fn texts_and_their_escapes(content in ".{0,12}") {
        let text = json!([{ content.clone(): content.clone() }]);
        prop_assert_eq!(Tree::of_json(&text.to_string()).expect("JSON").value(), text);
    }
}
