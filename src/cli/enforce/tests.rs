//! What the command line of enforcement accepts, what it becomes, and what it refuses with exit status 2.

use clap::Parser;

use super::*;
use crate::cli::{Cli, Command};

fn parse(line: &str) -> Result<EnforceCommand, String> {
    let words = ["portcullis", "enforce"].into_iter().chain(line.split_whitespace());
    match Cli::try_parse_from(words).map(|cli| cli.command) {
        Ok(Command::Enforce(command)) => Ok(*command),
        Ok(other) => panic!("{other:?}"),
        Err(error) => {
            assert_eq!(error.exit_code(), 2, "{line}");
            Err(error.to_string().replace('\n', " "))
        }
    }
}

fn plan(line: &str) -> PlanArgs {
    match parse(&format!("plan {line}")) {
        Ok(EnforceCommand::Plan(args)) => args,
        other => panic!("{line}: {other:?}"),
    }
}

fn apply(line: &str) -> ApplyArgs {
    match parse(&format!("apply plan.json {line}")) {
        Ok(EnforceCommand::Apply(args)) => args,
        other => panic!("{line}: {other:?}"),
    }
}

fn sink_of(format: View, path: Option<&str>) -> Sink<View> {
    Sink { format, path: path.map(PathBuf::from) }
}

#[test]
fn a_bare_plan_has_the_defaults_of_the_contract() {
    let PlanArgs { guard, limits, ledger, out, view, rules, aws, .. } = plan("");
    assert_eq!((limits.max_users, limits.max_percent, limits.take), (25, 5.0, None));
    assert_eq!(limits.key_window, SignedDuration::from_hours(30 * 24));
    assert!(!limits.include_active_keys && !limits.repair && !limits.require_scps);
    assert_eq!(guard.break_glass(), None, "nobody said");
    assert_eq!((guard.attach, guard.keys_in_use), (Attach::User, KeysInUse::Hold));
    assert_eq!((guard.via_services, guard.after_enrolment), (ViaServices::Allow, AfterEnrolment::Release));
    assert!(guard.guard_document.is_none() && guard.allow.allowed_accounts.is_empty());
    assert_eq!(view.formats, [sink_of(View::Table, None)]);
    assert!(!view.exit_zero && out.is_none() && rules.rules.is_empty());
    assert_eq!((ledger.ledger, aws.role_name), ("portcullis-ledger.jsonl".into(), "PortcullisScan".to_owned()));
}

#[test]
fn a_bare_apply_has_the_defaults_of_the_contract() {
    let ApplyArgs { plan, limits, role, allow, .. } = apply("");
    assert_eq!(plan, PathBuf::from("plan.json"));
    assert_eq!((limits.yes, limits.canary, limits.max_failures), (false, None, 0));
    assert_eq!((limits.max_age, limits.expect_hash), (SignedDuration::from_hours(24), None));
    assert_eq!(role.enforce_role_name, None);
    assert!(allow.allows("111122223333"));
}

#[test]
fn break_glass_is_unset_none_or_named() {
    let (one, two) = ("arn:aws:iam::111122223333:user/ops/alice", "arn:*:iam::*:user/break-glass/*");
    assert_eq!(
        plan(&format!("--break-glass {one},{two}")).guard.break_glass(),
        Some([one, two].map(str::to_owned).as_slice())
    );
    let twice = plan(&format!("--break-glass {one} --break-glass {two}"));
    assert_eq!(twice.guard.break_glass(), Some([one, two].map(str::to_owned).as_slice()));
    assert_eq!(plan("--no-break-glass").guard.break_glass(), Some([].as_slice()));
    let both = parse(&format!("plan --no-break-glass --break-glass {one}")).unwrap_err();
    assert!(both.contains("cannot be used with"), "{both}");
}

