use super::*;
use crate::iam::{Context, Document, Policies, Policy, Request, Verdict, size};

const USER: &str = "arn:aws:iam::111122223333:user/team/ann";

fn verdict(document: &Value, action: &str, resource: &str, policy: Option<&str>) -> Verdict {
    let parsed = Document::parse(&document.to_string()).unwrap();
    let compiled = Policy::new("p", &parsed);
    let context = policy.map_or_else(Context::new, |arn| Context::new().with("iam:PolicyARN", arn));
    let policies = Policies { identity: vec![&compiled], ..Policies::default() };
    policies.verdict(&Request::new(action, resource).with_context(context))
}

fn all_actions(document: &Value) -> Vec<&str> {
    let statements = document["Statement"].as_array().unwrap().iter();
    let mut actions: Vec<&str> = statements
        .flat_map(|statement| statement["Action"].as_array().unwrap())
        .map(|action| action.as_str().unwrap())
        .collect();
    actions.sort_unstable();
    actions
}

#[test]
fn each_role_has_the_actions_of_its_calls_and_no_others() {
    assert_eq!(all_actions(&scan_policy()), actions(Purpose::Scan, Site::Account));
    assert_eq!(all_actions(&enforce_policy("aws")), actions(Purpose::Enforce, Site::Account));
    assert!(
        all_actions(&hub_policy("aws"))
            .iter()
            .all(|action| !action.starts_with("iam:") || *action == "iam:ListOrganizationsFeatures")
    );
}

#[test]
fn scanning_needs_reads_only() {
    let writes: Vec<&str> = Operation::ALL
        .iter()
        .filter(|operation| operation.access() == Access::Write)
        .map(|operation| operation.name())
        .collect();
    for write in writes {
        assert_eq!(verdict(&scan_policy(), write, USER, None), Verdict::ImplicitDeny, "{write}");
    }
}

#[test]
fn the_enforce_role_attaches_our_guards_and_nothing_else() {
    for partition in ["aws", "aws-cn"] {
        let policy = enforce_policy(partition);
        let user = USER.replace("arn:aws:", &format!("arn:{partition}:"));
        let admin = format!("arn:{partition}:iam::aws:policy/AdministratorAccess");
        for variant in Variant::ALL {
            let ours = variant.arn(partition, "111122223333");
            for action in ["iam:AttachUserPolicy", "iam:DetachUserPolicy"] {
                assert_eq!(verdict(&policy, action, &user, Some(&ours)), Verdict::Allowed, "{action}");
                assert_eq!(verdict(&policy, action, &user, Some(&admin)), Verdict::ImplicitDeny, "{action}");
                assert_eq!(verdict(&policy, action, &user, None), Verdict::ImplicitDeny, "{action}");
            }
            assert_eq!(verdict(&policy, "iam:CreatePolicy", &ours, None), Verdict::Allowed);
        }
        let group = format!("arn:{partition}:iam::111122223333:group/portcullis/portcullis-guard");
        assert_eq!(verdict(&policy, "iam:AddUserToGroup", &group, None), Verdict::Allowed);
        assert_eq!(verdict(&policy, "iam:AttachGroupPolicy", &group, Some(&admin)), Verdict::ImplicitDeny);
        let admins = format!("arn:{partition}:iam::111122223333:group/Admins");
        assert_eq!(verdict(&policy, "iam:AddUserToGroup", &admins, None), Verdict::ImplicitDeny);
        assert_eq!(
            verdict(&policy, "iam:CreatePolicyVersion", &format!("arn:{partition}:iam::111122223333:policy/x"), None),
            Verdict::ImplicitDeny
        );
        for action in ["iam:PutUserPolicy", "iam:CreateAccessKey", "iam:CreateUser", "iam:UpdateAssumeRolePolicy"] {
            assert_eq!(verdict(&policy, action, &user, None), Verdict::ImplicitDeny, "{action}");
        }
        assert!(size(&policy.to_string()) < crate::iam::limits::MANAGED, "{}", size(&policy.to_string()));
    }
}
