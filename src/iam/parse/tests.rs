//! What documents are accepted, and what is said of the others.

use super::*;

fn parse(text: &str) -> Document {
    Document::parse(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn error(text: &str) -> String {
    Document::parse(text).expect_err(text).to_string()
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
fn unknown_elements_are_kept_by_name() {
    let document =
        parse(r#"{"statement":[1,{}],"Statement":[{"Effect":"Deny","Action":"*","resource":"*","Resource":"*"}]}"#);
    assert_eq!(document.unknown_elements, ["statement"]);
    assert_eq!(document.statements[0].unknown_elements, ["resource"]);
}

#[test]
fn errors_say_where_and_what() {
    let cases = [
        ("", "line 1, column 0: the document ends too early"),
        ("{\n  \"Statement\": [}", "line 2, column 17: expected value"),
        ("[]", "line 1, column 2: invalid type: sequence, expected a policy document, which is an object"),
        ("{}", "line 1, column 2: the document has no `Statement`"),
        (
            r#"{"Statement":{"Effect":"allow","Action":"*"}}"#,
            "line 1, column 30: effect `allow` is neither `Allow` nor `Deny` (letter case matters)",
        ),
        (r#"{"Statement":{"Action":"*"}}"#, "line 1, column 27: a statement has no `Effect`"),
        (r#"{"Statement":{"Effect":"Deny"}}"#, "line 1, column 30: a statement has neither `Action` nor `NotAction`"),
        (
            r#"{"Statement":{"Effect":"Deny","Action":"a:b","NotAction":"c:d"}}"#,
            "line 1, column 63: a statement may have only one of `Action` and `NotAction`",
        ),
        (
            r#"{"Statement":{"Effect":"Deny","Action":"a:b","Action":"c:d"}}"#,
            "line 1, column 60: a statement may have only one of `Action` and `NotAction`",
        ),
        (
            r#"{"Statement":{"Sid":"a","Sid":"b","Effect":"Deny","Action":"*"}}"#,
            "line 1, column 33: `Sid` appears twice",
        ),
        (
            r#"{"Statement":{"Effect":"Deny","Action":["a:b",3]}}"#,
            "line 1, column 47: invalid type: integer `3`, expected a string",
        ),
        (
            r#"{"Statement":{"Effect":"Deny","Action":"*","Principal":{"aws":"*"}}}"#,
            "line 1, column 61: `aws` is no kind of principal",
        ),
    ];
    let (actual, expected): (Vec<_>, Vec<_>) = cases.iter().map(|(text, expected)| (error(text), *expected)).unzip();
    assert_eq!(actual, expected);
}
