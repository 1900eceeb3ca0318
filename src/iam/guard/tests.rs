use super::*;

const HOME: (&str, &str) = ("aws", "111122223333");

fn classified(document: &str) -> Classification {
    Classification::of(&Document::parse(document).unwrap(), HOME.0, HOME.1)
}

/// A guard of which only the deny is told, beside allows for enrolling a device.
fn with_enrollment(deny: &str) -> Classification {
    classified(&format!(
        r#"{{"Version":"2012-10-17","Statement":[
            {{"Effect":"Allow","Action":["iam:CreateVirtualMFADevice","iam:EnableMFADevice","iam:ListMFADevices","iam:ResyncMFADevice"],
              "Resource":["arn:aws:iam::*:mfa/*","arn:aws:iam::*:user/${{aws:username}}","arn:aws:iam::*:user/*/${{aws:username}}"]}},
            {deny}]}}"#
    ))
}

const LISTED: &str = r#"["iam:CreateVirtualMFADevice","iam:EnableMFADevice","iam:GetUser","iam:ListMFADevices",
    "iam:ListVirtualMFADevices","iam:ResyncMFADevice","sts:GetSessionToken"]"#;

fn deny(condition: &str) -> String {
    format!(r#"{{"Sid":"D","Effect":"Deny","NotAction":{LISTED},"Resource":"*","Condition":{condition}}}"#)
}

#[test]
fn ours_are_right() {
    for partition in ["aws", "aws-cn"] {
        for via in [true, false] {
            let document = Document::parse(&Variant::Strict.text(partition, via)).unwrap();
            let strict = Classification::of(&document, partition, HOME.1);
            assert_eq!(strict.known, Some(Known::Ours(Variant::Strict)));
            assert_eq!(strict.closes, Variant::Strict.covers());
            assert_eq!(strict.flaws, if via { vec![] } else { vec![Flaw::DeniesServices] });
            assert!(strict.is_right());
        }
        let document = Document::parse(&Variant::ConsoleOnly.text(partition, true)).unwrap();
        let console = Classification::of(&document, partition, HOME.1);
        assert_eq!(console.known, Some(Known::Ours(Variant::ConsoleOnly)));
        assert_eq!(console.closes, Variant::ConsoleOnly.covers());
        assert!(matches!(console.flaws.as_slice(), [Flaw::Open(Hole { context: MfaContext::LongTermKey, .. })]));
    }
}

#[test]
fn print() {
    for (name, condition) in [
        ("BoolIfExists", r#"{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}"#),
        ("Bool", r#"{"Bool":{"aws:MultiFactorAuthPresent":"false"}}"#),
        ("Null", r#"{"Null":{"aws:MultiFactorAuthPresent":"true"}}"#),
        ("ForAll", r#"{"ForAllValues:Bool":{"aws:MultiFactorAuthPresent":"false"}}"#),
        ("ForAny", r#"{"ForAnyValue:Bool":{"aws:MultiFactorAuthPresent":"false"}}"#),
        ("StringEquals", r#"{"StringEquals":{"aws:MultiFactorAuthPresent":"false"}}"#),
        ("extra", r#"{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"},"NotIpAddress":{"aws:SourceIp":"10.0.0.0/8"}}"#),
    ] {
        let c = with_enrollment(&deny(condition));
        println!("{name}: {:?} {:?}", c.known, c.closes);
        for flaw in &c.flaws { println!("    {flaw}"); }
    }
    for d in [
        r#"{"Sid":"D","Effect":"Deny","NotAction":["iam:*"],"Resource":"*","Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}}"#,
        r#"{"Sid":"D","Effect":"Deny","Action":["s3:*"],"Resource":"*","Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}}"#,
        r#"{"Sid":"D","Effect":"Deny","Action":"*","Resource":"*","Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}}"#,
        r#"{"Sid":"D","Effect":"Allow","Action":"*","Resource":"*","Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"true"}}}"#,
    ] {
        let c = with_enrollment(d);
        println!("{d}: {:?} {:?}", c.known, c.closes);
        for flaw in &c.flaws { println!("    {flaw}"); }
    }
}
