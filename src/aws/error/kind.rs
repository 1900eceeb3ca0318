//! What sort of failure an error code of AWS means.

/// What sort of failure it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// AWS knows who asks and refuses.
    Denied,
    /// AWS refused for the number of requests, after all retries.
    Throttled,
    /// There are no credentials, or AWS does not take them: expired, unknown, wrongly signed.
    NoCredentials,
    /// No answer came: no connection, or none in time.
    Unreachable,
    /// What was asked for does not exist (any more).
    NotFound,
    /// A quota is used up: asking again does not help.
    Limit,
    /// What was to be made exists already.
    AlreadyExists,
    /// What was to be deleted is in use.
    InUse,
    /// AWS is changing it at this moment; after all retries.
    Busy,
    /// AWS does not take the codes of an MFA device.
    InvalidCode,
    /// AWS does not take what was sent: a policy document or a name with an error in it.
    Malformed,
    /// A policy that cannot be attached to what it was to be attached to.
    NotAttachable,
    /// A setting on our side is wrong; nothing was sent.
    Settings,
    /// Anything else.
    Other,
}

/// Error codes that refuse a known caller.
const DENIED: &[&str] = &["AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "UnauthorizedException"];

/// Error codes that AWS throttles with: botocore's list for its standard retry mode.
pub(in crate::aws) const THROTTLED: &[&str] = &[
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestThrottledException",
    "RequestThrottled",
    "TooManyRequestsException",
    "RequestLimitExceeded",
    "BandwidthLimitExceeded",
    "LimitExceededException",
    "SlowDown",
    "PriorRequestNotComplete",
    "ProvisionedThroughputExceededException",
    "TransactionInProgressException",
    "EC2ThrottledException",
];

/// Error codes for credentials that AWS does not take.
const BAD_CREDENTIALS: &[&str] = &[
    "ExpiredToken",
    "ExpiredTokenException",
    "IncompleteSignature",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "MissingAuthenticationToken",
    "RequestExpired",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
];

/// Error codes for what does not exist.
const NOT_FOUND: &[&str] = &[
    "NoSuchEntity",
    "NoSuchEntityException",
    "AccountNotFoundException",
    "ChildNotFoundException",
    "OrganizationalUnitNotFoundException",
    "ParentNotFoundException",
    "PolicyNotFoundException",
    "RootNotFoundException",
    "TargetNotFoundException",
];

/// Error codes for used-up quotas.
const LIMIT: &[&str] = &["LimitExceeded", "ConstraintViolationException"];

/// Error codes for what exists already.
const ALREADY_EXISTS: &[&str] = &["EntityAlreadyExists", "EntityAlreadyExistsException"];

/// Error codes for what AWS is changing at this moment.
pub(in crate::aws) const BUSY: &[&str] = &[
    "ConcurrentModification",
    "ConcurrentModificationException",
    "EntityTemporarilyUnmodifiable",
    "EntityTemporarilyUnmodifiableException",
];

/// Error codes for requests that AWS does not take as they are.
const MALFORMED: &[&str] = &[
    "InvalidInput",
    "InvalidInputException",
    "MalformedPolicyDocument",
    "MalformedPolicyDocumentException",
    "ValidationError",
    "ValidationException",
];

/// The kind that an error code of AWS means.
pub(super) fn kind_of_code(code: &str) -> ErrorKind {
    let table = [
        (DENIED, ErrorKind::Denied),
        (THROTTLED, ErrorKind::Throttled),
        (BAD_CREDENTIALS, ErrorKind::NoCredentials),
        (NOT_FOUND, ErrorKind::NotFound),
        (LIMIT, ErrorKind::Limit),
        (ALREADY_EXISTS, ErrorKind::AlreadyExists),
        (&["DeleteConflict", "DeleteConflictException"], ErrorKind::InUse),
        (BUSY, ErrorKind::Busy),
        (&["InvalidAuthenticationCode", "InvalidAuthenticationCodeException"], ErrorKind::InvalidCode),
        (MALFORMED, ErrorKind::Malformed),
        (&["PolicyNotAttachable", "PolicyNotAttachableException"], ErrorKind::NotAttachable),
    ];
    table.into_iter().find(|(codes, _)| codes.contains(&code)).map_or(ErrorKind::Other, |(_, kind)| kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_tell_the_kind() {
        assert_eq!(kind_of_code("NoSuchEntity"), ErrorKind::NotFound);
        assert_eq!(kind_of_code("LimitExceeded"), ErrorKind::Limit, "a quota, not throttling");
        assert_eq!(kind_of_code("Throttling"), ErrorKind::Throttled);
        assert_eq!(kind_of_code("ReportInProgress"), ErrorKind::Other);
        assert_eq!(kind_of_code("EntityAlreadyExists"), ErrorKind::AlreadyExists);
        assert_eq!(kind_of_code("DeleteConflict"), ErrorKind::InUse);
        assert_eq!(kind_of_code("EntityTemporarilyUnmodifiable"), ErrorKind::Busy);
        assert_eq!(kind_of_code("InvalidAuthenticationCode"), ErrorKind::InvalidCode);
        assert_eq!(kind_of_code("MalformedPolicyDocument"), ErrorKind::Malformed);
        assert_eq!(kind_of_code("PolicyNotAttachable"), ErrorKind::NotAttachable);
    }

    #[test]
    fn no_code_means_two_kinds() {
        let lists = [DENIED, THROTTLED, BAD_CREDENTIALS, NOT_FOUND, LIMIT, ALREADY_EXISTS, BUSY, MALFORMED];
        let mut codes = lists.concat();
        codes.sort_unstable();
        assert!(codes.windows(2).all(|pair| pair[0] != pair[1]), "{codes:?}");
    }
}
