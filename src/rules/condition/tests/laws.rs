//! What holds of every condition, on users of whom everything, a part, or nothing is known.

use proptest::prelude::*;

use super::{False, True, Unknown, of_user};
use crate::model::{AccessKey, Fact, Gap, MfaKind, Password, User};
use crate::testing::{DEVICES, REPORT, at_least, device, inactive, key, user};

/// A condition that can be written down, so that one tree can be put in several frames.
#[derive(Debug, Clone)]
enum Tree {
    Leaf(&'static str),
    Not(Box<Self>),
    All(Vec<Self>),
    Any(Vec<Self>),
}

impl Tree {
    fn yaml(&self) -> String {
        let list = |parts: &[Self]| parts.iter().map(Self::yaml).collect::<Vec<_>>().join(", ");
        match self {
            Self::Leaf(text) => format!("{{ {text} }}"),
            Self::Not(part) => format!("{{ not: {} }}", part.yaml()),
            Self::All(parts) => format!("{{ all: [{}] }}", list(parts)),
            Self::Any(parts) => format!("{{ any: [{}] }}", list(parts)),
        }
    }
}

const LEAVES: [&str; 24] = [
    "console_access: true",
    "has_passkey: true",
    "active_access_keys: { gte: 1 }",
    "active_access_keys: { in: [0, 2] }",
    "mfa_devices: { count: { gte: 1 } }",
    "mfa_devices: { count: { gte: 2 } }",
    "mfa_devices: { count: { gt: 0, lte: 1 } }",
    "mfa_devices: { count: 1 }",
    "mfa_devices: { count: { ne: 1 } }",
    "mfa_devices: { count: { in: [0, 2] } }",
    "mfa_devices: { count: { not_in: [1, 3] } }",
    "mfa_devices: { some: { kind: virtual } }",
    "mfa_devices: { every: { kind: passkey } }",
    "mfa_devices: { none: { kind: { in: [sms, virtual] } } }",
    "access_keys: { none: { active: true, age: { older_than: 90d } } }",
    "access_keys: { some: { unused_since: { older_than: 90d } } }",
    "access_keys: { every: { not: { age: { newer_than: 90d } } } }",
    "password_unused_since: { older_than: 90d }",
    "password_last_changed: { exists: false }",
    "password_last_used: { newer_than: 30d }",
    "age: { older_than: 90d }",
    "groups: { contains: ops }",
    "groups: { every: { matches: 'o*' } }",
    "permissions_boundary: { exists: true }",
];

fn tree() -> impl Strategy<Value = Tree> {
    let leaf = prop::sample::select(&LEAVES[..]).prop_map(Tree::Leaf);
    leaf.prop_recursive(4, 16, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|part| Tree::Not(Box::new(part))),
            prop::collection::vec(inner.clone(), 1..4).prop_map(Tree::All),
            prop::collection::vec(inner, 1..4).prop_map(Tree::Any),
        ]
    })
}

fn days() -> impl Strategy<Value = Option<i64>> {
    prop::option::of(prop::sample::select(vec![1, 29, 31, 89, 90, 91, 400]))
}

fn keys() -> impl Strategy<Value = Vec<AccessKey>> {
    let one = (any::<bool>(), 1..400_i64, days()).prop_map(|(active, created, used)| {
        let key = key(Some(created), used.map(|days| days.min(created)));
        if active { key } else { inactive(key) }
    });
    prop::collection::vec(one, 0..3)
}

/// A user of whom everything is known.
fn whole() -> impl Strategy<Value = User> {
    let kinds = prop::sample::select(vec![MfaKind::Sms, MfaKind::Virtual, MfaKind::Passkey]);
    let groups = prop::sample::subsequence(vec!["ops", "dev", "oncall"], 0..=3);
    (any::<bool>(), days(), 1..400_i64, keys(), prop::collection::vec(kinds, 0..4), groups, any::<bool>()).prop_map(
        |(console, used, changed, keys, kinds, groups, bounded)| {
            let whole = user("a").devices(&kinds).keys(keys).authorized(|all| {
                all.groups = groups.into_iter().map(str::to_owned).collect();
                all.permissions_boundary = bounded.then(|| "arn:aws:iam::aws:policy/ReadOnlyAccess".to_owned());
            });
            if console { whole.signs_in(used, Some(changed)) } else { whole }
        },
    )
}

/// What is left of a list if only the first entries were seen, or none.
fn forget<T: Clone>(fact: &mut Fact<Vec<T>>, keep: usize, source: &str) {
    let seen: Vec<T> = fact.value().unwrap().iter().take(keep).cloned().collect();
    *fact = if keep == 3 { Fact::Unknown(Gap::not_asked(source)) } else { at_least(seen, source) };
}

