//! The principals that a statement names, and whether the caller is among them.

use crate::iam::document::{Principal, Principals};
use crate::iam::notes::Notes;
use crate::iam::truth::Truth;

use super::caller::{Account, CallerIdentity, Kind, is_account};

/// Whom a statement is about.
#[derive(Debug, Clone)]
pub(super) struct Named {
    entries: Box<[Entry]>,
    except: bool,
}

/// One principal in the list.
#[derive(Debug, Clone)]
enum Entry {
    /// `*`, or `{"AWS": "*"}`.
    Anyone,
    /// An account; the partition is not told by an id alone.
    Account {
        partition: Option<Box<str>>,
        id: Box<str>,
    },
    /// A user, a role, a session or a federated user.
    Caller(CallerIdentity),
    /// The unique id of a principal that was deleted.
    Deleted,
    /// An id that S3 gives to an account.
    Canonical,
    Service(Box<str>),
    Federated(Box<str>),
    /// What AWS does not accept, for this reason.
    Malformed(Box<str>),
}

impl Named {
    /// Compiles `Principal` or `NotPrincipal`.
    pub(super) fn new(principals: &Principals) -> Self {
        let (principal, except) = match principals {
            Principals::Listed(principal) => (principal, false),
            Principals::Except(principal) => (principal, true),
        };
        Self { entries: entries(principal).collect(), except }
    }

    /// Why AWS does not accept the list, if it does not.
    pub(super) fn fault(&self) -> Option<&str> {
        self.entries.iter().find_map(|entry| match entry {
            Entry::Malformed(reason) => Some(reason.as_ref()),
            _ => None,
        })
    }

    /// Whether an `Allow` with it is about `caller`.
    ///
    /// `*` is any principal of AWS there: whether it is also services and those of identity providers is documented
    /// nowhere, and so not known.
    pub(super) fn allows(&self, caller: &CallerIdentity, notes: &mut impl Notes) -> Truth {
        let mut listed = self.lists(caller, notes);
        let anyone = self.entries.iter().any(|entry| matches!(entry, Entry::Anyone));
        if anyone && caller.account().is_none() && listed == Truth::Yes && !self.lists_name(caller) {
            notes.unknown("whether `*` also means services and identity providers is not documented");
            listed = Truth::Unknown;
        }
        if self.except { !listed } else { listed }
    }

    /// Whether a `Deny` with it is about `caller`.
    pub(super) fn denies(&self, caller: &CallerIdentity, notes: &mut impl Notes) -> Truth {
        if self.except { !self.spares(caller, notes) } else { self.lists(caller, notes) }
    }

    /// Whether it names the caller itself, not only its account or everybody.
    pub(super) fn lists_name(&self, caller: &CallerIdentity) -> bool {
        !self.except && self.entries.iter().any(|entry| entry.is(caller) == Truth::Yes && entry.is_one())
    }

    /// The accounts that it names, or whose principals.
    pub(super) fn accounts(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().filter_map(|entry| match entry {
            Entry::Account { id, .. } => Some(id.as_ref()),
            Entry::Caller(caller) => caller.account().map(|account| account.id.as_ref()),
            _ => None,
        })
    }

    /// The ARNs of the users that it names.
    pub(super) fn users(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().filter_map(|entry| match entry {
            Entry::Caller(caller) if matches!(caller.kind, Kind::User(_)) => Some(caller.name()),
            _ => None,
        })
    }

    fn lists(&self, caller: &CallerIdentity, notes: &mut impl Notes) -> Truth {
        let mut result = Truth::No;
        for entry in &self.entries {
            result = result.max(entry.is(caller));
        }
        if result == Truth::Unknown {
            self.tell_why(caller, notes);
        }
        result
    }

    fn tell_why(&self, caller: &CallerIdentity, notes: &mut impl Notes) {
        for entry in &self.entries {
            match entry {
                Entry::Malformed(reason) => notes.unknown(reason),
                Entry::Canonical => notes.unknown("which account a canonical user id belongs to is not known"),
                Entry::Caller(_) if entry.is(caller) == Truth::Unknown => {
                    notes.unknown("it names one session of the role, and which session calls is not said");
                }
                _ => {}
            }
        }
    }

    /// Whether `NotPrincipal` keeps the caller out of a `Deny`: its account has to be listed beside it, and of a session
    /// also the role (IAM User Guide, `reference_policies_elements_notprincipal`). Where only a part is, the page says
    /// that AWS "might" deny: not known. The account alone spares its root user, and nobody else.
    fn spares(&self, caller: &CallerIdentity, notes: &mut impl Notes) -> Truth {
        let has = |test: &dyn Fn(&Entry) -> bool| self.entries.iter().any(test);
        if has(&|entry| matches!(entry, Entry::Anyone)) {
            return Truth::Yes;
        }
        let Some(account) = caller.account() else { return self.lists(caller, notes) };
        let whole = has(&|entry| entry.is_account(account));
        let of_role = |entry: &Entry, session: bool| match entry {
            Entry::Caller(listed) => is_of_role(listed, caller, session),
            _ => false,
        };
        let (named, complete) = match &caller.kind {
            Kind::Root(_) => (whole, true),
            Kind::Session { .. } => {
                let (role, session) = (has(&|entry| of_role(entry, false)), has(&|entry| of_role(entry, true)));
                let own = has(&|entry| entry.is_one() && !of_role(entry, false) && entry.is(caller) == Truth::Yes);
                (role || session && self.may_be_session(caller), role && (own || !session))
            }
            _ => {
                let own = has(&|entry| entry.is_one() && entry.is(caller) == Truth::Yes);
                (own, own)
            }
        };
        match (named, complete && whole) {
            (true, true) => Truth::Yes,
            (true, false) => {
                notes.unknown("`NotPrincipal` does not list the account, the role and the session all together");
                Truth::Unknown
            }
            (false, _) if has(&|entry| matches!(entry, Entry::Malformed(_) | Entry::Canonical)) => {
                self.tell_why(caller, notes);
                Truth::Unknown
            }
            (false, _) => Truth::No,
        }
    }

