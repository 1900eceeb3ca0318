//! Who calls, and what they call: real calls that change nothing, since what they would change does not exist.
//!
//! Policies are asked before that is found out. Only plain calls for objects are not among them: that there is no such
//! bucket is told first.

use serde_json::json;

use crate::support::server::Ministack;
use crate::support::signed::{Call, REGION};

const ACCOUNT: &str = Ministack::ACCOUNT;

/// Condition keys and their values.
pub(super) type Keys = Vec<(String, Vec<String>)>;

/// A user of the server.
#[derive(Debug, Clone)]
pub(super) struct Person {
    /// The name, told apart from other users' by its number.
    pub(super) name: String,
    /// The path.
    pub(super) path: &'static str,
    /// The tags.
    pub(super) tags: Vec<(&'static str, &'static str)>,
    /// Whether it calls with the session that `GetSessionToken` gave it.
    pub(super) in_session: bool,
}

impl Person {
    /// The user of this number: every third has a path, every second a session.
    pub(super) fn of(number: usize) -> Self {
        let teams = ["blue", "red", "b*", "green"];
        let level = ["7", "40", "many"];
        let mut tags = vec![
            ("team", teams[number % teams.len()]),
            ("level", level[number % level.len()]),
            ("flag", if number.is_multiple_of(2) { "TRUE" } else { "no" }),
            ("since", "2024-05-01T00:00:00Z"),
            ("addr", "2001:db8::17"),
            ("owner", "arn:aws:iam::111122223333:role/ops/ann"),
            ("blob", "cG9ydA=="),
        ];
        tags.truncate(if number % 5 == 4 { 2 } else { 7 });
        let path = if number % 3 == 2 { "/team/" } else { "/" };
        Self { name: format!("kim-{number}"), path, tags, in_session: number % 2 == 1 }
    }

    /// Its ARN.
    pub(super) fn arn(&self) -> String {
        format!("arn:aws:iam::{ACCOUNT}:user{}{}", self.path, self.name)
    }

    /// The condition keys of its calls that do not depend on the call, apart from the times and the unique id.
    pub(super) fn keys(&self) -> Keys {
        let mut keys = vec![
            one("aws:PrincipalArn", &self.arn()),
            one("aws:PrincipalAccount", ACCOUNT),
            one("aws:PrincipalType", "User"),
            one("aws:username", &self.name),
            one("aws:SourceIp", "127.0.0.1"),
            one("aws:SecureTransport", "false"),
            one("aws:RequestedRegion", REGION),
            one("aws:ResourceAccount", ACCOUNT),
        ];
        keys.extend(self.tags.iter().map(|(name, value)| one(&format!("aws:PrincipalTag/{name}"), value)));
        if self.in_session {
            keys.push(one("aws:MultiFactorAuthPresent", "false"));
        }
        keys
    }
}

/// A call, and what is decided for it.
#[derive(Debug, Clone)]
pub(super) struct Target {
    /// The action.
    pub(super) action: String,
    /// The resource, as the server derives it.
    pub(super) resource: String,
    /// The condition keys that the call itself brings.
    pub(super) keys: Keys,
    /// The call.
    pub(super) call: Call,
}

/// A key of one value.
pub(super) fn one(key: &str, value: &str) -> (String, Vec<String>) {
    (key.to_owned(), vec![value.to_owned()])
}

/// Everything that `person` calls.
pub(super) fn targets(person: &Person) -> Vec<Target> {
    let own = person.name.as_str();
    let mut all = iam(own);
    all.extend(messages(own));
    all.extend(json_services(own));
    all.extend(s3(own));
    all
}

fn iam(own: &str) -> Vec<Target> {
    let reads = ["GetUser", "ListAccessKeys", "ListMFADevices", "ListUserPolicies", "ListGroupsForUser"];
    let mut all = Vec::new();
    let mut add = |action: &str, resource: &str, params: &[(&str, &str)], keys: Keys| {
        let resource = if resource == "*" { "*".to_owned() } else { format!("arn:aws:iam::{ACCOUNT}:{resource}") };
        all.push(Target { action: format!("iam:{action}"), resource, keys, call: Call::iam(action, params) });
    };
    for action in reads {
        add(action, &format!("user/{own}"), &[("UserName", own)], Vec::new());
        add(action, "user/nobody", &[("UserName", "nobody")], Vec::new());
    }
    for action in ["DeleteUser", "DeleteLoginProfile"] {
        add(action, "user/nobody", &[("UserName", "nobody")], Vec::new());
    }
    add("GetRole", "role/none", &[("RoleName", "none")], Vec::new());
    add("GetGroup", "group/none", &[("GroupName", "none")], Vec::new());
    let policy = format!("arn:aws:iam::{ACCOUNT}:policy/none");
    add("GetPolicy", "policy/none", &[("PolicyArn", &policy)], Vec::new());
    for action in ["ListUsers", "ListRoles", "GetAccountSummary", "ListVirtualMFADevices"] {
        add(action, "*", &[], Vec::new());
    }
    let tags = [("Tags.member.1.Key", "team"), ("Tags.member.1.Value", "blue")];
    let more = [("Tags.member.2.Key", "cost"), ("Tags.member.2.Value", "17")];
    let name = ("UserName", "nobody");
    let of_tags = |names: &[&str]| ("aws:TagKeys".to_owned(), names.iter().map(|&name| name.to_owned()).collect());
    let (team, cost) = (one("aws:RequestTag/team", "blue"), one("aws:RequestTag/cost", "17"));
    add("TagUser", "user/nobody", &[name, tags[0], tags[1]], vec![of_tags(&["team"]), team.clone()]);
    let both = [name, tags[0], tags[1], more[0], more[1]];
    add("TagUser", "user/nobody", &both, vec![of_tags(&["team", "cost"]), team, cost]);
    let untag = [name, ("TagKeys.member.1", "team"), ("TagKeys.member.2", "site")];
    add("UntagUser", "user/nobody", &untag, vec![of_tags(&["team", "site"])]);
    all
}

