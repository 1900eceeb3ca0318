//! Whether a principal is an administrator: it may do everything, or it may give itself the rest.
//!
//! A handful of requests is put to every document: those of IAM by which a principal makes itself powerful, each on a
//! resource of no particular name. An administrator is allowed all of them, by identity policies and by a boundary if
//! there is one, and denied some of them at most: each request that is *self-granting* gives the rest by itself, so only
//! who is denied all of those, by both together, is none. `AdministratorAccess` and `IAMFullAccess` make one, also beside
//! `Deny iam:PassRole`; `PowerUserAccess` does not. Conditions are not evaluated: a conditional `Allow` counts, since it
//! may hold (after signing in with MFA, say), and a conditional `Deny` does not. So the answer errs towards "yes", which
//! asks for more protection, not less.

use super::document::{Document, Effect, Elements, Statement};
use super::wildcard::Wildcard;

/// The requests: an action, and the resource type that it is authorised on (Service Authorization Reference, IAM). The
/// first [`SELF_GRANTING`] of them each suffice to give oneself everything.
const PROBES: [(&str, ResourceType); 7] = [
    ("iam:AttachUserPolicy", ResourceType::User),
    ("iam:PutUserPolicy", ResourceType::User),
    ("iam:AttachRolePolicy", ResourceType::Role),
    ("iam:UpdateAssumeRolePolicy", ResourceType::Role),
    ("iam:CreatePolicyVersion", ResourceType::Policy),
    ("iam:CreateAccessKey", ResourceType::User),
    ("iam:PassRole", ResourceType::Role),
];

/// How many of the requests give the rest by themselves.
const SELF_GRANTING: u8 = 5;

/// Stands for "any character" in the resource of a probe: no name that IAM allows has it, so only a wildcard matches
/// it.
const ANY: char = '\u{e000}';

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ResourceType {
    User,
    Role,
    Policy,
}

/// What one document, or several together, say to the probes: small, and worked out once a document.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Grants {
    /// One bit a probe that some `Allow` covers.
    allowed: u8,
    /// One bit a probe that some unconditional `Deny` covers.
    denied: u8,
    /// Whether some document could not be read: it may allow or deny anything.
    unread: bool,
}

/// Whether a principal is an administrator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is, perhaps only under conditions.
    Yes,
    /// It is not.
    No,
    /// It depends on a document that could not be read: which, for people.
    Unknown(&'static str),
}

impl Grants {
    const ALL: u8 = (1 << PROBES.len()) - 1;
    const SELF_GRANTING: u8 = (1 << SELF_GRANTING) - 1;

    /// A document that could not be read.
    pub const UNREAD: Self = Self { allowed: 0, denied: 0, unread: true };

    /// What `document` says.
    #[must_use]
    pub fn of(document: &Document) -> Self {
        document.statements.iter().map(Self::of_statement).fold(Self::default(), Self::combine)
    }

    /// What the document `text` says; [`Self::UNREAD`] if there is none or it is no policy document.
    #[must_use]
    pub fn read(text: Option<&str>) -> Self {
        text.and_then(|text| Document::parse(text).ok()).map_or(Self::UNREAD, |document| Self::of(&document))
    }

    /// What two documents say together.
    #[must_use]
    pub const fn combine(self, other: Self) -> Self {
        Self {
            allowed: self.allowed | other.allowed,
            denied: self.denied | other.denied,
            unread: self.unread || other.unread,
        }
    }

    /// Whether who has these grants, from all identity policies together, is an administrator, under a permissions
    /// boundary if there is one (it grants nothing: both have to allow).
    #[must_use]
    pub fn verdict(self, boundary: Option<Self>) -> Verdict {
        let boundary = boundary.unwrap_or(Self { allowed: Self::ALL, ..Self::default() });
        if (self.denied | boundary.denied) & Self::SELF_GRANTING == Self::SELF_GRANTING {
            return Verdict::No;
        }
        match (self.allows_all(), boundary.allows_all()) {
            (Some(true), Some(true)) => Verdict::Yes,
            (Some(false), _) | (_, Some(false)) => Verdict::No,
            (None, _) => Verdict::Unknown("a policy document that applies to it could not be read"),
            (_, None) => Verdict::Unknown("the document of its permissions boundary could not be read"),
        }
    }

    /// Whether some `Allow` covers each probe. An unread document can make a no open, but not a yes: it could hold a
    /// `Deny`, yet who has all the rest is treated as an administrator.
    const fn allows_all(self) -> Option<bool> {
        match (self.allowed == Self::ALL, self.unread) {
            (true, _) => Some(true),
            (false, true) => None,
            (false, false) => Some(false),
        }
    }

