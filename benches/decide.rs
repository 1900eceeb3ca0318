//! How many requests are decided, and how long the questions take:
//! `cargo bench --no-default-features --bench decide`.

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use portcullis::iam::guard::{Classification, Variant};
use portcullis::iam::questions::{AdminProbes, Enforcement, Escalation, Subject, Targets};
use portcullis::iam::{Document, MfaContext, Policies, Policy, Request};

const ANN: &str = "arn:aws:iam::111122223333:user/ann";
const ADMINISTRATOR: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

fn main() {
    divan::main();
}

fn document(text: &str) -> Document {
    Document::parse(text).unwrap_or_else(|error| unreachable!("{error}"))
}

fn policy(text: &str) -> Policy {
    Policy::new("p", &document(text))
}

/// 500 patterns between quotes.
fn list(make: impl Fn(usize) -> String) -> String {
    (0..500).map(|number| format!("\"{}\"", make(number))).collect::<Vec<_>>().join(",")
}

/// Three letters that differ from number to number.
fn letters(number: usize) -> [char; 3] {
    [25, 5, 1].map(|place| char::from(b'a' + u8::try_from(number / place % 5).unwrap_or_default()))
}

fn wild(number: usize) -> String {
    let [one, two, three] = letters(number);
    format!("s3:*{one}*{two}*{three}*")
}

/// A policy of one statement about 500 actions with many `*`.
fn five_hundred(effect: &str, not: &str, condition: &str) -> Policy {
    let list = list(wild);
    policy(&format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"{effect}","{not}Action":[{list}],"Resource":"*"{condition}}}}}"#
    ))
}

/// Three managed policies of AWS's kind and the guard.
fn typical() -> Vec<Policy> {
    let own = policy(include_str!("../src/iam/fixtures/self-manage.json"));
    let few = policy(
        r#"{"Version":"2012-10-17","Statement":[
            {"Effect":"Allow","Action":["s3:Get*","s3:List*","s3:Describe*","s3-object-lambda:Get*"],"Resource":"*"},
            {"Effect":"Allow","Action":["ec2:Describe*","ec2:StartInstances","ec2:StopInstances"],"Resource":"*"}]}"#,
    );
    let data = policy(
        r#"{"Version":"2012-10-17","Statement":[
            {"Effect":"Allow","Action":["dynamodb:*Item","dynamodb:Query","dynamodb:Scan"],
             "Resource":"arn:aws:dynamodb:*:111122223333:table/app-*"},
            {"Effect":"Allow","Action":"kms:Decrypt","Resource":"*",
             "Condition":{"StringEquals":{"kms:ViaService":"s3.eu-central-1.amazonaws.com"}}}]}"#,
    );
    vec![own, few, data, policy(&Variant::Strict.text("aws", true))]
}

fn request(action: &str, resource: &str, mfa: MfaContext) -> Request {
    let context = mfa.keys().with("aws:username", "ann").with("aws:PrincipalArn", ANN);
    Request::new(action, resource).with_context(context)
}

fn of(identity: &[Policy]) -> Policies<'_> {
    Policies { identity: identity.iter().collect(), ..Policies::default() }
}

fn decide(bencher: Bencher<'_, '_>, identity: &[Policy], request: &Request) {
    let policies = of(identity);
    bencher.counter(ItemsCount::new(1_u8)).bench_local(|| black_box(&policies).verdict(black_box(request)));
}

#[divan::bench]
fn typical_allowed(bencher: Bencher<'_, '_>) {
    decide(bencher, &typical(), &request("s3:GetObject", "arn:aws:s3:::bucket/key", MfaContext::WithMfa));
}

#[divan::bench]
fn typical_denied(bencher: Bencher<'_, '_>) {
    decide(bencher, &typical(), &request("s3:GetObject", "arn:aws:s3:::bucket/key", MfaContext::LongTermKey));
}

#[divan::bench]
fn typical_not_allowed(bencher: Bencher<'_, '_>) {
    decide(bencher, &typical(), &request("sqs:SendMessage", "arn:aws:sqs:::queue", MfaContext::WithMfa));
}

#[divan::bench]
fn administrator(bencher: Bencher<'_, '_>) {
    decide(bencher, &[policy(ADMINISTRATOR)], &request("s3:GetObject", "arn:aws:s3:::b/k", MfaContext::WithMfa));
}

/// 500 actions of many `*`, none of which matches.
#[divan::bench]
fn worst_actions(bencher: Bencher<'_, '_>) {
    let action = format!("s3:{}", "abcdabcd".repeat(8).replace('d', "z"));
    let policies = [five_hundred("Allow", "", ""), five_hundred("Deny", "", "")];
    let denied = request(&action.replace('a', "x").replace('b', "y"), "*", MfaContext::WithMfa);
    decide(bencher, &policies, &denied);
}

