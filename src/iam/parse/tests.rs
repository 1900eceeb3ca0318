//! What documents are accepted, and what is said of the others.

use super::*;

fn parse(text: &str) -> Document {
    Document::parse(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn one_or_many_everywhere() {
    let single = parse(
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:ListBucket",
            "Resource":"arn:aws:s3:::example"}}"#,
    );
    let arrays = parse(
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:ListBucket"],
            "Resource":["arn:aws:s3:::example"]}]}"#,
    );
    assert_eq!(single, arrays);
    let [statement] = single.statements.as_slice() else { panic!("one statement") };
    assert_eq!((statement.sid.as_deref(), statement.effect.as_str()), (None, "Allow"));
    assert_eq!(statement.actions(), ["s3:ListBucket"]);
    assert_eq!(statement.resources(), ["arn:aws:s3:::example"]);
    assert!(statement.not_actions().is_empty() && statement.not_resources().is_empty());
    assert!(!statement.has_condition() && single.has_variables());
}

#[test]
fn the_mfa_guard_of_the_user_guide() {
    let guard = parse(
        r#"{"Version":"2012-10-17","Id":"g","Statement":[{"Sid":"DenyAllExceptListedIfNoMFA","Effect":"Deny",
            "NotAction":["iam:CreateVirtualMFADevice","sts:GetSessionToken"],"Resource":"*",
            "Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}}]}"#,
    );
    let statement = guard.statements.first().expect("a statement");
    assert_eq!(statement.not_actions(), ["iam:CreateVirtualMFADevice", "sts:GetSessionToken"]);
    assert!(statement.actions().is_empty() && statement.has_condition());
    let block = statement.condition.as_ref().and_then(|condition| condition.blocks.first()).expect("a block");
    assert_eq!(block.operator, "BoolIfExists");
    let key = ConditionKey { key: "aws:MultiFactorAuthPresent".into(), values: vec!["false".into()] };
    assert_eq!(block.keys, [key]);
}

