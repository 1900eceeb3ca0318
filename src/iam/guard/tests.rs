use super::*;
use crate::iam::questions::{Cause, Hole};

const HOME: (&str, &str) = ("aws", "111122223333");
const NAMED: &str = r#"["iam:CreateVirtualMFADevice","iam:EnableMFADevice","iam:GetUser","iam:ListMFADevices",
    "iam:ListVirtualMFADevices","iam:ResyncMFADevice","sts:GetSessionToken"]"#;
const ABSENT_OR_FALSE: &str = r#"{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}"#;
const ALL: &[MfaContext] = &MfaContext::DIRECT_WITHOUT;
const CONSOLE: &[MfaContext] = &[MfaContext::ConsoleWithoutMfa, MfaContext::SessionWithoutMfa];
const KEYS: &[MfaContext] = &[MfaContext::LongTermKey];

fn classified(document: &str) -> Classification {
    Classification::of(&Document::parse(document).unwrap(), HOME.0, HOME.1)
}

/// `statements` beside allows for enrolling a device.
fn beside_enrollment(version: &str, statements: &str) -> Classification {
    classified(&format!(
        r#"{{"Version":"{version}","Statement":[{{"Effect":"Allow",
            "Action":["iam:CreateVirtualMFADevice","iam:EnableMFADevice","iam:ListMFADevices","iam:ResyncMFADevice"],
            "Resource":["arn:aws:iam::*:mfa/*","arn:aws:iam::*:user/${{aws:username}}",
                "arn:aws:iam::*:user/*/${{aws:username}}"]}},{statements}]}}"#
    ))
}