fn messages(own: &str) -> Vec<Target> {
    let mut all = Vec::new();
    for name in [own, "orders", "orders-old"] {
        let arn = |service: &str| format!("arn:aws:{service}:{REGION}:{ACCOUNT}:{name}");
        for action in ["GetTopicAttributes", "DeleteTopic"] {
            let call = Call::query("sns", "2010-03-31", action, &[("TopicArn", &arn("sns"))]);
            all.push(target("sns", action, &arn("sns"), call));
        }
        let url = json!({"QueueUrl": format!("http://127.0.0.1/{ACCOUNT}/{name}"), "MessageBody": "x"});
        let name = json!({"QueueName": name});
        all.push(target("sqs", "SendMessage", &arn("sqs"), Call::json("sqs", "AmazonSQS.SendMessage", &url)));
        all.push(target("sqs", "GetQueueUrl", &arn("sqs"), Call::json("sqs", "AmazonSQS.GetQueueUrl", &name)));
    }
    all.push(target("sqs", "ListQueues", "*", Call::json("sqs", "AmazonSQS.ListQueues", &json!({}))));
    all.push(target("sns", "ListTopics", "*", Call::query("sns", "2010-03-31", "ListTopics", &[])));
    all
}

fn json_services(own: &str) -> Vec<Target> {
    let mut all = Vec::new();
    for name in [own, "Books"] {
        let arn = |service: &str, resource: &str| format!("arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}");
        let (table, secret) = (json!({"TableName": name}), json!({"SecretId": name}));
        let parameter = json!({"Name": format!("/app/{name}")});
        let calls = [
            ("dynamodb", "DescribeTable", format!("table/{name}"), "DynamoDB_20120810.DescribeTable", &table),
            ("dynamodb", "DeleteTable", format!("table/{name}"), "DynamoDB_20120810.DeleteTable", &table),
            ("secretsmanager", "GetSecretValue", format!("secret:{name}"), "secretsmanager.GetSecretValue", &secret),
            ("secretsmanager", "DescribeSecret", format!("secret:{name}"), "secretsmanager.DescribeSecret", &secret),
            ("ssm", "GetParameter", format!("parameter/app/{name}"), "AmazonSSM.GetParameter", &parameter),
            ("ssm", "DeleteParameter", format!("parameter/app/{name}"), "AmazonSSM.DeleteParameter", &parameter),
        ];
        for (service, action, resource, header, body) in calls {
            all.push(target(service, action, &arn(service, &resource), Call::json(service, header, body)));
        }
    }
    let none = json!({});
    all.push(target("dynamodb", "ListTables", "*", Call::json("dynamodb", "DynamoDB_20120810.ListTables", &none)));
    all.push(target("ssm", "DescribeParameters", "*", Call::json("ssm", "AmazonSSM.DescribeParameters", &none)));
    all
}

fn s3(own: &str) -> Vec<Target> {
    let mut all = vec![target("s3", "ListAllMyBuckets", "*", Call::s3("GET", "/", &[]))];
    for (action, method, part) in [("GetObjectAcl", "GET", "acl"), ("DeleteObjectTagging", "DELETE", "tagging")] {
        for key in [format!("home/{own}/a.txt"), "home/Ann/b.txt".to_owned()] {
            let call = Call::s3(method, &format!("/no-such-bucket/{key}"), &[(part, "")]);
            all.push(target("s3", action, &format!("arn:aws:s3:::no-such-bucket/{key}"), call));
        }
    }
    let bucket = "arn:aws:s3:::no-such-bucket";
    for (count, prefix) in [("50", format!("home/{own}/")), ("1000", "logs/".to_owned())] {
        let call = Call::s3("GET", "/no-such-bucket", &[("max-keys", count), ("prefix", &prefix)]);
        let keys = vec![one("s3:max-keys", count), one("s3:prefix", &prefix)];
        all.push(Target { keys, ..target("s3", "ListBucket", bucket, call) });
    }
    all.push(target("s3", "GetBucketLocation", bucket, Call::s3("GET", "/no-such-bucket", &[("location", "")])));
    all
}

fn target(service: &str, action: &str, resource: &str, call: Call) -> Target {
    Target { action: format!("{service}:{action}"), resource: resource.to_owned(), keys: Vec::new(), call }
}
