//! Who may assume a role, told by its trust policy.

mod caller;
mod named;
mod policy;
#[cfg(test)]
mod table;
mod users;

pub use caller::CallerIdentity;
pub use policy::{TRUST_ACTIONS, TrustPolicy};

use super::document::{Document, Effect, Principal};

/// Web identity providers that a trust policy names without an ARN
/// (IAM User Guide, `reference_policies_elements_principal`).
const WEB_IDENTITY_PROVIDERS: [&str; 4] =
    ["accounts.google.com", "cognito-identity.amazonaws.com", "graph.facebook.com", "www.amazon.com"];

/// The kinds of principals that `Allow` statements of a trust policy name, whatever their conditions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "a set of five members, each asked for by its name")]
pub struct TrustKinds {
    /// A SAML provider.
    pub saml: bool,
    /// An OIDC provider of the account, or a well-known web identity provider.
    pub oidc: bool,
    /// A service of AWS.
    pub service: bool,
    /// Named accounts, users, roles or sessions.
    pub aws: bool,
    /// Any principal of any account: `*`.
    pub anyone: bool,
}

/// The kinds that the trust policy `text` names; none if it cannot be read.
#[must_use]
pub fn kinds_of(text: &str) -> TrustKinds {
    Document::parse(text).map(|document| TrustKinds::of(&document)).unwrap_or_default()
}

impl TrustKinds {
    /// The kinds that a trust policy names.
    #[must_use]
    pub fn of(document: &Document) -> Self {
        let allows = document.statements.iter().filter(|statement| statement.effect == Effect::Allow);
        allows.filter_map(|statement| statement.principals()).fold(Self::default(), Self::with)
    }

    fn with(self, principal: &Principal) -> Self {
        let has_star = principal.aws.iter().any(|aws| aws == "*");
        Self {
            saml: self.saml || principal.federated.iter().any(|provider| provider.contains(":saml-provider/")),
            oidc: self.oidc || principal.federated.iter().any(|provider| is_oidc(provider)),
            service: self.service || !principal.service.is_empty(),
            aws: self.aws || principal.aws.iter().any(|aws| aws != "*"),
            anyone: self.anyone || principal.everyone || has_star,
        }
    }
}

fn is_oidc(provider: &str) -> bool {
    provider.contains(":oidc-provider/") || WEB_IDENTITY_PROVIDERS.contains(&provider)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(principal: &str) -> TrustKinds {
        kinds_of(&format!(
            r#"{{"Statement":[{{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{principal}}}]}}"#
        ))
    }

    #[test]
    fn each_kind_by_its_form() {
        let none = TrustKinds::default();
        let saml = TrustKinds { saml: true, ..none };
        let oidc = TrustKinds { oidc: true, ..none };
        let cases = [
            (r#"{"Federated":"arn:aws:iam::111122223333:saml-provider/Okta"}"#, saml),
            (r#"{"Federated":"arn:aws-cn:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"}"#, oidc),
            (r#"{"Federated":"cognito-identity.amazonaws.com"}"#, oidc),
            (r#"{"Service":["ec2.amazonaws.com","lambda.amazonaws.com"]}"#, TrustKinds { service: true, ..none }),
            (r#"{"AWS":"arn:aws:iam::111122223333:root"}"#, TrustKinds { aws: true, ..none }),
            (r#"{"AWS":["*","111122223333"]}"#, TrustKinds { aws: true, anyone: true, ..none }),
            (r#""*""#, TrustKinds { anyone: true, ..none }),
            ("{}", none),
        ];
        for (principal, expected) in cases {
            assert_eq!(kinds(principal), expected, "{principal}");
        }
    }

    #[test]
    fn only_what_is_allowed_counts() {
        let text = r#"{"Statement":[{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRole"},
            {"Effect":"Allow","NotPrincipal":{"AWS":"111122223333"},"Action":"sts:AssumeRole"}]}"#;
        assert_eq!(kinds_of(text), TrustKinds::default());
        assert_eq!(kinds_of("no policy"), TrustKinds::default());
    }

    #[test]
    fn statements_add_up() {
        let text = r#"{"Statement":[
            {"Effect":"Allow","Principal":{"Service":"ecs.amazonaws.com"},"Action":"sts:AssumeRole"},
            {"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::111122223333:saml-provider/x"},
             "Action":"sts:AssumeRoleWithSAML",
             "Condition":{"StringEquals":{"SAML:aud":"https://signin.aws.amazon.com/saml"}}}]}"#;
        assert_eq!(kinds_of(text), TrustKinds { saml: true, service: true, ..TrustKinds::default() });
    }
}