/// The same user with less known: one bit of `mask` a thing to forget.
fn lessen(whole: &User, mask: u16, keep: usize) -> User {
    let forgets = |bit: u16| mask & (1 << bit) != 0;
    let unread = || Gap::failed(REPORT, "AccessDenied");
    let mut user = whole.clone();
    if forgets(0) {
        forget(&mut user.mfa_devices, keep, DEVICES);
    }
    if forgets(1) {
        user.access_keys.value_mut().unwrap().iter_mut().for_each(|key| key.created = None);
    }
    if forgets(2) {
        forget(&mut user.access_keys, keep, "iam:ListAccessKeys");
    }
    if forgets(3)
        && let Some(Password { last_changed, .. }) = user.password.value_mut()
    {
        *last_changed = None;
    }
    if forgets(4) {
        user.password = Fact::Unknown(unread());
    }
    if forgets(5) {
        user.console_access = Fact::Unknown(unread());
    }
    if forgets(6) {
        user.created = None;
    }
    if forgets(7) {
        user.authorization = Fact::Unknown(unread());
    }
    user
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// More information only ever settles an unknown: it never turns a pass into a failure or back.
    #[test]
    fn outcomes_are_monotone_in_information(tree in tree(), user in whole(), mask in any::<u16>(), keep in 0..4_usize) {
        let condition = tree.yaml();
        let (less, more) = (of_user(&condition, &lessen(&user, mask, keep)), of_user(&condition, &user));
        prop_assert_ne!(more, Unknown, "everything is known");
        prop_assert!(less == Unknown || less == more, "{} became {:?} from {:?}", condition, more, less);
    }

    #[test]
    fn de_morgan_double_negation_and_order(trees in prop::collection::vec(tree(), 1..4), user in whole(), mask in any::<u16>(), keep in 0..4_usize) {
        let user = lessen(&user, mask, keep);
        let outcome = |tree: &Tree| of_user(&tree.yaml(), &user);
        let not = |tree: &Tree| Tree::Not(Box::new(tree.clone()));
        let negated: Vec<Tree> = trees.iter().map(not).collect();
        let reversed: Vec<Tree> = trees.iter().rev().cloned().collect();
        let (all, any) = (outcome(&Tree::All(trees.clone())), outcome(&Tree::Any(trees.clone())));
        prop_assert_eq!(all.negated(), outcome(&Tree::Any(negated.clone())));
        prop_assert_eq!(any.negated(), outcome(&Tree::All(negated)));
        prop_assert_eq!(all, outcome(&Tree::All(reversed.clone())));
        prop_assert_eq!(any, outcome(&Tree::Any(reversed)));
        prop_assert_eq!(outcome(&trees[0]), outcome(&not(&not(&trees[0]))));
        prop_assert!(!(all == True && any == False));
    }

    /// `every` and `none` are the two sides of `some`.
    #[test]
    fn quantifiers_are_each_others_negation(user in whole(), mask in any::<u16>(), keep in 0..4_usize, test in prop::sample::select(vec!["active: true", "age: { older_than: 90d }", "last_used: { exists: true }"])) {
        let user = lessen(&user, mask, keep);
        let some = of_user(&format!("{{ access_keys: {{ some: {{ {test} }} }} }}"), &user);
        prop_assert_eq!(some.negated(), of_user(&format!("{{ access_keys: {{ none: {{ {test} }} }} }}"), &user));
        prop_assert_eq!(some.negated(), of_user(&format!("{{ access_keys: {{ every: {{ not: {{ {test} }} }} }} }}"), &user));
    }
}

/// The generators reach what they are for: all three outcomes, before and after the completion.
#[test]
fn the_users_of_these_laws_reach_all_outcomes() {
    let whole = user("a").signs_in(None, Some(91)).devices(&[MfaKind::Virtual, MfaKind::Passkey]);
    let part = lessen(&whole, 1, 1);
    assert_eq!(part.mfa_devices.value().unwrap(), &[device(MfaKind::Virtual)]);
    assert_eq!(of_user("{ mfa_devices: { count: { gte: 2 } } }", &part), Unknown);
    assert_eq!(of_user("{ mfa_devices: { every: { kind: passkey } } }", &part), False);
    assert_eq!(of_user("{ password_unused_since: { older_than: 90d } }", &whole), True);
    assert_eq!(of_user("{ password_unused_since: { older_than: 90d } }", &lessen(&whole, 8, 0)), Unknown);
}
