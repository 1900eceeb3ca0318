//! Evaluations for the tests of the formats: a small one, a clean one, and an organization of twelve accounts.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::model::evaluation::{
    AccountResult, BySeverity, ControlResult, Controls, Counts, MfaCounts, Notice, RuleInfo, SCHEMA, State, Summary,
    Tool, Unjudged, WaivedBy,
};
use crate::model::{AccountStatus, Evaluation, Evidence, Finding, Mode, Severity, Status, Target};

/// A name that would run as a script if it were not escaped.
pub(super) const SCRIPT: &str = "<script>alert(1)</script>";

/// Id, title, severity, target, fact and control of each rule.
const RULES: [(&str, &str, Severity, Target, &str, &str); 6] = [
    ("root-mfa", "Root has MFA", Severity::Critical, Target::Root, "account_mfa", "1.5"),
    ("root-access-key", "Root has no access key", Severity::Critical, Target::Root, "root_keys", "1.4"),
    ("console-user-mfa", "Every console user has MFA", Severity::High, Target::User, "mfa_devices", "2.9"),
    ("access-key-age", "Access keys are rotated", Severity::Medium, Target::User, "access_keys", "1.14"),
    ("password-policy", "Passwords are long", Severity::Medium, Target::Account, "password_policy", "1.8"),
    ("user-policies", "Permissions come through groups", Severity::Low, Target::User, "policies", "1.15"),
];

/// A moment of 24 November 2026.
fn at(time: &str) -> Timestamp {
    format!("2026-11-24T{time}Z").parse().unwrap()
}

/// An account that was read as a whole.
fn account(number: u64, name: &str, users: u64, mfa: MfaCounts) -> AccountResult {
    AccountResult {
        id: format!("{}", 100_000_000_000 + number),
        name: name.to_owned(),
        ou_path: Some("o-exampleorg/r-ab12/ou-ab12-11111111/".to_owned()),
        status: AccountStatus::Scanned,
        reason: None,
        users,
        console_users: mfa.none + mfa.sms + mfa.virtual_device + mfa.hardware_totp + mfa.passkey + mfa.unknown,
        mfa,
        api_calls: 12 + users,
        throttled: number % 3,
        credential_report_as_of: Some(at("07:15:00")),
        unjudged: Unjudged { sso_roles: number % 5, saml_trusts: number % 2, oidc_trusts: number % 4 },
    }
}

/// The finding of rule number `rule` on `resource`, such as `user/alice`, of account number `account`.
fn finding(rule: usize, account: u64, resource: &str, message: &str, value: Value) -> Finding {
    let (id, _, severity, target, fact, control) = RULES[rule];
    let source = if target == Target::User { "iam:ListMFADevices" } else { "iam:GetAccountSummary" };
    let account = format!("{}", 100_000_000_000 + account);
    let arn = match target {
        Target::Account => format!("AWS::::Account:{account}"),
        _ => format!("arn:aws:iam::{account}:{resource}"),
    };
    Finding {
        id: format!("{:016x}", (rule + 1) * 7_919 * arn.len() + arn.bytes().map(usize::from).sum::<usize>() * 104_729),
        rule: id.to_owned(),
        severity,
        status: Status::Fail,
        mode: Mode::Warn,
        waived: None,
        state: State::New,
        account,
        resource: arn,
        resource_type: target,
        message: message.to_owned(),
        evidence: vec![Evidence {
            fact: fact.to_owned(),
            value,
            source: Some(source.to_owned()),
            as_of: Some(at("09:30:12")),
            unknown: None,
        }],
        controls: Controls::from_iter([("cis-aws-6.0".to_owned(), vec![control.to_owned()])]),
        remediation: "Run `portcullis mfa enroll` as the user, or assign a device in the console.".to_owned(),
    }
}

/// `finding` as one that could not be decided.
fn undecided(mut finding: Finding, reason: &str) -> Finding {
    finding.status = Status::Unknown;
    for evidence in &mut finding.evidence {
        (evidence.value, evidence.as_of, evidence.unknown) = (Value::Null, None, Some(reason.to_owned()));
    }
    finding
}

