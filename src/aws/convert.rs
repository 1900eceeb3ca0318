//! Values of the AWS SDK as plain ones.

use aws_sdk_iam::types;
use aws_smithy_types::DateTime;
use jiff::Timestamp;
use percent_encoding::percent_decode_str;

use crate::model::{AttachedPolicy, Tag};

/// A time. The SDK puts 1970 where a required time is missing, which no resource of IAM can have.
pub(super) fn time(time: &DateTime) -> Option<Timestamp> {
    let nanoseconds = i32::try_from(time.subsec_nanos()).ok()?;
    if time.secs() == 0 && nanoseconds == 0 {
        return None;
    }
    Timestamp::new(time.secs(), nanoseconds).ok()
}

/// Text that the SDK puts as empty where a required field is missing.
pub(super) fn filled(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// A policy document as it was written.
///
/// IAM sends documents percent-encoded (RFC 3986: `+` is itself, not a space) and the SDK does not decode them. What
/// does not decode to UTF-8 stays as it came.
pub(super) fn document(encoded: &str) -> String {
    percent_decode_str(encoded).decode_utf8().map_or_else(|_| encoded.to_owned(), std::borrow::Cow::into_owned)
}

/// The managed policies that are attached to something.
pub(super) fn attached(policies: Option<Vec<types::AttachedPolicy>>) -> Vec<AttachedPolicy> {
    let convert = |policy: types::AttachedPolicy| AttachedPolicy {
        name: policy.policy_name.unwrap_or_default(),
        arn: policy.policy_arn.unwrap_or_default(),
    };
    policies.unwrap_or_default().into_iter().map(convert).collect()
}

/// The ARN of a permissions boundary.
pub(super) fn boundary(boundary: Option<types::AttachedPermissionsBoundary>) -> Option<String> {
    boundary.and_then(|boundary| boundary.permissions_boundary_arn)
}

/// Tags.
pub(super) fn tags(tags: Option<Vec<types::Tag>>) -> Vec<Tag> {
    tags.unwrap_or_default().into_iter().map(|tag| Tag { key: tag.key, value: tag.value }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_decoded_once_and_plus_is_no_space() {
        assert_eq!(document("%7B%22a%22%3A%22b+c%22%7D"), "{\"a\":\"b+c\"}");
        assert_eq!(document("%2525"), "%25");
        assert_eq!(document("caf%C3%A9"), "café");
        assert_eq!(document("%FF"), "%FF");
        assert_eq!(document("100%"), "100%");
    }

    #[test]
    fn a_time_of_1970_is_a_missing_one() {
        assert_eq!(time(&DateTime::from_secs(0)), None);
        assert_eq!(time(&DateTime::from_secs(1_700_000_000)).unwrap().as_second(), 1_700_000_000);
    }
}
