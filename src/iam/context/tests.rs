//! What a context says of its keys.

use super::*;

fn values(context: &Context, key: &str) -> Option<Vec<String>> {
    match context.get(key) {
        Presence::Present(values) => Some(values.to_vec()),
        Presence::Absent | Presence::Open => None,
    }
}

#[test]
fn keys_have_no_letter_case() {
    let context = Context::new().with("aws:PrincipalTag/Team", "x");
    assert_eq!(values(&context, "AWS:principaltag/TEAM"), Some(vec!["x".to_owned()]));
    assert_eq!(context.get("aws:PrincipalTag/Teams"), Presence::Absent);
    assert_eq!(
        values(&context.with("AWS:PRINCIPALTAG/team", "y"), "aws:PrincipalTag/Team"),
        Some(vec!["y".to_owned()])
    );
}

#[test]
fn only_ascii_letters_have_two_cases() {
    let context = Context::new().with("aws:PrincipalTag/É", "x");
    assert_eq!(context.get("aws:PrincipalTag/é"), Presence::Absent);
}

#[test]
fn a_key_can_be_empty_in_two_ways() {
    let context = Context::new().with("one", "").with_all("none", Vec::new());
    assert_eq!(values(&context, "one"), Some(vec![String::new()]));
    assert_eq!(values(&context, "none"), Some(Vec::new()));
}

#[test]
fn what_is_not_set_is_absent_or_open() {
    assert_eq!(Context::new().get("k"), Presence::Absent);
    assert_eq!(Context::open().get("k"), Presence::Open);
    assert_eq!(Context::open().without("K").get("k"), Presence::Absent);
    assert_eq!(Context::new().without("k"), Context::new().without("K"));
    assert_eq!(Context::open().with("k", "v").without("k").get("k"), Presence::Absent);
}

#[test]
fn the_first_to_say_something_of_a_key_is_believed() {
    let first = Context::new().with("a", "1").without("b");
    let second = Context::new().with("A", "2").with("B", "2").with("c", "2");
    let both = first.or(second);
    assert_eq!(values(&both, "a"), Some(vec!["1".to_owned()]));
    assert_eq!(both.get("b"), Presence::Absent);
    assert_eq!(values(&both, "c"), Some(vec!["2".to_owned()]));
    assert_eq!(both.get("d"), Presence::Absent);
    assert_eq!(both.or(Context::open()).get("d"), Presence::Open);
    assert_eq!(Context::open().or(Context::new()).get("d"), Presence::Open);
}
