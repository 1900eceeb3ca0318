//! Arguments of `simulate`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::ledger::Shape;

/// Arguments of `simulate`.
#[derive(Debug, Args)]
pub struct SimulateArgs {
    /// The action to decide, such as s3:GetObject
    #[arg(long = "action", value_name = "ACTION", required_unless_present = "lint", value_parser = action)]
    pub actions: Vec<String>,
    /// The resource to decide it for, as requests name it; `*` for actions without one
    #[arg(long = "resource", value_name = "ARN", default_value = "*", value_parser = resource)]
    pub resources: Vec<String>,
    /// A condition key of the request; a multi-valued one has commas between its values
    ///
    /// Keys that are neither given nor implied by --principal-arn and --mfa are absent. What is given here wins.
    #[arg(long = "context", value_name = "KEY=VALUE[,VALUE]", value_parser = ContextKey::parse)]
    pub context: Vec<ContextKey>,
    /// How the sender signed in: sets the keys of MFA; without it they are absent as all others
    #[arg(long, value_enum, value_name = "HOW")]
    pub mfa: Option<Mfa>,
    /// Who sends it: implies aws:PrincipalArn, aws:PrincipalAccount and, for IAM users, aws:username
    ///
    /// Of an assumed role, aws:PrincipalArn is the ARN of the role. A session does not tell the role's path: if it has
    /// one, give --context aws:PrincipalArn=ARN too.
    #[arg(long, value_name = "ARN")]
    pub principal_arn: Option<String>,
    /// What to write: a table for people, or an array of JSON
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = Shape::Table)]
    pub format: Shape,
    /// Decide nothing: say what is wrong with policy files, dead in them, or probably not meant
    ///
    /// Of identity policies, in JSON or YAML. The exit status is 3 if there are warnings or errors.
    #[arg(long, value_name = "FILE", num_args = 1.., conflicts_with_all = NOT_WITH_LINT)]
    pub lint: Vec<String>,
    /// With --lint: the partition of the account, such as aws-cn; else that of --principal-arn
    #[arg(long, value_name = "NAME", requires = "lint")]
    pub partition: Option<String>,
    /// The policies that apply
    #[command(flatten)]
    pub policies: PolicyArgs,
}

/// What says how to decide.
const NOT_WITH_LINT: [&str; 10] =
    ["actions", "resources", "context", "mfa", "format", "identity", "boundary", "scps", "snapshot", "user"];

/// The policies that apply to the principal.
#[derive(Debug, Args)]
#[command(next_help_heading = "Policies (JSON or YAML files; or those of a user of a snapshot)")]
pub struct PolicyArgs {
    /// An identity policy; without any, nothing is allowed
    #[arg(long = "policy", value_name = "FILE")]
    pub identity: Vec<String>,
    /// The permissions boundary
    #[arg(long, value_name = "FILE")]
    pub boundary: Option<String>,
    /// A level of service control policies, each of which has to allow: the root's first, the account's own last
    ///
    /// The principal is taken to be in a member account. They do not bind service-linked roles.
    #[arg(long = "scp", value_name = "FILE[,FILE]", value_parser = Level::parse)]
    pub scps: Vec<Level>,
    /// Take identity policies and boundary from a saved snapshot
    #[arg(long, value_name = "PATH", requires = "user", conflicts_with_all = ["identity", "boundary"])]
    pub snapshot: Option<PathBuf>,
    /// The user of the snapshot
    #[arg(long, value_name = "ARN", requires = "snapshot")]
    pub user: Option<String>,
}

/// How the sender of a request signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Mfa {
    /// With an access key: aws:MultiFactorAuthPresent and aws:MultiFactorAuthAge are absent
    None,
    /// To the console without MFA: aws:MultiFactorAuthPresent is false
    ConsoleNoMfa,
    /// With MFA, just now: aws:MultiFactorAuthPresent is true, aws:MultiFactorAuthAge is 0
    Present,
}

/// A condition key and its values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContextKey {
    /// The key, as written.
    pub key: String,
    /// Its values, at least one.
    pub values: Vec<String>,
}

impl ContextKey {
    fn parse(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            Some((key, values)) if !key.trim().is_empty() => {
                Ok(Self { key: key.to_owned(), values: values.split(',').map(str::to_owned).collect() })
            }
            Some(_) => Err("there is no key before the `=`".to_owned()),
            None => Err("expected KEY=VALUE, such as aws:SourceIp=192.0.2.1".to_owned()),
        }
    }
}

/// The files of one level of service control policies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Level(
    /// Their paths, at least one.
    pub Vec<String>,
);

impl Level {
    fn parse(text: &str) -> Result<Self, String> {
        let files: Vec<String> = text.split(',').map(str::to_owned).collect();
        if files.iter().any(String::is_empty) {
            return Err("expected files with commas between, none of them empty".to_owned());
        }
        Ok(Self(files))
    }
}

fn action(text: &str) -> Result<String, String> {
    let is_action = text
        .split_once(':')
        .is_some_and(|(service, name)| !service.trim().is_empty() && !name.trim().is_empty() && !name.contains(':'));
    if is_action {
        Ok(text.to_owned())
    } else {
        Err("expected a service and an action with one colon between, such as s3:GetObject".to_owned())
    }
}

fn resource(text: &str) -> Result<String, String> {
    if text.is_empty() { Err("expected an ARN, or `*`".to_owned()) } else { Ok(text.to_owned()) }
}
