//! Policy variables: what is one, and what it stands for.

use super::super::notes::Log;
use super::*;

fn context() -> Context {
    Context::new()
        .with("aws:username", "kim")
        .with("aws:PrincipalTag/Team", "a*b")
        .with("empty", "")
        .with_all("many", vec!["a".to_owned(), "b".to_owned()])
        .with_all("none", Vec::new())
}

/// What `text` stands for, as a pattern is written, and the keys that were missed; `-` if it stands for nothing, `?` if
/// that is not told.
fn filled(text: &str, style: Style, variables: bool, context: &Context) -> (String, Vec<String>) {
    let mut log = Log::default();
    let template = Template::new(text, style, variables);
    let shown = match template.fill(context, &mut log) {
        Filled::Pattern(pattern) => pattern.to_string(),
        Filled::Nothing => "-".to_owned(),
        Filled::Open => "?".to_owned(),
    };
    (shown, log.missing)
}

fn check(cases: &[(&str, &str, &[&str])]) {
    for (text, expected, missing) in cases {
        let (shown, missed) = filled(text, Style::Wild, true, &context());
        assert_eq!(
            (shown.as_str(), missed),
            (*expected, missing.iter().map(|key| (*key).to_owned()).collect()),
            "{text}"
        );
    }
}

#[test]
fn variables_are_filled_in() {
    check(&[
        ("plain*", "plain*", &[]),
        ("${aws:username}", "kim", &[]),
        ("${ aws:username }", "kim", &[]),
        ("${AWS:UserName}", "kim", &[]),
        ("u/${aws:username}/*", "u/kim/*", &[]),
        ("${aws:username}${aws:username}", "kimkim", &[]),
        ("x${empty}y", "xy", &[]),
        ("${aws:principaltag/team}", "a${*}b", &[]),
    ]);
}

#[test]
fn what_has_no_value_matches_nothing_and_every_key_is_noted() {
    check(&[
        ("${aws:userid}", "-", &["aws:userid"]),
        ("${a}-${aws:username}-${b}", "-", &["a", "b"]),
        ("${a}${A}", "-", &["a"]),
        ("${many}", "-", &[]),
        ("${many, 'x'}", "-", &[]),
        ("${none}", "-", &["none"]),
        ("${}", "-", &[]),
        ("${ }", "-", &[]),
        ("${a${b}}", "-", &["a${b"]),
    ]);
}

#[test]
fn defaults_stand_in_for_what_is_absent() {
    check(&[
        ("${a, 'x'}", "x", &["a"]),
        ("${a,'x'}", "x", &["a"]),
        ("${a, ''}", "", &["a"]),
        ("${a, 'x, y'}", "x, y", &["a"]),
        ("${a, '*'}", "${*}", &["a"]),
        ("${a, '}'}", "}", &["a"]),
        ("${a, 'it}", "'it", &["a"]),
        ("${a, x}", "x", &["a"]),
        ("${a, ' x '}", " x ", &["a"]),
        ("${a, ''x''}", "'x'", &["a"]),
        ("${none, 'x'}", "x", &["none"]),
        ("${empty, 'x'}", "", &[]),
        ("${aws:username, 'x'}", "kim", &[]),
        ("${a, 'x'}/${b}", "-", &["a", "b"]),
    ]);
}

#[test]
fn characters_can_be_meant_as_themselves() {
    check(&[
        ("${*}", "${*}", &[]),
        ("${?}", "${?}", &[]),
        ("${$}", "${$}", &[]),
        ("a${*}*", "a${*}*", &[]),
        ("${$}{aws:username}", "${$}{aws:username}", &[]),
    ]);
    assert!(matches!(Template::new("a${*}b", Style::Wild, true), Template::Fixed(_)));
}

#[test]
fn what_is_no_variable_is_text() {
    check(&[
        ("$aws:username", "${$}aws:username", &[]),
        ("{aws:username}", "{aws:username}", &[]),
        ("${aws:username", "${$}{aws:username", &[]),
        ("}${aws:username}${", "}kim${$}{", &[]),
        ("$", "${$}", &[]),
    ]);
}

#[test]
fn documents_without_variables_take_them_as_text() {
    let of = |text| filled(text, Style::Wild, false, &context());
    assert_eq!(of("${aws:username}"), ("${$}{aws:username}".to_owned(), Vec::new()));
    assert_eq!(of("${*}"), ("${$}{*}".to_owned(), Vec::new()));
}

#[test]
fn texts_that_are_no_patterns_have_no_wildcards() {
    let of = |text| filled(text, Style::Literal, true, &context()).0;
    assert_eq!(of("a*${aws:username}?"), "a${*}kim${?}");
}

#[test]
fn an_open_context_leaves_it_open() {
    let open = Context::open().with("aws:username", "kim").without("gone");
    let of = |text| filled(text, Style::Wild, true, &open);
    assert_eq!(of("${aws:username}"), ("kim".to_owned(), vec![]));
    assert_eq!(of("${aws:userid}"), ("?".to_owned(), vec!["aws:userid".to_owned()]));
    assert_eq!(of("${aws:userid, 'x'}"), ("?".to_owned(), vec!["aws:userid".to_owned()]));
    assert_eq!(of("${gone, 'x'}"), ("x".to_owned(), vec!["gone".to_owned()]));
    let nothing = of("${aws:userid}${gone}");
    assert_eq!(nothing, ("-".to_owned(), vec!["aws:userid".to_owned(), "gone".to_owned()]), "nothing makes it match");
}

#[test]
fn an_outline_tells_what_no_value_makes_match() {
    let template = Template::new("arn:aws:s3:::b/${aws:username}/*", Style::Wild, true);
    assert!(template.may_match("arn:aws:s3:::b/kim/x"));
    assert!(!template.may_match("arn:aws:s3:::other/kim/x"));
    assert_eq!(template.variables().collect::<Vec<_>>(), ["aws:username"]);
    let fixed = Template::new("x", Style::Wild, true);
    assert_eq!(fixed.variables().next(), None);
}
