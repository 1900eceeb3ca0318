//! The twelve accounts of Acme: what each is for, and what is wrong with it.

/// What an account is to look like.
pub(crate) struct Plan {
    /// Twelve digits that no account of AWS has, one hopes.
    pub(crate) id: &'static str,
    /// Its name in Organizations.
    pub(crate) name: &'static str,
    /// Where it sits below the organization's root.
    pub(crate) ou: &'static str,
    /// How many users have names of people.
    pub(crate) people: usize,
    /// How many have names of programs.
    pub(crate) robots: usize,
    /// Root's credentials.
    pub(crate) root: RootState,
    /// Its password policy.
    pub(crate) passwords: Passwords,
    /// What goes wrong when it is read.
    pub(crate) trouble: Trouble,
}

/// What root can sign in with.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum RootState {
    /// Nothing: a member account under centralised root access.
    Nothing,
    /// A password and a device that is not virtual.
    Hardware,
    /// A password and a virtual device.
    Virtual,
    /// A password alone.
    PasswordOnly,
    /// A password, a virtual device, and an access key.
    AccessKey,
}

/// A password policy.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Passwords {
    /// What the benchmarks ask for.
    Good,
    /// Short, and expiring.
    Expiring,
    /// Short.
    Weak,
    /// None: IAM's defaults.
    Absent,
}

/// What goes wrong when an account is read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// Nothing.
    Nothing,
    /// `iam:ListMFADevices` is denied.
    DevicesDenied,
    /// There is no credential report; single calls told most of it.
    NoReport,
    /// The role cannot be assumed.
    NotEntered,
    /// The account is suspended.
    Suspended,
}

/// Organizational units, below the root.
pub(crate) const CORE: &str = "ou-acm1-core0001/";
const PROD: &str = "ou-acm1-work0001/ou-acm1-prod0001/";
const STAGE: &str = "ou-acm1-work0001/ou-acm1-stag0001/";
const DEV: &str = "ou-acm1-work0001/ou-acm1-deve0001/";
const PARTNER: &str = "ou-acm1-work0001/ou-acm1-part0001/";
const ACQUIRED: &str = "ou-acm1-acqu0001/";

/// A name that Organizations takes, and that would run in a report which does not escape it.
const HOSTILE: &str = r#"Acme <script>alert("x")</script> & Sons"#;

/// The accounts, by id.
#[rustfmt::skip] // one account a row
pub(crate) const ACCOUNTS: [Plan; 12] = {
    use {Passwords as P, RootState as R, Trouble as T};
    [
        plan("111111111101", "Acme Management", "", (11, 3), R::Hardware, P::Good, T::Nothing),
        plan("111111111102", "Acme Security", CORE, (10, 3), R::Nothing, P::Good, T::Nothing),
        plan("111111111103", "Acme Log Archive", CORE, (3, 2), R::Nothing, P::Good, T::Nothing),
        plan("111111111104", "Acme Shared Services", "ou-acm1-infr0001/", (24, 9), R::Virtual, P::Good, T::Nothing),
        plan("111111111105", "Acme Production", PROD, (38, 14), R::Nothing, P::Good, T::Nothing),
        plan("111111111106", "Acme Staging", STAGE, (27, 8), R::Virtual, P::Expiring, T::Nothing),
        plan("111111111107", "Acme Development", DEV, (62, 11), R::PasswordOnly, P::Weak, T::Nothing),
        plan("111111111108", "Acme Data Platform", PROD, (22, 7), R::Nothing, P::Good, T::DevicesDenied),
        plan("111111111109", "Acme Sandbox", "ou-acm1-sand0001/", (21, 4), R::AccessKey, P::Weak, T::NoReport),
        plan("111111111110", HOSTILE, ACQUIRED, (19, 6), R::Virtual, P::Absent, T::Nothing),
        plan("111111111111", "Acme Old Website", ACQUIRED, (0, 0), R::Nothing, P::Absent, T::Suspended),
        plan("111111111112", "Acme Partner Integration", PARTNER, (0, 0), R::Nothing, P::Absent, T::NotEntered),
    ]
};

const fn plan(
    id: &'static str,
    name: &'static str,
    ou: &'static str,
    (people, robots): (usize, usize),
    root: RootState,
    passwords: Passwords,
    trouble: Trouble,
) -> Plan {
    Plan { id, name, ou, people, robots, root, passwords, trouble }
}

impl Plan {
    /// Whether it is the organization's management account.
    pub(crate) const fn is_management(&self) -> bool {
        self.ou.is_empty()
    }

    /// Whether it is the account of a company that Acme bought, with the names that it chose.
    pub(crate) fn is_hostile(&self) -> bool {
        self.name.contains('<')
    }

    /// The ARN of one of its IAM resources.
    pub(crate) fn arn(&self, resource: &str) -> String {
        format!("arn:aws:iam::{}:{resource}", self.id)
    }
}