fn deny(actions: &str, condition: &str) -> String {
    format!(r#"{{"Sid":"Guard","Effect":"Deny",{actions},"Resource":"*","Condition":{condition}}}"#)
}

fn deny_on(condition: &str) -> Classification {
    beside_enrollment("2012-10-17", &deny(&format!(r#""NotAction":{NAMED}"#), condition))
}

fn open(classification: &Classification) -> Vec<(MfaContext, String)> {
    let holes = classification.flaws.iter().filter_map(|flaw| match flaw {
        Flaw::Open(hole) => Some((hole.context, hole.cause.to_string())),
        _ => None,
    });
    holes.collect()
}

#[test]
fn ours_are_right_in_every_partition_with_and_without_the_exemption() {
    for partition in ["aws", "aws-cn", "aws-us-gov"] {
        for via_services in [true, false] {
            let document = Document::parse(&Variant::Strict.text(partition, via_services)).unwrap();
            let strict = Classification::of(&document, partition, HOME.1);
            assert_eq!(strict.known, Some(Known::Ours(Variant::Strict)));
            assert_eq!(strict.closes, Variant::Strict.covers());
            assert_eq!(strict.flaws, if via_services { vec![] } else { vec![Flaw::DeniesServices] });
            assert!(strict.is_right());
            let document = Document::parse(&Variant::ConsoleOnly.text(partition, via_services)).unwrap();
            let console = Classification::of(&document, partition, HOME.1);
            assert_eq!(console.known, Some(Known::Ours(Variant::ConsoleOnly)));
            assert_eq!(console.closes, Variant::ConsoleOnly.covers());
            assert!(matches!(console.flaws[..1], [Flaw::Open(Hole { context: MfaContext::LongTermKey, .. })]));
        }
    }
}

#[test]
fn ours_fit_into_a_managed_policy_and_name_no_partition_but_their_own() {
    for variant in Variant::ALL {
        let text = variant.text("aws-cn", true);
        assert!(crate::iam::size(&text) < 1_100, "{}", crate::iam::size(&text));
        assert_eq!(text.matches("arn:").count(), text.matches("arn:aws-cn:").count());
        assert_eq!(Variant::of_arn(&variant.arn("aws-cn", "111122223333")), Some(variant));
        assert!(!text.contains("Deactivate") && !text.contains("DeleteVirtual"));
    }
    assert_eq!(Variant::of_arn("arn:aws:iam::111122223333:policy/deny-without-mfa"), None);
    assert_eq!(Variant::of_arn("arn:aws:iam::111122223333:policy/x/portcullis/deny-without-mfa"), None);
}

#[test]
fn those_of_aws_are_known_and_right() {
    let known = |actions: &str| {
        let all = beside_enrollment("2012-10-17", &deny(&format!(r#""NotAction":[{actions}]"#), ABSENT_OR_FALSE));
        assert_eq!(
            (all.closes.as_slice(), all.flaws.as_slice()),
            (ALL, [Flaw::DeniesServices].as_slice()),
            "{actions}"
        );
        assert!(all.is_right());
        all.known
    };
    let shared = r#""iam:CreateVirtualMFADevice","iam:EnableMFADevice","iam:ListMFADevices","iam:ListVirtualMFADevices",
        "iam:ResyncMFADevice""#;
    let of = |more: &str| known(&format!("{shared},{more}"));
    assert_eq!(of(r#""iam:GetUser","sts:GetSessionToken""#), Some(Known::AwsSelfManage));
    assert_eq!(of(r#""IAM:getuser","iam:GetMFADevice","sts:GetSessionToken""#), Some(Known::AwsSelfManageNewer));
    assert_eq!(of(r#""iam:ListUsers""#), Some(Known::AwsMfaSelfManage));
    assert_eq!(known(shared), None);
}

/// The condition of a guard, what it closes, and the operator to blame for what it does not.
#[test]
fn conditions_that_look_alike_differ() {
    let cases: [(&str, &[MfaContext], Option<&str>); 13] = [
        (ABSENT_OR_FALSE, ALL, None),
        (r#"{"BoolIfExists":{"AWS:multifactorauthpresent":"False"}}"#, ALL, None),
        (r#"{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false","aws:ViaAWSService":"false"}}"#, ALL, None),
        (r#"{"Bool":{"aws:MultiFactorAuthPresent":"false"}}"#, CONSOLE, Some("Bool")),
        (r#"{"StringEquals":{"aws:MultiFactorAuthPresent":"false"}}"#, CONSOLE, Some("StringEquals")),
        (r#"{"StringNotEquals":{"aws:MultiFactorAuthPresent":"true"}}"#, ALL, None),
        (r#"{"Null":{"aws:MultiFactorAuthPresent":"true"}}"#, KEYS, Some("Null")),
        (r#"{"ForAllValues:Bool":{"aws:MultiFactorAuthPresent":"false"}}"#, ALL, None),
        (r#"{"ForAnyValue:Bool":{"aws:MultiFactorAuthPresent":"false"}}"#, CONSOLE, Some("ForAnyValue:Bool")),
        (r#"{"Null":{"aws:MultiFactorAuthAge":"true"}}"#, ALL, None),
        (r#"{"NumericGreaterThanIfExists":{"aws:MultiFactorAuthAge":"3600"}}"#, ALL, None),
        (r#"{"NumericGreaterThan":{"aws:MultiFactorAuthAge":"3600"}}"#, &[], Some("NumericGreaterThan")),
        (
            r#"{"Null":{"aws:MultiFactorAuthPresent":"true"},"Bool":{"aws:MultiFactorAuthPresent":"false"}}"#,
            &[],
            Some("Bool"),
        ),
    ];
    for (condition, closes, blamed) in cases {
        let found = deny_on(condition);
        assert_eq!(found.closes, closes, "{condition}");
        let open_ways = open(&found);
        assert_eq!(open_ways.is_empty(), blamed.is_none(), "{condition}: {open_ways:?}");
        if let Some(operator) = blamed {
            assert!(open_ways[0].1.contains(&format!("`{operator}`")), "{condition}: {open_ways:?}");
        }
    }
}

#[test]
fn a_guard_for_some_requests_only_leaves_the_rest_open() {
    let elsewhere = r#"{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"},
        "NotIpAddress":{"aws:SourceIp":"192.0.2.0/24"}}"#;
    assert_eq!(open(&deny_on(elsewhere))[0].1, "guard Guard: it denies under further conditions only");
    let of = |actions: &str| beside_enrollment("2012-10-17", &deny(actions, ABSENT_OR_FALSE));
    let listed = of(r#""Action":["s3:*","ec2:*"]"#);
    assert_eq!(open(&listed)[0].1, "guard Guard: it denies only the actions that it lists");
    assert!(listed.closes.is_empty());
    let wide = of(r#""NotAction":["iam:*","sts:GetSessionToken"]"#);
    assert_eq!(open(&wide)[0].1, "guard Guard: its `NotAction` exempts `iam:*`");
    let statement = deny(&format!(r#""NotAction":{NAMED}"#), ABSENT_OR_FALSE)
        .replace(r#""Resource":"*""#, r#""Resource":"arn:aws:s3:::*""#);
    let resource = beside_enrollment("2012-10-17", &statement);
    assert_eq!(open(&resource)[0].1, "guard Guard: it denies only on its own resources");
}

#[test]
fn what_may_take_a_device_away_is_no_enrollment() {
    let wide = beside_enrollment(
        "2012-10-17",
        &deny(r#""NotAction":["iam:*MFADevice","iam:ListMFADevices","iam:ListVirtualMFADevices"]"#, ABSENT_OR_FALSE),
    );
    assert_eq!(open(&wide)[0].1, "guard Guard: its `NotAction` exempts `iam:*MFADevice`");
    let removing = r#"{"Effect":"Allow","Action":"iam:DeactivateMFADevice","Resource":"*"}"#;
    let without_deny = beside_enrollment("2012-10-17", removing);
    assert!(without_deny.flaws.contains(&Flaw::AllowsRemoval { action: "iam:DeactivateMFADevice" }));
    let guarded = deny(&format!(r#""NotAction":{NAMED}"#), ABSENT_OR_FALSE);
    assert!(beside_enrollment("2012-10-17", &format!("{removing},{guarded}")).is_right());
}

#[test]
fn a_guard_that_nobody_leaves_again() {
    let nothing = beside_enrollment("2012-10-17", &deny(r#""Action":"*""#, ABSENT_OR_FALSE));
    assert!(nothing.flaws.contains(&Flaw::BlocksEnrollment { actions: crate::iam::questions::ENROLLMENT.to_vec() }));
    assert!(!nothing.is_right());
    let without_enable = NAMED.replace(r#""iam:EnableMFADevice","#, "");
    let found = beside_enrollment("2012-10-17", &deny(&format!(r#""NotAction":{without_enable}"#), ABSENT_OR_FALSE));
    assert!(found.flaws.contains(&Flaw::BlocksEnrollment { actions: vec!["iam:EnableMFADevice"] }));
    let always =
        deny(&format!(r#""NotAction":{NAMED}"#), r#"{"BoolIfExists":{"aws:MultiFactorAuthPresent":["true","false"]}}"#);
    let found = beside_enrollment("2012-10-17", &always);
    assert!(matches!(found.flaws.as_slice(), [Flaw::DeniesWithMfa { .. }, Flaw::DeniesServices]), "{:?}", found.flaws);
}

#[test]
fn allows_that_ask_for_mfa_deny_nothing() {
    for operator in ["Bool", "BoolIfExists"] {
        let allow = format!(
            r#"{{"Effect":"Allow","Action":"*","Resource":"*",
                "Condition":{{"{operator}":{{"aws:MultiFactorAuthPresent":"true"}}}}}}"#
        );
        let found = beside_enrollment("2012-10-17", &allow);
        assert!(found.closes.is_empty());
        assert!(matches!(found.flaws[0], Flaw::Open(Hole { cause: Cause::NoGuard, .. })));
    }
}

#[test]
fn two_statements_may_do_together_what_neither_does() {
    let named = format!(r#""NotAction":{NAMED}"#);
    let both = format!(
        "{},{}",
        deny(&named, r#"{"Bool":{"aws:MultiFactorAuthPresent":"false"}}"#),
        deny(&named, r#"{"Null":{"aws:MultiFactorAuthPresent":"true"}}"#)
    );
    assert!(beside_enrollment("2012-10-17", &both).is_right());
}

#[test]
fn enrollment_depends_on_version_partition_path_and_name() {
    let guard = deny(&format!(r#""NotAction":{NAMED}"#), ABSENT_OR_FALSE);
    let old = beside_enrollment("2008-10-17", &guard);
    let own = vec!["iam:EnableMFADevice", "iam:ListMFADevices", "iam:ResyncMFADevice"];
    assert!(old.flaws.contains(&Flaw::GrantsNoEnrollment { actions: own.clone() }));
    let document = Document::parse(&Variant::Strict.text("aws", true)).unwrap();
    let elsewhere = Classification::of(&document, "aws-cn", HOME.1);
    assert_eq!(elsewhere.known, None);
    assert_eq!(elsewhere.flaws, [Flaw::GrantsNoEnrollment { actions: crate::iam::questions::ENROLLMENT.to_vec() }]);
    let flat = Variant::Strict
        .text("aws", true)
        .replace(r#""arn:aws:iam::*:user/*/${aws:username}""#, r#""arn:aws:iam::*:user/${aws:username}""#);
    assert_eq!(classified(&flat).flaws, [Flaw::NotForPaths { actions: own }]);
}

#[test]
fn a_guard_that_exempts_some_by_name_is_not_right() {
    for exempting in [
        r#""StringNotEquals":{"aws:username":"root-robot"}"#,
        r#""ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:user/robots/*"}"#,
        r#""StringNotEquals":{"aws:PrincipalTag/exempt":"yes"}"#,
        r#""StringEquals":{"aws:RequestedRegion":"eu-central-1"}"#,
    ] {
        let condition = format!(r#"{{"BoolIfExists":{{"aws:MultiFactorAuthPresent":"false"}},{exempting}}}"#);
        let found = deny_on(&condition);
        assert!(!found.is_right(), "{exempting}");
        assert!(found.closes.is_empty(), "{exempting}");
        assert_eq!(open(&found)[0].1, "guard Guard: it denies under further conditions only");
    }
}

#[test]
fn what_else_a_guard_denies_is_seen_whatever_its_patterns() {
    let guard = deny(&format!(r#""NotAction":{NAMED}"#), ABSENT_OR_FALSE);
    let cases = [
        (r#""NotAction":["?:*","??:*"],"Resource":"*""#, Some("*:*")),
        (r#""Action":"s3:Put?","Resource":"arn:aws:s3:::?""#, Some("s3:Put*")),
        (
            r#""Action":"ec2:*","Resource":"*","Condition":{"StringNotEquals":{"aws:RequestedRegion":"a"}}"#,
            Some("ec2:*"),
        ),
        (r#""Action":"ec2:*","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"false"}}"#, None),
        (r#""NotAction":"*","Resource":"*""#, None),
        (r#""Action":"s3:*","NotResource":"*""#, None),
    ];
    for (more, denied) in cases {
        let found = beside_enrollment("2012-10-17", &format!(r#"{guard},{{"Effect":"Deny",{more}}}"#));
        let seen = found.flaws.iter().find_map(|flaw| match flaw {
            Flaw::DeniesWithMfa { action } => Some(action.as_str()),
            _ => None,
        });
        assert_eq!((seen, found.is_right()), (denied, denied.is_none()), "{more}");
    }
}