/// 500 resources with many `*` against an ARN of 2,048 characters that almost matches each.
#[divan::bench]
fn worst_resources(bencher: Bencher<'_, '_>) {
    let list = list(|number| format!("arn:*a*a*{}*b", letters(number).iter().collect::<String>()));
    let text =
        format!(r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"*","Resource":[{list}]}}}}"#);
    let resource = format!("arn:{}b", "a".repeat(2_043));
    let policies = [policy(&text.replace("aaa", "zzz"))];
    decide(bencher, &policies, &request("s3:GetObject", &resource, MfaContext::WithMfa));
}

/// 20 blocks of conditions with variables, all of which are met.
#[divan::bench]
fn conditions_and_variables(bencher: Bencher<'_, '_>) {
    let keys = (0..10).map(|number| format!(r#""aws:PrincipalTag/t{number}":"${{aws:username}}-{number}""#));
    let keys = keys.collect::<Vec<_>>().join(",");
    let text = format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"s3:*",
            "Resource":"arn:aws:s3:::${{aws:username}}/*",
            "Condition":{{"StringEquals":{{{keys}}},"StringLikeIfExists":{{{keys}}}}}}}}}"#
    );
    let tagged = (0..10).fold(MfaContext::WithMfa.keys().with("aws:username", "ann"), |context, number| {
        context.with(&format!("aws:PrincipalTag/t{number}"), format!("ann-{number}"))
    });
    let request = Request::new("s3:GetObject", "arn:aws:s3:::ann/key").with_context(tagged);
    decide(bencher, &[policy(&text)], &request);
}

#[divan::bench]
fn enforcement_typical(bencher: Bencher<'_, '_>) {
    let policies = typical();
    let subject = Subject::user(ANN, of(&policies), []);
    bencher.bench_local(|| Enforcement::of(black_box(&subject)));
}

const UNLESS_MFA: &str = r#","Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}"#;

/// Three policies of 500 patterns each: the exemptions share much with what is allowed.
#[divan::bench(sample_count = 10, sample_size = 1)]
fn enforcement_worst_open(bencher: Bencher<'_, '_>) {
    let policies =
        [five_hundred("Allow", "", ""), five_hundred("Deny", "Not", UNLESS_MFA), five_hundred("Deny", "", UNLESS_MFA)];
    let subject = Subject::user(ANN, of(&policies), []);
    bencher.bench_local(|| Enforcement::of(black_box(&subject)));
}

/// The same, and what two exempt together is denied by a third.
#[divan::bench(sample_count = 10, sample_size = 1)]
fn enforcement_worst_closed(bencher: Bencher<'_, '_>) {
    let none = r#"{"Statement":{"Effect":"Deny","Action":"s3:*","Resource":"*"}}"#;
    let policies = [
        five_hundred("Allow", "", ""),
        five_hundred("Deny", "Not", UNLESS_MFA),
        five_hundred("Deny", "Not", UNLESS_MFA),
        policy(none),
    ];
    let subject = Subject::user(ANN, of(&policies), []);
    bencher.bench_local(|| Enforcement::of(black_box(&subject)));
}

#[divan::bench]
fn is_admin(bencher: Bencher<'_, '_>) {
    let policies = typical();
    let subject = Subject::user(ANN, of(&policies), []);
    let probes = AdminProbes::of_principal(&subject);
    bencher.bench_local(|| black_box(&probes).verdict(subject.policies()));
}

#[divan::bench]
fn escalation(bencher: Bencher<'_, '_>) {
    let policies = typical();
    let subject = Subject::user(ANN, of(&policies), []);
    bencher.bench_local(|| Escalation::of(black_box(&subject), &Targets::default()));
}

#[divan::bench]
fn classification(bencher: Bencher<'_, '_>) {
    let document = document(&Variant::Strict.text("aws", true));
    bencher.bench_local(|| Classification::of(black_box(&document), "aws", "111122223333"));
}

/// Proving a guard goes through the requests that stand for the rest: those of three policies of 500 patterns.
#[divan::bench(sample_count = 10, sample_size = 1)]
fn witnesses_worst(bencher: Bencher<'_, '_>) {
    let policies = [five_hundred("Allow", "", ""), five_hundred("Deny", "Not", ""), five_hundred("Deny", "", "")];
    let subject = Subject::user(ANN, of(&policies), []);
    bencher.bench_local(|| black_box(&subject).witnesses(MfaContext::LongTermKey).len());
}
