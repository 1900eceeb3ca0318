//! The keys of MFA in each way to be signed in.

use super::super::Presence;
use super::*;

const ALL: [MfaContext; 7] = [
    MfaContext::LongTermKey,
    MfaContext::ConsoleWithoutMfa,
    MfaContext::SessionWithoutMfa,
    MfaContext::ForwardedAccess,
    MfaContext::WithMfa,
    MfaContext::RoleSession,
    MfaContext::Federated,
];

fn value(context: &Context, key: &str) -> String {
    match context.get(key) {
        Presence::Present(values) => values.join(","),
        Presence::Absent => "absent".to_owned(),
        Presence::Open => "open".to_owned(),
    }
}

#[test]
fn each_way_has_its_keys() {
    let expected = [
        ["absent", "absent", "false"],
        ["false", "absent", "false"],
        ["false", "absent", "false"],
        ["false", "absent", "true"],
        ["true", "0", "false"],
        ["open", "open", "false"],
        ["absent", "absent", "false"],
    ];
    for (context, expected) in ALL.into_iter().zip(expected) {
        let keys = context.keys().or(Context::open());
        assert_eq!([PRESENT, AGE, VIA_SERVICE].map(|key| value(&keys, key)), expected, "{context:?}");
        assert_eq!(value(&keys, "aws:username"), "open", "nothing else is said");
    }
}

#[test]
fn sessions_without_mfa_call_next_to_nothing() {
    let refused =
        ["iam:ListUsers", "IAM:CreateUser", "sts:GetSessionToken", "sts:GetFederationToken", "STS:assumerolex"];
    let served = ["sts:AssumeRole", "STS:assumerole", "sts:GetCallerIdentity", "s3:GetObject", "iamx:Get", "s3"];
    for context in ALL {
        let is_session = context == MfaContext::SessionWithoutMfa;
        for action in refused {
            assert_eq!(context.is_refused_by_aws(action), is_session, "{context:?} {action}");
        }
        assert!(!served.iter().any(|action| context.is_refused_by_aws(action)), "{context:?}");
    }
}

#[test]
fn labels_tell_the_ways_apart() {
    let labels: std::collections::BTreeSet<&str> = ALL.into_iter().map(MfaContext::label).collect();
    assert_eq!(labels.len(), ALL.len());
}
