//! How long it takes to judge users: `cargo bench --no-default-features --bench evaluate`.
//!
//! The users are those of the bundled example, repeated; a million of them are judged by all rules of all built-in packs.

use std::hint::black_box;
use std::path::Path;

use divan::counter::ItemsCount;
use portcullis::evaluate;
use portcullis::iam::guard::Variant;
use portcullis::model::{AccountFacts, AttachedPolicy, Fact, Group, ManagedPolicy, User};
use portcullis::rules::{RuleSet, builtin, load};
use portcullis::snapshot::Reader;

#[global_allocator]
static ALLOCATOR: divan::AllocProfiler<mimalloc::MiMalloc> = divan::AllocProfiler::new(mimalloc::MiMalloc);

const USERS_AN_ACCOUNT: usize = 5_000;
const ACCOUNTS: usize = 200;

fn main() {
    divan::main();
}

fn example() -> Vec<AccountFacts> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/acme.jsonl");
    let reader = Reader::open(&path).unwrap_or_else(|error| unreachable!("{error}"));
    reader.filter_map(|raw| raw.ok()?.parse().ok()).collect()
}

/// The example's production account with as many users as IAM allows, all of whom have a device or none has.
fn account(compliant: bool) -> AccountFacts {
    let mut accounts = example();
    let mut facts = accounts.swap_remove(4);
    let is_kept = |user: &&User| user.mfa_devices.value().is_some_and(|devices| devices.is_empty() != compliant);
    let kept: Vec<User> = facts.users.value().into_iter().flatten().filter(is_kept).cloned().collect();
    let users: Vec<User> = kept.into_iter().cycle().take(USERS_AN_ACCOUNT).collect();
    if let (Some(origin), true) = (facts.users.origin().cloned(), !users.is_empty()) {
        facts.users = Fact::known(users, origin);
    }
    facts
}

fn rules() -> RuleSet {
    let sources: Vec<_> = builtin::names().into_iter().filter_map(builtin::pack).collect();
    load(&sources).unwrap_or_else(|_| unreachable!("built-in packs are right"))
}

/// A million users, five thousand an account, by all rules; `compliant` users give few findings, the others many.
#[divan::bench(args = [true, false], sample_count = 5, sample_size = 1)]
fn a_million_users(bencher: divan::Bencher<'_, '_>, compliant: bool) {
    let (facts, rules) = (account(compliant), rules());
    let now = "2026-11-20T06:00:00Z".parse().unwrap_or_default();
    bencher.counter(ItemsCount::new(USERS_AN_ACCOUNT * ACCOUNTS)).bench_local(|| {
        for _ in 0..ACCOUNTS {
            black_box(evaluate::account(&rules, black_box(&facts), now));
        }
    });
}

/// How many accounts are judged by the rules that ask the policy evaluator.
const ENFORCED_ACCOUNTS: usize = 2_000;
/// How many users each of them has.
const ENFORCED_USERS: usize = 200;

/// What users of an organization hold beside the guard: mostly policies of AWS, and one of their own for their devices.
const HELD: [(&str, &str); 6] = [
    (
        "arn:aws:iam::aws:policy/PowerUserAccess",
        r#"[{"Effect":"Allow","NotAction":["iam:*","organizations:*",
        "account:*"],"Resource":"*"},{"Effect":"Allow","Action":["iam:CreateServiceLinkedRole","iam:ListRoles",
        "organizations:DescribeOrganization","account:ListRegions"],"Resource":"*"}]"#,
    ),
    (
        "arn:aws:iam::aws:policy/ReadOnlyAccess",
        r#"[{"Effect":"Allow","Action":["acm:Get*","athena:List*",
        "cloudwatch:Get*","ec2:Describe*","ecr:Get*","iam:Get*","iam:List*","lambda:List*","logs:Get*","rds:Describe*",
        "s3:Get*","s3:List*","sns:Get*","sqs:List*","sts:GetCallerIdentity"],"Resource":"*"}]"#,
    ),
    (
        "arn:aws:iam::aws:policy/AmazonS3FullAccess",
        r#"[{"Effect":"Allow","Action":["s3:*","s3-object-lambda:*"],
        "Resource":"*"}]"#,
    ),
    (
        "arn:aws:iam::aws:policy/CloudWatchLogsFullAccess",
        r#"[{"Effect":"Allow","Action":["logs:*",
        "cloudwatch:GenerateQuery"],"Resource":"*"}]"#,
    ),
    (
        "arn:aws:iam::aws:policy/IAMUserChangePassword",
        r#"[{"Effect":"Allow","Action":"iam:ChangePassword",
        "Resource":["arn:aws:iam::*:user/${aws:username}"]},{"Effect":"Allow",
        "Action":"iam:GetAccountPasswordPolicy","Resource":"*"}]"#,
    ),
    (
        "arn:aws:iam::111122223333:policy/ManageOwnDevices",
        r#"[{"Effect":"Allow","Action":["iam:*AccessKey*",
        "iam:*LoginProfile","iam:*MFADevice","iam:GetUser"],"Resource":["arn:aws:iam::*:user/${aws:username}",
        "arn:aws:iam::*:mfa/*"]}]"#,
    ),
];