#[test]
fn a_break_glass_principal_that_could_fit_nobody_is_refused() {
    for right in [
        "arn:aws:iam::111122223333:user/alice",
        "arn:aws-us-gov:iam::111122223333:role/ops/admin",
        "arn:aws:iam::1111*:user/?ops@example.org",
        "arn:aws:iam::111122223333:root",
        "arn:*:iam::*:user/*",
    ] {
        assert!(parse(&format!("plan --break-glass {right}")).is_ok(), "{right}");
    }
    for wrong in [
        "alice",
        "*",
        "arn:*",
        "arn:aws:iam::*:*",
        "arn:aws:iam:111122223333:user/alice",
        "arn:aws:iam::11112222333:user/alice",
        "arn:aws:iam::111122223333:user/",
        "arn:aws:iam::111122223333:group/ops",
        "arn:aws:iam::111122223333:users/alice",
        "arn:aws:sts::111122223333:assumed-role/ops/alice",
        "arn:aws:iam:eu-west-1:111122223333:user/alice",
        "arn:aws:iam::111122223333:user/z\u{f6}e",
        "ARN:aws:iam::111122223333:user/alice",
    ] {
        let message = parse(&format!("plan --break-glass {wrong}")).unwrap_err();
        assert!(message.contains("expected arn:PARTITION:iam::ACCOUNT:user/NAME"), "{wrong}: {message}");
    }
}

#[test]
fn values_that_make_no_sense_are_refused_with_what_is_expected() {
    for (line, expected) in [
        ("plan --max-users few", "invalid digit"),
        ("plan --max-percent 101", "a number from 0 to 100"),
        ("plan --max-percent NaN", "a number from 0 to 100"),
        ("plan --max-percent=-1", "a number from 0 to 100"),
        ("plan --take 0", "1.."),
        ("plan --key-window 30", "30m or 2h"),
        ("plan --attach role", "user, group"),
        ("plan --keys-in-use ignore", "hold, console-only"),
        ("plan --via-services some", "allow, deny"),
        ("plan --after-enrolment drop", "release, keep"),
        ("plan --allowed-accounts 12", "twelve digits"),
        ("plan --format csv", "expected one of table, json, markdown"),
        ("plan --format json=", "path after `=` is empty"),
        ("announce --format table", "expected one of markdown, json"),
        ("status --format markdown", "table, json"),
        ("apply", "<PLAN>"),
        ("apply p --canary 0", "1.."),
        ("apply p --max-age soon", "30m or 2h"),
        ("apply p --expect-hash ab", "64 hexadecimal digits"),
        ("apply p --enforce-role-name arn:aws:iam::111122223333:role/x", "not an ARN"),
        ("apply p --org", "--org"),
        ("revert", "<RUN>"),
    ] {
        let message = parse(line).expect_err(line);
        assert!(message.contains(expected), "{line}: {message}");
    }
}

#[test]
fn run_takes_what_plan_and_apply_take_but_the_file_between_them() {
    let flags = |name: &str| -> Vec<String> {
        let mut command = <Cli as clap::CommandFactory>::command();
        let enforce = command.find_subcommand_mut("enforce").unwrap().find_subcommand(name).unwrap();
        enforce.get_arguments().map(|arg| arg.get_id().to_string()).collect()
    };
    let mut both = [flags("plan"), flags("apply")].concat();
    both.retain(|id| !["out", "plan"].contains(&id.as_str()));
    both.sort_unstable();
    both.dedup();
    let mut run = flags("run");
    run.sort_unstable();
    assert_eq!(run, both);
}

#[test]
fn plans_and_announcements_go_to_stdout_or_to_a_path() {
    let formats = plan("--format json=p.json,table --format markdown").view.formats;
    let expected = [sink_of(View::Json, Some("p.json")), sink_of(View::Table, None), sink_of(View::Markdown, None)];
    assert_eq!(formats, expected);
    let announced = |line: &str| match parse(&format!("announce {line}")) {
        Ok(EnforceCommand::Announce(args)) => args.formats,
        other => panic!("{other:?}"),
    };
    assert_eq!(announced(""), [sink_of(View::Markdown, None)]);
    assert_eq!(announced("--format json=a"), [sink_of(View::Json, Some("a"))]);
}

#[test]
fn reading_and_writing_are_two_roles() {
    let check = |line: &str| {
        let ApplyArgs { role, aws, .. } = apply(line);
        role.check(&aws)
    };
    assert_eq!(check(""), Ok(()));
    assert_eq!(check("--enforce-role-name PortcullisEnforce"), Ok(()));
    for line in [
        "--enforce-role-name PortcullisScan",
        "--enforce-role-name /PortcullisScan",
        "--enforce-role-name x --role-name x",
    ] {
        assert!(check(line).unwrap_err().contains("need a role each"), "{line}");
    }
}

#[test]
fn only_the_accounts_named_may_be_changed() {
    let allow = apply("--allowed-accounts 111122223333,222233334444").allow;
    assert!(allow.allows("111122223333") && allow.allows("222233334444") && !allow.allows("333344445555"));
}
