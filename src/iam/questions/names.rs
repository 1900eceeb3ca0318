//! Whether the answers about two principals with the same policies can differ.
//!
//! Most users of an account share their policies, and differ in nothing but the name that `${aws:username}` stands for.
//! Then one answer, for a user with a name that nobody has, is that of all of them.

use crate::iam::decide::Policies;
use crate::iam::policy::Policy;
use crate::iam::template::{Part, Template};
use crate::iam::wildcard::Wildcard;

use super::witness::ANY;

/// Stands for the name of any user: no name that IAM allows has it.
pub const SOMEBODY: char = '\u{e001}';

const ARN_FIELDS: usize = 6;

/// Whether what these policies say of a user may depend on who it is, beyond the place of its name in the answer; `arn`
/// is that of the user, with `*` for its name.
///
/// It does where a condition asks for the principal, and where a pattern fits the resources of some users only. Errs
/// towards yes.
#[must_use]
pub fn tell_users_apart(policies: &Policies<'_>, arn: &str) -> bool {
    let all =
        || policies.identity.iter().copied().chain(policies.boundary).chain(policies.scps.iter().flatten().copied());
    if all().any(Policy::depends_on_principal) {
        return true;
    }
    let patterns = || all().flat_map(Policy::statements).flat_map(|statement| statement.resources.patterns.iter());
    let named = patterns().filter(|pattern| names_user(pattern));
    if named.clone().any(|pattern| !is_whole_segment(pattern)) {
        return true;
    }
    let mut own: Vec<Wildcard> = named.map(Template::widened).collect();
    own.push(Wildcard::new(arn));
    patterns().filter(|pattern| !names_user(pattern)).any(|pattern| {
        let pattern = pattern.widened();
        own.iter().any(|own| !pattern.covers(own) && may_meet(&pattern, own))
    })
}

/// Whether there is a resource that both fit; of two ARNs, one that they fit field by field.
fn may_meet(one: &Wildcard, other: &Wildcard) -> bool {
    match (one.fields(ARN_FIELDS), other.fields(ARN_FIELDS)) {
        (Some(one), Some(other)) => one.iter().zip(&other).all(|(one, other)| one.common(other, ANY).is_some()),
        _ => one.common(other, ANY).is_some(),
    }
}

fn names_user(pattern: &Template) -> bool {
    pattern.variables().any(|key| key.eq_ignore_ascii_case("aws:username"))
}

/// Whether the name stands between separators, none of which a name has: else it may be part of another one.
fn is_whole_segment(pattern: &Template) -> bool {
    let Template::Variable { parts, .. } = pattern else { return true };
    let text: String = parts
        .iter()
        .map(|part| match part {
            Part::Fixed(text) => text.example("*", '?'),
            Part::Variable { .. } => SOMEBODY.to_string(),
        })
        .collect();
    let segments = text.split(['/', ':']);
    segments.filter(|segment| segment.contains(SOMEBODY)).all(|segment| segment.chars().eq([SOMEBODY]))
}

#[cfg(test)]
mod tests {
    use crate::iam::Document;

    use super::*;

    fn apart(resources: &[&str]) -> bool {
        let resources: Vec<String> = resources.iter().map(|resource| format!("{resource:?}")).collect();
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"*","Resource":[{}]}}}}"#,
            resources.join(",")
        );
        let policy = Policy::new("p", &Document::parse(&text).unwrap());
        let policies = Policies { identity: vec![&policy], ..Policies::default() };
        tell_users_apart(&policies, "arn:aws:iam::111122223333:user/*")
    }

    #[test]
    fn patterns_that_fit_all_users_or_none_do_not_tell_them_apart() {
        const OWN: &str = "arn:aws:iam::*:user/${aws:username}";
        for resources in [
            &["*"] as &[&str],
            &["arn:aws:s3:::logs/*", OWN],
            &[OWN, "arn:aws:iam::*:user/*/${aws:username}", "arn:aws:iam::*:mfa/*", "arn:aws:iam::*:user/*"],
            &["arn:aws:s3:::home/${aws:username}/*", "arn:aws:s3:::*"],
        ] {
            assert!(!apart(resources), "{resources:?}");
        }
        for resources in [
            &["arn:aws:iam::*:user/ann"] as &[&str],
            &["arn:aws:iam::111122223333:user/a*"],
            &[OWN, "arn:aws:iam::*:user/ops-*"],
            &["arn:aws:s3:::home/${aws:username}/*", "arn:aws:s3:::home/ann/*"],
            &["arn:aws:s3:::home-${aws:username}"],
            &["arn:aws:s3:::home/${aws:PrincipalTag/team}"],
            &["arn:aws:s3:::home/${aws:username}${aws:username}"],
        ] {
            assert!(apart(resources), "{resources:?}");
        }
    }
}