#[test]
fn condition_values_of_any_scalar_type() {
    let text = |condition: &str| {
        let text = format!(r#"{{"Statement":{{"Effect":"Allow","Action":"*","Condition":{condition}}}}}"#);
        parse(&text).statements.remove(0)
    };
    let condition = text(r#"{"Bool":{"a":true},"NumericLessThan":{"b":[5,"6",-1]}}"#).condition.expect("one");
    let values: Vec<_> = condition.blocks.iter().flat_map(|block| &block.keys).map(|key| &key.values).collect();
    assert_eq!(values, [&vec!["true".to_owned()], &vec!["5".to_owned(), "6".to_owned(), "-1".to_owned()]]);
    assert!(!text("{}").has_condition());
    assert!(!text(r#"{"Bool":{}}"#).has_condition());
}

#[test]
fn principals_of_every_kind() {
    let of = |principal: &str| {
        let text = format!(r#"{{"Statement":{{"Effect":"Allow","Action":"sts:AssumeRole",{principal}}}}}"#);
        parse(&text).statements.remove(0).principal
    };
    let everyone = Principal { everyone: true, ..Principal::default() };
    assert_eq!(of(r#""Principal":"*""#), Some(Principals::Listed(everyone.clone())));
    assert_eq!(of(r#""NotPrincipal":"*""#), Some(Principals::Except(everyone)));
    let named = Principal {
        aws: vec!["111122223333".into(), "arn:aws:iam::444455556666:root".into()],
        service: vec!["ec2.amazonaws.com".into()],
        federated: vec!["accounts.google.com".into()],
        canonical_user: vec!["79a59d".into()],
        everyone: false,
    };
    let text = r#""Principal":{"AWS":["111122223333","arn:aws:iam::444455556666:root"],"CanonicalUser":"79a59d",
        "Service":"ec2.amazonaws.com","Federated":"accounts.google.com"}"#;
    assert_eq!(of(text), Some(Principals::Listed(named)));
}

#[test]
fn unknown_elements_are_kept() {
    let document = parse(
        r#"{"statement":[1,{"a":null}],"Statement":[{"Effect":"Deny","Action":"*","resource":"*","Resource":"*"}],
            "statement":1.5}"#,
    );
    assert_eq!(document.unknown_names().collect::<Vec<_>>(), ["statement", "statement"]);
    let values: Vec<_> = document.unknown_elements.iter().map(|element| element.value.clone()).collect();
    assert_eq!(values, [serde_json::json!([1, { "a": null }]), serde_json::json!(1.5)]);
    assert_eq!(document.statements[0].unknown_names().collect::<Vec<_>>(), ["resource"]);
    assert_eq!(document.statements[0].unknown_elements[0].value, "*");
}

#[test]
fn what_stands_twice_in_a_stored_condition_is_kept() {
    let document = parse(
        r#"{"Statement":{"Effect":"Allow","Action":"*","Principal":{"AWS":"1","AWS":["2"]},
            "Condition":{"Bool":{"a":"true","A":5.50},"Bool":{"a":[1e3]}}}}"#,
    );
    let statement = &document.statements[0];
    assert_eq!(statement.principals().expect("principals").aws, ["1", "2"]);
    let keys = statement.conditions().iter().flat_map(|block| &block.keys);
    let keys: Vec<_> = keys.map(|key| (key.key.as_str(), key.values.concat())).collect();
    assert_eq!(keys, [("a", "true".to_owned()), ("A", "5.50".to_owned()), ("a", "1e3".to_owned())]);
}

/// The documents of a table have one `§` before what the error has to point at.
fn place(marked: &str, strictness: Strictness) -> String {
    let (before, after) = marked.split_once('§').expect(marked);
    let error = Document::parse_as(&format!("{before}{after}"), strictness).expect_err(marked);
    let (line, column) =
        (before.matches('\n').count() + 1, before.len() - before.rfind('\n').map_or(0, |at| at + 1) + 1);
    assert_eq!((error.line, error.column), (line, column), "{marked}: {error}");
    error.message
}

fn refused(cases: &[(&str, &str)]) {
    for (marked, expected) in cases {
        assert_eq!(place(marked, Strictness::Stored), *expected, "{marked}");
        assert_eq!(place(marked, Strictness::Written), *expected, "{marked}");
    }
}

#[test]
fn errors_of_documents_say_where_and_what() {
    let cases = [
        ("§", "the document ends too early"),
        ("{\"Statement\": §", "the document ends too early"),
        ("{\n  \"Statement\": [§}", "expected value"),
        ("{\"Statement\": []} §x", "trailing characters"),
        ("§[]", "a policy document should be an object, not a list"),
        ("\n §{}", "the document has no `Statement`"),
        (r#"{"Statement":§null}"#, "a statement should be an object, not nothing"),
        (r#"{"Statement":[{"Effect":"Deny","Action":"*"},§"x"]}"#, "a statement should be an object, not a string"),
        (r#"{"Version":§2012,"Statement":[]}"#, "`Version` should be a string, not a number"),
        (r#"{"Id":§true,"Statement":[]}"#, "`Id` should be a string, not true or false"),
        (
            r#"{"Statement":{"Effect":"Deny","Action":"*"},§"Statement":{"Effect":"Deny","Action":"*"}}"#,
            "`Statement` appears twice",
        ),
    ];
    refused(&cases);
}

#[test]
fn errors_of_statements_say_where_and_what() {
    let cases = [
        (
            r#"{"Statement":{"Effect":§"allow","Action":"*"}}"#,
            "effect `allow` is neither `Allow` nor `Deny` (letter case matters)",
        ),
        (r#"{"Statement":{"Effect":§["Allow"],"Action":"*"}}"#, "`Effect` should be a string, not a list"),
        (r#"{"Statement":[§{"Action":"*"}]}"#, "a statement has no `Effect`"),
        (r#"{"Statement":§{"Effect":"Deny"}}"#, "a statement has neither `Action` nor `NotAction`"),
        (
            r#"{"Statement":{"Effect":"Deny","Action":"a:b",§"NotAction":"c:d"}}"#,
            "a statement may have only one of `Action` and `NotAction`",
        ),
        (
            r#"{"Statement":{"Effect":"Deny","NotResource":"a","Action":"a:b",§"NotResource":"b"}}"#,
            "a statement may have only one of `Resource` and `NotResource`",
        ),
        (r#"{"Statement":{"Sid":"a",§"Sid":"b","Effect":"Deny","Action":"*"}}"#, "`Sid` appears twice"),
        (
            r#"{"Statement":{"Effect":"Deny","Action":["a:b",§3]}}"#,
            "`Action` should be a string or a list of strings, not a number",
        ),
        (
            r#"{"Statement":{"Effect":"Deny","Action":"*","Resource":§{"a":"b"}}}"#,
            "`Resource` should be a string or a list of strings, not an object",
        ),
        (r#"{"Statement":{"Effect":"Deny","Action":"*","Principal":{§"aws":"*"}}}"#, "`aws` is no kind of principal"),
        (
            r#"{"Statement":{"Effect":"Deny","Action":"*","Principal":§"111122223333"}}"#,
            "a principal that is not `*` should be an object, not a string",
        ),
        (
            r#"{"Statement":{"Effect":"Deny","Action":"*","Condition":§[]}}"#,
            "a condition should be an object, not a list",
        ),
        (
            r#"{"Statement":{"Effect":"Deny","Action":"*","Condition":{"Bool":§"true"}}}"#,
            "what stands under an operator of a condition should be an object, not a string",
        ),
        (
            "{\"Statement\":{\"Effect\":\"Deny\",\"Action\":\"*\",\n \"Condition\":{\"é\":{\"b\":[1,\n§[]]}}}}",
            "a value of a condition should be a string, a number or a truth value, not a list",
        ),
    ];
    refused(&cases);
}

#[test]
fn what_is_written_today_has_to_be_stricter() {
    let cases = [
        (
            r#"{"Version":§"2012-10-18","Statement":[]}"#,
            "version `2012-10-18` is neither `2012-10-17` nor `2008-10-17`",
        ),
        (r#"{"Statement":§[]}"#, "the list of `Statement` is empty"),
        (r#"{"Statement":{"Effect":"Deny","Action":§[]}}"#, "the list of `Action` is empty"),
        (r#"{"Statement":{"Effect":"Deny","NotAction":§[]}}"#, "the list of `NotAction` is empty"),
        (
            r#"{"Statement":[{"Sid":"a","Effect":"Deny","Action":"*"},{"Sid":§"a","Effect":"Deny","Action":"*"}]}"#,
            "another statement has the `Sid` `a` too",
        ),
        (r#"{"Statement":{"Effect":"Deny","Action":"*","Principal":{"AWS":"1",§"AWS":"2"}}}"#, "`AWS` appears twice"),
        (r#"{"Statement":{"Effect":"Deny","Action":"*","Condition":{"Bool":{},§"Bool":{}}}}"#, "`Bool` appears twice"),
        (
            r#"{"Statement":{"Effect":"Deny","Action":"*","Condition":{"Bool":{"aws:x":"1",§"AWS:X":"2"}}}}"#,
            "`AWS:X` appears twice",
        ),
    ];
    for (marked, expected) in cases {
        assert_eq!(place(marked, Strictness::Written), expected, "{marked}");
        parse(&marked.replace('§', ""));
    }
    let fine = r#"{"Statement":[{"Sid":"","Effect":"Deny","Action":"*","Resource":[],"Condition":{}},
        {"Sid":"","Effect":"Deny","Action":"*","Condition":{"Bool":{"a":[]},"BoolIfExists":{"a":"b"}}}]}"#;
    assert_eq!(Document::parse_as(fine, Strictness::Written), Document::parse(fine));
}
