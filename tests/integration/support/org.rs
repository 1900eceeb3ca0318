//! A seeded organization and the truth about it: what `tests/servers/seed_org.py` made, told back by it.

use serde::Deserialize;
use serde_json::json;

use super::boto::Credentials;
use super::server::Moto;

/// The organization: management account first, then members in the order they were made.
#[derive(Debug, Deserialize)]
pub(crate) struct Org {
    /// Id of the root of the tree of organizational units.
    pub(crate) root: String,
    /// Id of the management account.
    pub(crate) management: String,
    /// The user that the program runs as.
    pub(crate) hub: Hub,
    /// All accounts, the suspended one (the last) included.
    pub(crate) accounts: Vec<Account>,
    /// All organizational units and the root, whose path is empty.
    pub(crate) ous: Vec<Unit>,
}

/// A user of the management account without a password, with one access key.
#[derive(Debug, Deserialize)]
pub(crate) struct Hub {
    /// Its ARN.
    pub(crate) arn: String,
    access_key_id: String,
    secret_access_key: String,
}

/// An organizational unit.
#[derive(Debug, Deserialize)]
pub(crate) struct Unit {
    /// `ou-…`, or `r-…` for the root.
    pub(crate) id: String,
    /// Names from below the root down.
    pub(crate) path: Vec<String>,
}

/// An account. A suspended one is empty.
#[derive(Debug, Deserialize)]
pub(crate) struct Account {
    /// Twelve digits.
    pub(crate) id: String,
    /// One of them is hostile to HTML, CSV and terminals.
    pub(crate) name: String,
    /// Id of the unit that it is in.
    pub(crate) ou: String,
    /// Names of the units above it.
    pub(crate) ou_path: Vec<String>,
    /// `ACTIVE` or `SUSPENDED`.
    pub(crate) state: String,
    /// Absent where the account has none.
    pub(crate) password_policy: Option<PasswordPolicy>,
    /// Absent in the suspended account.
    pub(crate) root: Option<Root>,
    /// Roles of Identity Center.
    #[serde(default)]
    pub(crate) sso_roles: usize,
    /// Roles that trust the SAML provider directly (those of Identity Center apart).
    #[serde(default)]
    pub(crate) saml_trusts: usize,
    /// Roles that trust an OIDC provider.
    #[serde(default)]
    pub(crate) oidc_trusts: usize,
    /// In the order of moto's lists.
    #[serde(default)]
    pub(crate) users: Vec<User>,
    /// Serials of the virtual devices without a user, sorted.
    #[serde(default)]
    pub(crate) orphans: Vec<String>,
    /// ARNs of the console users without any device, sorted.
    #[serde(default)]
    pub(crate) failing: Vec<String>,
}

/// The parts of a password policy that rules look at.
#[derive(Debug, Deserialize)]
pub(crate) struct PasswordPolicy {
    /// 14 is strict, 6 is weak.
    pub(crate) minimum_length: u32,
    /// Absent if not set.
    pub(crate) reuse_prevention: Option<u32>,
}

/// The root user.
#[derive(Debug, Deserialize)]
pub(crate) struct Root {
    /// `virtual`, `hardware` or `none`.
    pub(crate) kind: String,
    /// What `AccountMFAEnabled` says.
    pub(crate) mfa_enabled: bool,
}

/// A user.
#[derive(Debug, Deserialize)]
pub(crate) struct User {
    /// Its name.
    pub(crate) name: String,
    /// Its ARN, path included.
    pub(crate) arn: String,
    /// Which row of the seeder's table made it, such as `removed` or `robot`.
    pub(crate) kind: String,
    /// Has a login profile.
    pub(crate) console: bool,
    /// Kinds of its devices: `virtual`, `hardware-totp`, `passkey`, `sms`.
    pub(crate) mfa: Vec<String>,
    /// Its access keys.
    pub(crate) keys: Vec<Key>,
    /// How it is an administrator, empty if it is none: `group`, `attached`, `customer-policy`.
    pub(crate) admin: Vec<String>,
}

/// An access key.
#[derive(Debug, Deserialize)]
pub(crate) struct Key {
    /// `AKIA…`.
    pub(crate) id: String,
    /// Active or not.
    pub(crate) active: bool,
    /// Days since it was made.
    pub(crate) age_days: u32,
    /// Days since it was used; absent if never.
    pub(crate) last_used_days: Option<u32>,
}

/// How much to seed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    /// Member accounts, the last of which is suspended. At least 6 to have every kind of unit.
    pub(crate) accounts: usize,
    /// Users over all active accounts, the management account included.
    pub(crate) users: usize,
}

impl Org {
    /// Make the organization in an empty moto.
    pub(crate) fn seed(moto: &Moto, size: Size) -> Self {
        let truth = moto.harness("/harness/seed", &json!({"accounts": size.accounts, "users": size.users}));
        serde_json::from_value(truth).expect("the seeder's truth")
    }

    /// The key of the hub user.
    pub(crate) fn credentials(&self) -> Credentials {
        Credentials::new(&self.hub.access_key_id, &self.hub.secret_access_key)
    }

    /// The accounts that a scan must read.
    pub(crate) fn active(&self) -> impl Iterator<Item = &Account> {
        self.accounts.iter().filter(|account| account.state == "ACTIVE")
    }

    /// ARNs of all console users without any device, sorted.
    pub(crate) fn failing(&self) -> Vec<String> {
        let mut arns: Vec<_> = self.active().flat_map(|account| account.failing.iter().cloned()).collect();
        arns.sort();
        arns
    }
}