    fn of_statement(statement: &Statement) -> Self {
        let Some(resource) = &statement.resource else { return Self::default() };
        let (actions, resources) = (Patterns::of(&statement.action), Patterns::of(resource));
        let mut covered = 0;
        for (bit, (action, resource_type)) in PROBES.into_iter().enumerate() {
            covered |= u8::from(actions.cover_action(action) && resources.cover_all(resource_type)) << bit;
        }
        match statement.effect {
            Effect::Allow => Self { allowed: covered, ..Self::default() },
            Effect::Deny if statement.has_condition() => Self::default(),
            Effect::Deny => Self { denied: covered, ..Self::default() },
        }
    }
}

/// The patterns of a list, compiled.
struct Patterns<'a> {
    patterns: Vec<(&'a str, Wildcard)>,
    negated: bool,
}

impl<'a> Patterns<'a> {
    fn of(elements: &'a Elements) -> Self {
        let (list, negated) = match elements {
            Elements::Listed(list) => (list, false),
            Elements::Except(list) => (list, true),
        };
        Self { patterns: list.iter().map(|pattern| (pattern.as_str(), Wildcard::new(pattern))).collect(), negated }
    }

    fn cover_action(&self, action: &str) -> bool {
        self.negated != self.patterns.iter().any(|(_, pattern)| pattern.matches_ignore_case(action))
    }

    /// Whether it covers the resources of a type whatever their names: both one without and one with a path.
    fn cover_all(&self, resource_type: ResourceType) -> bool {
        let long: String = [ANY; 50].iter().collect();
        [ANY.to_string(), format!("{long}/{long}")].iter().all(|name| {
            self.negated
                != self.patterns.iter().any(|(text, pattern)| pattern.matches(&resource_type.probe(name, text)))
        })
    }
}

