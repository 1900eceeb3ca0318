//! What a request carries of MFA, by the way its sender signed in.
//!
//! The key `aws:MultiFactorAuthPresent` is absent for long-term access keys and for federated sessions, `false` for a
//! console session without MFA, for a `GetSessionToken` session without it, and for calls that a service makes with a
//! user's credentials (forward access sessions), and `true` once a code was given (IAM User Guide,
//! `reference_policies_condition-keys`).

use super::context::Context;

/// A way to be signed in, as far as policies can tell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MfaContext {
    /// An access key of the user itself: the keys of MFA are absent.
    LongTermKey,
    /// A console session without MFA.
    ConsoleWithoutMfa,
    /// A session of `sts:GetSessionToken` without a code. AWS lets it call nothing of IAM, and of STS only `AssumeRole`
    /// and `GetCallerIdentity`, whatever policies say.
    SessionWithoutMfa,
    /// A service that works for the user with the user's credentials; so also when the user signed in with MFA.
    ForwardedAccess,
    /// A console session with MFA, or a session of `sts:GetSessionToken` with a code.
    WithMfa,
    /// A session of a role: whether AWS tells of MFA then is not documented without contradiction, so nothing is said
    /// of it.
    RoleSession,
    /// A session of somebody who came through SAML or OIDC: the keys of MFA are absent.
    Federated,
}

/// The key that says whether the sender gave a code.
pub const PRESENT: &str = "aws:MultiFactorAuthPresent";
/// The key that says how many seconds ago.
pub const AGE: &str = "aws:MultiFactorAuthAge";
/// The key that says whether a service makes the call for somebody.
pub const VIA_SERVICE: &str = "aws:ViaAWSService";

/// What no policy of a principal can deny: AWS answers `GetCallerIdentity` even then, and `GetSessionToken` asks for no
/// permission (STS API reference; IAM User Guide, `id_credentials_temp_control-access_getsessiontoken`).
pub const NEVER_DENIED: [&str; 2] = ["sts:GetCallerIdentity", "sts:GetSessionToken"];

impl MfaContext {
    /// The ways in which an IAM user calls AWS directly without MFA.
    pub const DIRECT_WITHOUT: [Self; 3] = [Self::LongTermKey, Self::ConsoleWithoutMfa, Self::SessionWithoutMfa];

    /// The condition keys of MFA in this context, in a context that says nothing else.
    ///
    /// An age of 0 seconds stands for a code that was given just now.
    #[must_use]
    pub fn keys(self) -> Context {
        let context = Context::new();
        let absent = |context: Context| context.without(PRESENT).without(AGE);
        match self {
            Self::LongTermKey | Self::Federated => absent(context).with(VIA_SERVICE, "false"),
            Self::ConsoleWithoutMfa | Self::SessionWithoutMfa => {
                context.with(PRESENT, "false").without(AGE).with(VIA_SERVICE, "false")
            }
            Self::ForwardedAccess => context.with(PRESENT, "false").without(AGE).with(VIA_SERVICE, "true"),
            Self::WithMfa => context.with(PRESENT, "true").with(AGE, "0").with(VIA_SERVICE, "false"),
            Self::RoleSession => context.with(VIA_SERVICE, "false"),
        }
    }

    /// Whether AWS itself refuses `action` in this context, before any policy is asked.
    #[must_use]
    pub fn is_refused_by_aws(self, action: &str) -> bool {
        if self != Self::SessionWithoutMfa {
            return false;
        }
        let (service, name) = action.split_once(':').unwrap_or((action, ""));
        let is = |expected: &str| name.eq_ignore_ascii_case(expected);
        service.eq_ignore_ascii_case("iam")
            || service.eq_ignore_ascii_case("sts") && !is("AssumeRole") && !is("GetCallerIdentity")
    }

    /// What it is, for people.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::LongTermKey => "access key",
            Self::ConsoleWithoutMfa => "console without MFA",
            Self::SessionWithoutMfa => "session token without MFA",
            Self::ForwardedAccess => "call by a service for the user",
            Self::WithMfa => "signed in with MFA",
            Self::RoleSession => "role session",
            Self::Federated => "federated session",
        }
    }
}

#[cfg(test)]
mod tests;
