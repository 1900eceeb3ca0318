//! Amazon Resource Names as far as IAM needs them.

use serde::{Deserialize, Serialize};

/// An AWS partition: the first part of every ARN, and a world of accounts of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Partition(Box<str>);

impl Partition {
    /// The partition `name`, such as `aws`, `aws-cn` or `aws-us-gov`.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self(name.into())
    }

    /// The partition named in `arn`, if it is an ARN.
    #[must_use]
    pub fn of_arn(arn: &str) -> Option<Self> {
        let mut fields = arn.splitn(6, ':');
        (fields.next() == Some("arn")).then_some(())?;
        let name = fields.next().filter(|name| !name.is_empty())?;
        (fields.count() == 4).then(|| Self::new(name))
    }

    /// Its name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The ARN of an IAM resource, such as `user/alice` or `root`, of `account`.
    #[must_use]
    pub fn iam_arn(&self, account: &str, resource: &str) -> String {
        format!("arn:{}:iam::{account}:{resource}", self.0)
    }

    /// The region whose endpoint signs IAM's and Organizations' requests where the user named none.
    #[must_use]
    pub fn default_region(&self) -> &'static str {
        match &*self.0 {
            "aws-cn" => "cn-north-1",
            "aws-us-gov" => "us-gov-west-1",
            "aws-eusc" => "eusc-de-east-1",
            _ => "us-east-1",
        }
    }
}

impl Default for Partition {
    fn default() -> Self {
        Self::new("aws")
    }
}

/// Whether `id` has the shape of an account id: twelve digits.
#[must_use]
pub fn is_account_id(id: &str) -> bool {
    id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_digit())
}

/// The way AWS Config and Security Hub name an account as a resource.
#[must_use]
pub fn account_resource(account: &str) -> String {
    format!("AWS::::Account:{account}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partition_is_the_second_field_of_a_whole_arn() {
        let of = |arn| Partition::of_arn(arn).map(|partition| partition.as_str().to_owned());
        assert_eq!(of("arn:aws-cn:sts::111122223333:assumed-role/a/b").as_deref(), Some("aws-cn"));
        assert_eq!(of("arn:aws:iam::111122223333:user/a:b").as_deref(), Some("aws"));
        assert_eq!(of("arn:aws:iam"), None);
        assert_eq!(of("arn::iam::1:root"), None);
        assert_eq!(of("urn:aws:iam::1:root"), None);
    }

    #[test]
    fn account_ids_are_twelve_digits() {
        assert!(is_account_id("012345678901"));
        assert!(!is_account_id("12345678901"));
        assert!(!is_account_id("12345678901a"));
        assert!(!is_account_id("१२३४"));
    }
}