impl ResourceType {
    /// The ARN of the resource called `name` as `pattern` would have to match it. Partition, and account if it is one,
    /// are taken from the pattern: which account the principal is in is not known here, and a pattern for another
    /// account's users would grant nothing.
    fn probe(self, name: &str, pattern: &str) -> String {
        let kind = match self {
            Self::User => "user",
            Self::Role => "role",
            Self::Policy => "policy",
        };
        let any_account: String = [ANY; 12].iter().collect();
        let mut fields = pattern.split(':');
        let partition = fields.nth(1).filter(|field| !field.is_empty() && !field.contains(['*', '?'])).unwrap_or("aws");
        let is_id = |field: &&str| field.len() == 12 && field.bytes().all(|byte| byte.is_ascii_digit());
        let account = fields.nth(2).filter(is_id).unwrap_or(&any_account);
        format!("arn:{partition}:iam::{account}:{kind}/{name}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADMINISTRATOR: &str =
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
    const IAM_FULL: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:*",
        "organizations:DescribeAccount","organizations:ListRoots"],"Resource":"*"}]}"#;
    const POWER_USER: &str = r#"{"Version":"2012-10-17","Statement":[
        {"Effect":"Allow","NotAction":["iam:*","organizations:*","account:*"],"Resource":"*"},
        {"Effect":"Allow","Action":["account:ListRegions","iam:CreateServiceLinkedRole","iam:ListRoles"],
         "Resource":"*"}]}"#;

    fn statement(text: &str) -> Grants {
        let grants = Grants::read(Some(&format!(r#"{{"Statement":{{{text}}}}}"#)));
        assert_ne!(grants, Grants::UNREAD, "{text}");
        grants
    }

    fn admin(text: &str) -> bool {
        statement(text).verdict(None) == Verdict::Yes
    }

    #[test]
    fn managed_policies_of_aws() {
        assert_eq!(Grants::read(Some(ADMINISTRATOR)).verdict(None), Verdict::Yes);
        assert_eq!(Grants::read(Some(IAM_FULL)).verdict(None), Verdict::Yes);
        assert_eq!(Grants::read(Some(POWER_USER)).verdict(None), Verdict::No);
        assert_eq!(Grants::default().verdict(None), Verdict::No);
    }

    #[test]
    fn resources_have_to_cover_every_name() {
        let cases = [
            (r#""arn:aws:iam::*:*""#, true),
            (r#""arn:*:iam::*:*""#, true),
            (r#""arn:aws-cn:iam::111122223333:*""#, true),
            (r#""arn:aws:iam::*""#, true),
            (r#"["arn:aws:iam::*:user/*","arn:aws:iam::*:role/*","arn:aws:iam::*:policy/*"]"#, true),
            (r#""arn:aws:iam::*:user/*""#, false),
            (r#"["arn:aws:iam::*:user/*/*","arn:aws:iam::*:role/*","arn:aws:iam::*:policy/*"]"#, false),
            (r#""arn:aws:iam::*:user/${aws:username}""#, false),
            (r#""arn:aws:s3:::*""#, false),
            (r#""arn:aws:iam::*:*/ops/*""#, false),
        ];
        for (resource, expected) in cases {
            assert_eq!(
                admin(&format!(r#""Effect":"Allow","Action":"iam:*","Resource":{resource}"#)),
                expected,
                "{resource}"
            );
        }
    }

    #[test]
    fn negated_lists_are_broad() {
        assert!(admin(r#""Effect":"Allow","NotAction":"s3:*","Resource":"*""#));
        assert!(!admin(r#""Effect":"Allow","NotAction":"IAM:passrole","Resource":"*""#));
        assert!(admin(r#""Effect":"Allow","Action":"*","NotResource":"arn:aws:s3:::secret/*""#));
        assert!(!admin(r#""Effect":"Allow","Action":"*","NotResource":"arn:aws:iam::*:role/*""#));
        assert!(!admin(r#""Effect":"Allow","Action":"*""#));
    }

    #[test]
    fn grants_of_several_documents_add_up() {
        let users = statement(r#""Effect":"Allow","Action":["iam:*User*","iam:*AccessKey*"],"Resource":"*""#);
        let roles = statement(r#""Effect":"Allow","Action":["iam:*Role*","iam:CreatePolicyVersion"],"Resource":"*""#);
        assert_eq!(users.verdict(None), Verdict::No);
        assert_eq!(roles.verdict(None), Verdict::No);
        assert_eq!(users.combine(roles).verdict(None), Verdict::Yes);
    }

    #[test]
    fn only_an_unconditional_deny_takes_away() {
        let all = Grants::read(Some(ADMINISTRATOR));
        let deny = |text: &str| all.combine(statement(&format!(r#""Effect":"Deny",{text}"#))).verdict(None);
        assert_eq!(deny(r#""Action":"iam:*","Resource":"*""#), Verdict::No);
        assert_eq!(deny(r#""NotAction":"s3:*","Resource":"*""#), Verdict::No);
        assert_eq!(deny(r#""Action":"s3:DeleteBucket","Resource":"*""#), Verdict::Yes);
        assert_eq!(deny(r#""Action":"iam:*","Resource":"arn:aws:iam::*:role/audit""#), Verdict::Yes);
        let unless_mfa = r#""NotAction":"iam:EnableMFADevice","Resource":"*",
            "Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}"#;
        assert_eq!(deny(unless_mfa), Verdict::Yes);
        let if_mfa = r#""Effect":"Allow","Action":"*","Resource":"*",
            "Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}"#;
        assert!(admin(if_mfa));
    }

    #[test]
    fn who_may_still_give_itself_everything_is_an_administrator() {
        let all = Grants::read(Some(ADMINISTRATOR));
        let deny = |actions: &str| statement(&format!(r#""Effect":"Deny","Action":[{actions}],"Resource":"*""#));
        for (action, _) in PROBES {
            assert_eq!(all.combine(deny(&format!(r#""{action}""#))).verdict(None), Verdict::Yes, "{action}");
        }
        let without = |left: &str| {
            let (granting, _) = PROBES.split_at(usize::from(SELF_GRANTING));
            let actions = granting.iter().filter(|(action, _)| *action != left);
            actions.map(|(action, _)| format!(r#""{action}""#)).collect::<Vec<_>>().join(",")
        };
        assert_eq!(all.combine(deny(&without("iam:PutUserPolicy"))).verdict(None), Verdict::Yes);
        assert_eq!(all.combine(deny(&without(""))).verdict(None), Verdict::No);
        // A boundary and the identity policies may each deny a part of them.
        let users = all.combine(deny(r#""iam:*User*""#));
        let others = all.combine(deny(r#""iam:*Role*","iam:CreatePolicyVersion""#));
        assert_eq!(users.verdict(Some(all)), Verdict::Yes);
        assert_eq!(users.verdict(Some(others)), Verdict::No);
    }

    #[test]
    fn a_boundary_has_to_allow_too() {
        let all = Grants::read(Some(ADMINISTRATOR));
        assert_eq!(all.verdict(Some(all)), Verdict::Yes);
        assert_eq!(all.verdict(Some(Grants::read(Some(POWER_USER)))), Verdict::No);
        assert_eq!(Grants::default().verdict(Some(all)), Verdict::No);
    }

    #[test]
    fn what_could_not_be_read_leaves_a_no_open() {
        let all = Grants::read(Some(ADMINISTRATOR));
        let few = Grants::read(Some(POWER_USER));
        let denied = statement(r#""Effect":"Deny","Action":"*","Resource":"*""#);
        assert_eq!(Grants::read(None), Grants::UNREAD);
        assert_eq!(Grants::read(Some("{")), Grants::UNREAD);
        assert_eq!(all.combine(Grants::UNREAD).verdict(None), Verdict::Yes);
        assert!(matches!(few.combine(Grants::UNREAD).verdict(None), Verdict::Unknown(_)));
        assert_eq!(denied.combine(Grants::UNREAD).verdict(None), Verdict::No);
        assert_eq!(Grants::UNREAD.verdict(Some(few)), Verdict::No);
        assert!(matches!(all.verdict(Some(Grants::UNREAD)), Verdict::Unknown(reason) if reason.contains("boundary")));
        assert_eq!(few.verdict(Some(Grants::UNREAD)), Verdict::No);
    }
}