/// Results of `accounts` and `findings` that agree with themselves.
fn evaluation(accounts: Vec<AccountResult>, mut findings: Vec<Finding>) -> Evaluation {
    findings.sort_by(|a, b| a.account.cmp(&b.account).then(b.severity.cmp(&a.severity)).then(a.rule.cmp(&b.rule)));
    let mut summary = Summary { pass: 412, not_applicable: 96, ..Summary::default() };
    for finding in &findings {
        match (finding.status, &finding.waived) {
            (Status::Fail, None) => {
                summary.fail += 1;
                *summary.by_severity.of_mut(finding.severity) += 1;
            }
            (Status::Fail, Some(_)) => summary.waived += 1,
            _ => summary.unknown += 1,
        }
    }
    let control = |(framework, control): (&str, &str), pass, fail, unknown| ControlResult {
        framework: framework.to_owned(),
        control: control.to_owned(),
        covered: true,
        pass,
        fail,
        waived: u64::from(fail > 5),
        unknown,
    };
    Evaluation {
        schema: SCHEMA.to_owned(),
        tool: Tool { name: "portcullis".to_owned(), version: "0.1.0".to_owned() },
        run_id: "01936f0e-7c1a-7000-8000-000000000001".to_owned(),
        started_at: at("09:30:00"),
        finished_at: at("09:31:42"),
        evaluated_at: at("09:30:00"),
        rules: RULES.iter().map(rule).collect(),
        accounts,
        controls: vec![
            control(("cis-aws-6.0", "1.4"), 10, 0, 1),
            control(("cis-aws-6.0", "1.5"), 7, 3, 1),
            control(("cis-aws-6.0", "2.9"), 180, 31, 4),
            control(("aws-fsbp", "IAM.5"), 180, 31, 4),
            control(("nist-800-53-r5", "IA-2(1)"), 187, 34, 5),
        ],
        fixed: Vec::new(),
        notices: Vec::new(),
        summary,
        findings,
    }
}

/// A rule of [`RULES`].
fn rule(row: &(&str, &str, Severity, Target, &str, &str)) -> RuleInfo {
    let (id, title, severity, target, _, control) = *row;
    RuleInfo {
        id: id.to_owned(),
        title: title.to_owned(),
        severity,
        target,
        mode: if id == "console-user-mfa" { Mode::Enforce } else { Mode::Warn },
        rationale: "A leaked password alone opens the account: whoever has it signs in from anywhere.".to_owned(),
        remediation: "Assign a device.".to_owned(),
        counts: Counts { pass: 7, fail: 3, waived: 0, unknown: 1, not_applicable: 2 },
        pack: "baseline".to_owned(),
        controls: Controls::from_iter([("cis-aws-6.0".to_owned(), vec![control.to_owned()])]),
    }
}

/// One account that passes.
pub(super) fn clean() -> Evaluation {
    evaluation(vec![account(1, "acme-prod", 4, MfaCounts { passkey: 3, ..MfaCounts::default() })], Vec::new())
}

/// One account with a failure, and one that could not be entered.
pub(super) fn small() -> Evaluation {
    let mfa = MfaCounts { none: 1, virtual_device: 1, ..MfaCounts::default() };
    let alice = finding(2, 1, "user/alice", "alice signs in with a password and has no MFA device", json!([]));
    let lost = undecided(finding(0, 2, "root", "root's MFA is not known", Value::Null), "AccessDenied");
    let mut failed = account(2, "acme-lost", 0, MfaCounts::default());
    (failed.status, failed.reason) = (AccountStatus::Failed, Some("sts:AssumeRole: AccessDenied".to_owned()));
    failed.credential_report_as_of = None;
    let mut results = evaluation(vec![account(1, "acme-prod", 2, mfa), failed], vec![alice, lost]);
    results.accounts.truncate(2);
    results
}

/// Twelve accounts, one partial, one failed, one skipped; waivers, a baseline, and names that mean harm.
pub(super) fn organization() -> Evaluation {
    let names = ["management", "prod", "staging", "dev", "data-lake", "payments", "security", "network", "sandbox"];
    let mut accounts: Vec<AccountResult> = (1..).zip(names).map(|(number, name)| plain(number, name)).collect();
    accounts.push(plain(10, "legacy-billing"));
    accounts.push(plain(11, "acquired-startup"));
    accounts.push(plain(12, "closed-2024"));
    gap(&mut accounts[9], AccountStatus::Partial, "iam:ListMFADevices: Throttling (4 calls gave up)");
    gap(
        &mut accounts[10],
        AccountStatus::Failed,
        "sts:AssumeRole: AccessDenied: role `portcullis-scan` is not trusted",
    );
    gap(&mut accounts[11], AccountStatus::Skipped, "suspended in Organizations");
    accounts[8].name = format!("sandbox {SCRIPT}");
    let mut results = evaluation(accounts, organization_findings());
    results.notices = vec![
        Notice { account: None, message: format!("waiver for `{SCRIPT}` expired on 2026-10-31") },
        Notice {
            account: Some("100000000004".to_owned()),
            message: "credential report replaced by single calls".into(),
        },
    ];
    let mut gone = finding(2, 2, "user/erin", "erin signs in with a password and has no MFA device", json!([]));
    gone.state = State::Known;
    results.fixed = vec![gone];
    results
}

