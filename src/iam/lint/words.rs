//! What is said of each lint.

use super::severity::Severity;

/// Name, severity, why it is wrong, and how to mend it.
pub(super) type Words = (&'static str, Severity, &'static str, &'static str);

/// In the order of [`Lint`](super::Lint).
pub(super) const WORDS: [Words; 36] = [
    (
        "covered-statement",
        Severity::Warning,
        "another statement of the same effect has no condition and covers all its actions and resources, so this one changes nothing",
        "take it out, or narrow the other one",
    ),
    (
        "denied-allow",
        Severity::Warning,
        "a statement of the same document denies all of it without condition, and a deny always wins",
        "take it out, or give the deny a condition or fewer actions",
    ),
    (
        "action-without-service",
        Severity::Error,
        "an action is a service, a colon and a name; IAM refuses others, and they match nothing that is meant",
        "write it as SERVICE:NAME, such as s3:GetObject",
    ),
    (
        "empty-list",
        Severity::Error,
        "an empty list of actions or resources matches nothing, so its statement never does what it says",
        "list what is meant, or take the statement out",
    ),
    (
        "empty-values",
        Severity::Error,
        "no value of a request can match an empty list: a positive operator never holds, a negated one always does",
        "give the values, or take the key out",
    ),
    (
        "contradictory-condition",
        Severity::Error,
        "all parts of a condition have to hold at once, and these cannot, so the statement never applies",
        "take one of the two out, or make two statements",
    ),
    (
        "misses-access-keys",
        Severity::Warning,
        "requests of access keys do not carry aws:MultiFactorAuthPresent, and without IfExists such a deny does not hold for them",
        "write BoolIfExists instead of Bool; if access keys are exempt on purpose, deny-without-mfa-console-only of Portcullis says so",
    ),
    (
        "allows-without-mfa",
        Severity::Warning,
        "requests of access keys do not carry aws:MultiFactorAuthPresent, and with IfExists such an allow holds for them too",
        "write Bool instead of BoolIfExists in statements that allow",
    ),
    (
        "guard-hole",
        Severity::Warning,
        "a guard that leaves more open than it takes to enroll a device does not enforce MFA",
        "list only what enrolling takes in NotAction, with Resource `*`; compare `policies/guards/deny-without-mfa.json`",
    ),
    (
        "guard-blocks-enrollment",
        Severity::Error,
        "whoever the guard binds can never enroll a device, and so never gets in again",
        "add the actions to NotAction",
    ),
    (
        "guard-denies-with-mfa",
        Severity::Error,
        "the guard is meant for callers without MFA, and locks out those with it",
        "give each such deny the condition `BoolIfExists` `aws:MultiFactorAuthPresent` `false`",
    ),
    (
        "guard-allows-removal",
        Severity::Warning,
        "whoever has only the password could take the owner's device away and enroll another",
        "allow it only with `Bool` `aws:MultiFactorAuthPresent` `true`",
    ),
    (
        "guard-denies-services",
        Severity::Note,
        "calls that a service makes for the user carry aws:MultiFactorAuthPresent false, also after MFA",
        "add aws:ViaAWSService false to the same block, if users work through such services",
    ),
    (
        "guard-grants-no-enrollment",
        Severity::Note,
        "what a guard leaves open is not allowed by that: without another policy nobody can enroll",
        "allow the actions on the user's own ARN, here or in another policy",
    ),
    (
        "guard-not-for-paths",
        Severity::Note,
        "aws:username is the name without the path",
        "add `user/*/${aws:username}` to the resources",
    ),
    (
        "own-device-name",
        Severity::Warning,
        "since November 2022 the console lets users name their devices, and its wizard fails where a policy wants the user's name",
        "write `mfa/*`: a device is bound to a user by iam:EnableMFADevice, on the ARN of the user",
    ),
    (
        "own-user-without-path",
        Severity::Note,
        "aws:username is the name without the path, so users with a path are not meant by it",
        "add `user/*/${aws:username}` beside it",
    ),
    (
        "wrong-partition",
        Severity::Error,
        "ARNs of another partition match nothing in this one",
        "write the partition of the account",
    ),
    (
        "mixed-partitions",
        Severity::Warning,
        "an account is in one partition, so some of these ARNs match nothing",
        "write one partition, or `arn:*:`",
    ),
    (
        "variable-is-text",
        Severity::Warning,
        "variables are replaced in Version 2012-10-17 only; elsewhere `${…}` is plain text, which matches nothing that is meant",
        "write \"Version\": \"2012-10-17\"",
    ),
    (
        "unknown-version",
        Severity::Error,
        "the policy language has the versions 2012-10-17 and 2008-10-17; IAM refuses others",
        "write \"Version\": \"2012-10-17\"",
    ),
    (
        "unknown-element",
        Severity::Error,
        "the policy language has no such element, and IAM refuses the document",
        "take it out, or mend its spelling; letter case matters",
    ),
    (
        "unknown-operator",
        Severity::Error,
        "AWS has no such condition operator, and IAM refuses the document",
        "mend its spelling; letter case matters",
    ),
    (
        "principal-in-identity-policy",
        Severity::Error,
        "only policies of resources name principals; of an identity policy it is whoever it is attached to",
        "take it out",
    ),
    (
        "no-resource",
        Severity::Error,
        "a statement of an identity policy says what it is about",
        "add Resource or NotResource",
    ),
    (
        "malformed-arn",
        Severity::Error,
        "ARN operators compare six fields one by one, and what has fewer matches nothing",
        "write all six: arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE, with `*` for what does not matter",
    ),
    (
        "malformed-value",
        Severity::Error,
        "the operator cannot read it, and IAM refuses the document or the condition never does what is meant",
        "write a value of the kind that the operator compares",
    ),
    (
        "for-all-without-null",
        Severity::Warning,
        "ForAllValues holds too where the request has no value, so the statement allows that as well",
        "add Null with the same key and `false`",
    ),
    (
        "wildcard-is-text",
        Severity::Warning,
        "`*` and `?` are wildcards under StringLike only; here they are plain characters",
        "write StringLike or StringNotLike instead, or `${*}` if the character is meant",
    ),
    (
        "many-valued-key",
        Severity::Warning,
        "the key has several values, which match nothing where no set operator says how",
        "write ForAnyValue: or ForAllValues: before the operator",
    ),
    (
        "allow-not-action",
        Severity::Warning,
        "it allows all actions that are not listed, those of services that do not exist yet included",
        "list what is allowed in Action",
    ),
    (
        "allow-not-resource",
        Severity::Warning,
        "it allows the actions on all resources that are not listed, those that do not exist yet included",
        "list what is meant in Resource",
    ),
    (
        "too-large",
        Severity::Error,
        "IAM takes no managed policy of more than 6144 characters, white space not counted",
        "split it, or write wildcards instead of long lists",
    ),
    (
        "too-large-inline",
        Severity::Note,
        "all inline policies of a user together have 2048 characters, those of a group 5120",
        "attach it as a managed policy",
    ),
    (
        "outside-charset",
        Severity::Error,
        "IAM takes tab, line feed, carriage return and U+0020 to U+00FF only",
        "write the character as \\u…, or another one",
    ),
    (
        "duplicate-sid",
        Severity::Error,
        "a Sid names one statement, and IAM refuses the document",
        "give each statement a Sid of its own, or none",
    ),
];