    fn may_be_session(&self, caller: &CallerIdentity) -> bool {
        self.entries.iter().any(|entry| entry.is_one() && entry.is(caller) != Truth::No)
    }
}

impl Entry {
    /// Whether the caller is it.
    fn is(&self, caller: &CallerIdentity) -> Truth {
        match self {
            Self::Anyone => Truth::Yes,
            Self::Account { .. } => caller.account().is_some_and(|account| self.is_account(account)).into(),
            Self::Caller(listed) => is_listed(listed, caller),
            Self::Deleted => Truth::No,
            Self::Canonical if caller.account().is_none() => Truth::No,
            Self::Canonical | Self::Malformed(_) => Truth::Unknown,
            Self::Service(name) => (caller.kind == Kind::Service && name.eq_ignore_ascii_case(caller.name())).into(),
            Self::Federated(name) => (caller.kind == Kind::Federated && **name == *caller.name()).into(),
        }
    }

    fn is_account(&self, account: &Account) -> bool {
        let Self::Account { partition, id } = self else { return false };
        *id == account.id && partition.as_ref().is_none_or(|partition| *partition == account.partition)
    }

    /// Whether it names one principal.
    const fn is_one(&self) -> bool {
        matches!(self, Self::Caller(_) | Self::Service(_) | Self::Federated(_))
    }
}

fn is_listed(listed: &CallerIdentity, caller: &CallerIdentity) -> Truth {
    match (&listed.kind, &caller.kind) {
        (
            Kind::Session { account, role, session },
            Kind::Session { account: own, role: own_role, session: own_session },
        ) => {
            // Of the sessions of a role, its path is not told; role names are unique in an account without it.
            if account != own || role != own_role {
                return Truth::No;
            }
            match (session, own_session) {
                (None, _) => Truth::Yes,
                (Some(_), None) => Truth::Unknown,
                (Some(listed), Some(own)) => (listed == own).into(),
            }
        }
        _ => (listed == caller).into(),
    }
}

/// Whether `listed` is the role of the session `caller`, or one of the sessions of that role.
fn is_of_role(listed: &CallerIdentity, caller: &CallerIdentity, session: bool) -> bool {
    match (&listed.kind, &caller.kind) {
        (Kind::Session { account, role, session: name }, Kind::Session { account: own, role: own_role, .. }) => {
            account == own && role == own_role && name.is_some() == session
        }
        _ => false,
    }
}

fn entries(principal: &Principal) -> impl Iterator<Item = Entry> {
    let anyone = principal.everyone.then_some(Entry::Anyone);
    let aws = principal.aws.iter().map(|text| aws(text));
    let service = principal.service.iter().map(|name| whole(name, Entry::Service));
    let federated = principal.federated.iter().map(|name| whole(name, Entry::Federated));
    let canonical = principal.canonical_user.iter().map(|_| Entry::Canonical);
    anyone.into_iter().chain(aws).chain(service).chain(federated).chain(canonical)
}

fn aws(text: &str) -> Entry {
    if text == "*" {
        return Entry::Anyone;
    }
    if is_account(text) {
        return Entry::Account { partition: None, id: text.into() };
    }
    if is_deleted(text) {
        return Entry::Deleted;
    }
    let read = |text: &str| match CallerIdentity::from_arn(text) {
        Some(CallerIdentity { kind: Kind::Root(account), .. }) => {
            Entry::Account { partition: Some(account.partition), id: account.id }
        }
        Some(caller) => Entry::Caller(caller),
        None => Entry::Malformed(format!("`{text}` is no principal").into()),
    };
    whole(text, |text| read(&text))
}

/// Wildcards match no part of a principal (IAM User Guide, `reference_policies_elements_principal`).
fn whole(text: &str, entry: impl FnOnce(Box<str>) -> Entry) -> Entry {
    if text.contains(['*', '?']) {
        return Entry::Malformed(format!("`{text}`: a principal has no wildcards in it").into());
    }
    entry(text.into())
}

/// Whether it is the unique id of a user or role: what AWS shows of a principal that was deleted.
fn is_deleted(text: &str) -> bool {
    let id = text.strip_prefix("AIDA").or_else(|| text.strip_prefix("AROA"));
    id.is_some_and(|id| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit()))
}