/// An account of users in two groups: all hold the policies of the first, nine in ten also the guard of the second.
fn guarded() -> AccountFacts {
    let mut facts = account(true);
    "111122223333".clone_into(&mut facts.account.id);
    let origin = facts.users.origin().cloned().unwrap_or_else(|| unreachable!("users were listed"));
    let policy = |arn: &str, document: String| {
        let mut policy = facts.policies.value().and_then(|all| all.first()).cloned();
        if let Some(policy) = &mut policy {
            (policy.arn, policy.document) = (arn.to_owned(), Some(document));
        }
        policy
    };
    let document = |statements: &str| format!(r#"{{"Version":"2012-10-17","Statement":{statements}}}"#);
    let ours = Variant::Strict.arn("aws", &facts.account.id);
    let mut policies: Vec<ManagedPolicy> =
        HELD.iter().filter_map(|(arn, statements)| policy(arn, document(statements))).collect();
    policies.extend(policy(&ours, Variant::Strict.text("aws", true)));
    let group = |name: &str, arns: Vec<&str>| Group {
        arn: format!("arn:aws:iam::111122223333:group/{name}"),
        name: name.to_owned(),
        path: "/".to_owned(),
        created: None,
        attached_policies: arns
            .into_iter()
            .map(|arn| AttachedPolicy { name: String::new(), arn: arn.to_owned() })
            .collect(),
        inline_policies: Vec::new(),
    };
    let groups = vec![group("work", HELD.iter().map(|(arn, _)| *arn).collect()), group("guarded", vec![&ours])];
    let users: Vec<User> = facts.users.value().into_iter().flatten().take(ENFORCED_USERS).cloned().collect();
    let of = |(at, mut user): (usize, User)| {
        user.name = format!("user-{at}");
        user.arn = format!("arn:aws:iam::111122223333:user/{}", user.name);
        let mut authorization = user.authorization.value().cloned().unwrap_or_default();
        let groups: &[&str] = if at % 10 == 0 { &["work"] } else { &["work", "guarded"] };
        authorization.groups = groups.iter().map(|name| (*name).to_owned()).collect();
        authorization.attached_policies.clear();
        authorization.inline_policies.clear();
        authorization.permissions_boundary = None;
        user.authorization = Fact::known(authorization, origin.clone());
        user
    };
    let users = users.into_iter().enumerate().map(of).collect();
    facts.groups = Fact::known(groups, origin.clone());
    facts.policies = Fact::known(policies, origin.clone());
    facts.users = Fact::known(users, origin);
    facts
}

/// 400,000 users in 2,000 accounts, by the rules of one pack: `mfa-strict` and `hygiene` ask the policy evaluator of
/// every user, `baseline` does not. Accounts are judged in parallel, as by a scan.
#[divan::bench(args = ["baseline", "mfa-strict", "hygiene"], sample_count = 1, sample_size = 1)]
fn policies_of_400_000_users(bencher: divan::Bencher<'_, '_>, pack: &str) {
    let facts = guarded();
    let sources: Vec<_> = builtin::pack(pack).into_iter().collect();
    let rules = load(&sources).unwrap_or_else(|_| unreachable!("built-in packs are right"));
    let now = "2026-11-20T06:00:00Z".parse().unwrap_or_default();
    bencher.counter(ItemsCount::new(ENFORCED_USERS * ENFORCED_ACCOUNTS)).bench_local(|| {
        for _ in 0..ENFORCED_ACCOUNTS {
            black_box(evaluate::account(&rules, black_box(&facts), now));
        }
    });
}

/// The whole example, from its text to its findings.
#[divan::bench]
fn the_example_from_text(bencher: divan::Bencher<'_, '_>) {
    let rules = rules();
    let now = "2026-11-20T06:00:00Z".parse().unwrap_or_default();
    bencher.bench_local(|| {
        example().iter().map(|facts| evaluate::account(&rules, facts, now).findings.len()).sum::<usize>()
    });
}

/// Checking and compiling the built-in packs: what every start-up pays.
#[divan::bench]
fn loading_the_packs() -> usize {
    rules().rules.len()
}
