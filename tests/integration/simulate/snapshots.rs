//! The policies of a user of a snapshot.

use serde_json::json;

use super::program;
use crate::support::portcullis::Portcullis;

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/acme.jsonl");

#[test]
fn a_user_of_a_snapshot_has_the_policies_of_the_snapshot() {
    let program = program();
    let of = |user: &str, line: &str| {
        let args = ["simulate", "--snapshot", EXAMPLE, "--user", user, "--format", "json"];
        program.run(args.into_iter().chain(line.split_whitespace()), 0).json()[0].clone()
    };
    let farah = "arn:aws:iam::111111111101:user/farah.dubois";
    let answer = of(farah, "--action iam:CreateUser");
    assert_eq!(answer["decision"], "allowed");
    let administrators = "group/Administrators arn:aws:iam::aws:policy/AdministratorAccess";
    assert_eq!(answer["matched"], json!([{ "policy": administrators, "sid": null, "index": 0 }]));
    let leila = "arn:aws:iam::111111111101:user/engineering/leila.andersson";
    assert_eq!(of(leila, "--action iam:CreateUser")["decision"], "implicit_deny");
    let answer = of(leila, "--action s3:GetObject --resource arn:aws:s3:::b/k");
    assert_eq!(answer["matched"][0]["policy"], "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess");
    assert_eq!(
        of(farah, "--action iam:CreateUser --scp guard.yaml,all.json")["decision"],
        "allowed",
        "management account"
    );
    let elsewhere = "arn:aws:iam::111111111102:user/sofia.kim";
    let answer = of(elsewhere, "--action s3:GetObject --scp guard.yaml,all.json");
    assert_eq!(answer["decision"], "explicit_deny");
    assert_eq!(of(elsewhere, "--action s3:GetObject --scp guard.yaml,all.json --mfa present")["decision"], "allowed");
    let tagged = r#"{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"StringEquals": {
        "aws:PrincipalTag/team": "web", "aws:username": "sofia.kim", "aws:PrincipalOrgID": "o-acme000001"}}}}"#;
    let program = Portcullis::new().file("scp.json", tagged);
    let args =
        ["simulate", "--snapshot", EXAMPLE, "--user", elsewhere, "--scp", "scp.json", "--action", "s3:GetObject"];
    let text = program.run(args, 0).stdout;
    assert!(text.starts_with(" decision  action        resource") && text.contains("\n allowed "), "{text}");
}

#[test]
fn an_unknown_user_of_a_snapshot_is_refused_with_a_guess() {
    let refused = |user: &str| {
        let output = Portcullis::new().run(["simulate", "--snapshot", EXAMPLE, "--user", user, "--action", "s3:x"], 1);
        assert_eq!(output.stdout, "");
        output.stderr
    };
    let meant = "help: did you mean `arn:aws:iam::111111111101:user/farah.dubois`?";
    for slip in ["arn:aws:iam::111111111101:user/farah.duboi", "Farah.Dubois"] {
        let text = refused(slip);
        assert!(
            text.starts_with(&format!("error: the snapshot has no user `{slip}`\n")) && text.contains(meant),
            "{text}"
        );
    }
    let unread = refused("arn:aws:iam::111111111112:user/kim");
    assert!(unread.contains("the users of account 111111111112 were not all read: "), "{unread}");
    assert!(!refused("u\u{1b}").contains('\u{1b}'));
    let args = ["simulate", "--snapshot", "none.jsonl", "--user", "u", "--action", "s3:x"];
    let text = Portcullis::new().run(args, 1).stderr;
    assert!(text.starts_with("error: snapshot `none.jsonl`: could not be opened"), "{text}");
}