/// An account of the organization.
fn plain(number: u64, name: &str) -> AccountResult {
    let none = if number < 10 { 4 } else { 0 };
    let mfa = MfaCounts {
        none,
        sms: u64::from(number == 5),
        virtual_device: 6 + number,
        hardware_totp: number % 3,
        passkey: number / 2,
        unknown: 0,
    };
    account(number, &format!("acme-{name}"), 20 + 3 * number, mfa)
}

/// Makes `account` one that was not read as a whole.
fn gap(account: &mut AccountResult, status: AccountStatus, reason: &str) {
    (account.status, account.reason) = (status, Some(reason.to_owned()));
    if status == AccountStatus::Partial {
        account.mfa.unknown = 4;
        account.console_users += 4;
    } else {
        (account.users, account.console_users, account.mfa) = (0, 0, MfaCounts::default());
        (account.credential_report_as_of, account.unjudged) = (None, Unjudged::default());
        account.throttled = 0;
        account.api_calls = u64::from(status == AccountStatus::Failed);
    }
}

/// The findings of the organization.
fn organization_findings() -> Vec<Finding> {
    let people =
        ["alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi", "ivan", "judy", "mallory", "niaj"];
    let mut findings = Vec::new();
    for (number, person) in (1..).zip(people.iter().cycle().take(36)) {
        let (account, resource) = (1 + number % 9, format!("user/engineering/{person}"));
        let message = format!("{person} signs in with a password and has no MFA device");
        findings.push(finding(2, account, &resource, &message, json!([])));
        if number % 3 == 0 {
            let keys = json!([{"active": true, "age": "412d", "last_used": "2026-11-20T08:11:00Z", "service": "s3"}]);
            let message = format!("{person} has an access key older than 90 days");
            findings.push(finding(3, account, &resource, &message, keys));
        }
    }
    for number in [3, 7, 9] {
        findings.push(finding(0, number, "root", "root has no MFA device", json!(false)));
        findings.push(finding(4, number, "", "the password policy asks for 8 characters", json!({"min_length": 8})));
    }
    for number in 13..17 {
        let resource = format!("user/ops/robot-{number}");
        let unread = finding(2, 10, &resource, "the MFA devices could not be read", Value::Null);
        findings.push(undecided(unread, "iam:ListMFADevices: Throttling"));
    }
    for rule in [0, 1, 4] {
        let unread = finding(rule, 11, "root", "the account could not be entered", Value::Null);
        findings.push(undecided(unread, "sts:AssumeRole: AccessDenied"));
    }
    let mut waived = finding(2, 2, "user/break-glass", "break-glass has no MFA device", json!([]));
    waived.waived = Some(WaivedBy {
        owner: "sec@example.org".to_owned(),
        reason: "sealed envelope in the vault".to_owned(),
        ticket: Some("SEC-1".to_owned()),
        expires: "2026-12-31".to_owned(),
    });
    waived.state = State::Known;
    let tag = json!(["arn:aws:iam::aws:policy/AdministratorAccess", format!("tag {SCRIPT}")]);
    let evil = format!("user/{SCRIPT}/eve");
    let message = format!("{SCRIPT} has a policy of its own \u{202e}evil");
    findings.extend([waived, finding(5, 9, &evil, &message, tag)]);
    findings
}

/// `organization` with as many findings as a large one has.
pub(super) fn large(findings: usize) -> Evaluation {
    let mut results = organization();
    let pattern = std::mem::take(&mut results.findings);
    results.findings = pattern.into_iter().cycle().take(findings).collect();
    results.findings.sort_by(|a, b| a.account.cmp(&b.account));
    results.summary.by_severity = BySeverity { high: findings as u64, ..BySeverity::default() };
    results
}
