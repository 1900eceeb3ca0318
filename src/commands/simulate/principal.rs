//! What the ARN of a principal implies of its requests (IAM User Guide, `reference_policies_condition-keys`).

use crate::iam::Context;
use crate::model::arn::is_account_id;
use crate::model::untrusted::Untrusted;

use super::PRINCIPAL_ARN;

/// The condition keys that the principal `arn` implies: `aws:PrincipalArn`, `aws:PrincipalAccount` and, for an IAM user,
/// `aws:username`.
///
/// # Errors
///
/// If it is no ARN of a principal: what one looks like.
pub(super) fn keys(arn: &str) -> Result<Context, String> {
    read(arn).ok_or_else(|| {
        format!(
            "`{}` is no ARN of a principal: expected arn:PARTITION:iam::ACCOUNT:user/NAME, …:role/NAME or …:root, or \
             arn:PARTITION:sts::ACCOUNT:assumed-role/NAME/SESSION or …:federated-user/NAME",
            Untrusted(arn)
        )
    })
}

fn read(arn: &str) -> Option<Context> {
    let fields: Vec<&str> = arn.splitn(6, ':').collect();
    let ["arn", partition, service, "", account, resource] = fields.as_slice() else { return None };
    if partition.is_empty()
        || !is_account_id(account)
        || arn.chars().any(|char| char.is_whitespace() || char.is_control())
    {
        return None;
    }
    let context = Context::new().with("aws:PrincipalAccount", *account);
    let (kind, name) = resource.split_once('/').unwrap_or((resource, ""));
    let friendly = name.rsplit('/').next().filter(|name| !name.is_empty());
    Some(match (*service, kind) {
        ("iam", "root") if *resource == "root" => context.with(PRINCIPAL_ARN, arn),
        ("iam", "user") => context.with(PRINCIPAL_ARN, arn).with("aws:username", friendly?),
        ("iam", "role") => friendly.map(|_| context.with(PRINCIPAL_ARN, arn))?,
        ("sts", "assumed-role") => {
            let (role, session) = name.split_once('/')?;
            let is_whole = !role.is_empty() && !session.is_empty() && !session.contains('/');
            is_whole.then(|| context.with(PRINCIPAL_ARN, format!("arn:{partition}:iam::{account}:role/{role}")))?
        }
        ("sts", "federated-user") if !name.is_empty() && !name.contains('/') => context.with(PRINCIPAL_ARN, arn),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn principals_imply_their_keys() {
        let cases = [
            ("arn:aws:iam::111122223333:user/alice", "arn:aws:iam::111122223333:user/alice", Some("alice")),
            ("arn:aws:iam::111122223333:user/a/b/Bob.B", "arn:aws:iam::111122223333:user/a/b/Bob.B", Some("Bob.B")),
            ("arn:aws-cn:iam::111122223333:role/x/R", "arn:aws-cn:iam::111122223333:role/x/R", None),
            ("arn:aws:iam::111122223333:root", "arn:aws:iam::111122223333:root", None),
            ("arn:aws-us-gov:sts::111122223333:assumed-role/R/s@x", "arn:aws-us-gov:iam::111122223333:role/R", None),
            ("arn:aws:sts::111122223333:federated-user/f", "arn:aws:sts::111122223333:federated-user/f", None),
        ];
        for (arn, principal, name) in cases {
            let expected = Context::new().with(PRINCIPAL_ARN, principal).with("aws:PrincipalAccount", "111122223333");
            let expected = name.map_or(expected.clone(), |name| expected.with("aws:username", name));
            assert_eq!(keys(arn), Ok(expected), "{arn}");
        }
    }

    #[test]
    fn what_is_no_principal_is_refused() {
        for arn in [
            "",
            "alice",
            "arn:aws:iam::111122223333",
            "arn:aws:iam::111122223333:",
            "arn:aws:iam::11112222333:user/alice",
            "arn:aws:iam::aws:user/alice",
            "arn:aws:iam:us-east-1:111122223333:user/alice",
            "arn::iam::111122223333:user/alice",
            "aws:aws:iam::111122223333:user/alice",
            "arn:aws:s3::111122223333:user/alice",
            "arn:aws:iam::111122223333:user",
            "arn:aws:iam::111122223333:user/",
            "arn:aws:iam::111122223333:user/path/",
            "arn:aws:iam::111122223333:role/",
            "arn:aws:iam::111122223333:root/x",
            "arn:aws:iam::111122223333:group/g",
            "arn:aws:iam::111122223333:assumed-role/R/s",
            "arn:aws:sts::111122223333:assumed-role/R",
            "arn:aws:sts::111122223333:assumed-role/R/",
            "arn:aws:sts::111122223333:assumed-role//s",
            "arn:aws:sts::111122223333:assumed-role/R/s/t",
            "arn:aws:sts::111122223333:federated-user/",
            "arn:aws:iam::111122223333:user/al ice",
            "arn:aws:iam::111122223333:user/a\u{1b}",
        ] {
            let error = keys(arn).expect_err(arn);
            assert!(error.contains("is no ARN of a principal"), "{error}");
            assert!(!error.contains('\u{1b}'));
        }
    }
}
