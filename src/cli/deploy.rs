//! Arguments of `deploy`.

use clap::{Args, ValueEnum};

/// Arguments of `deploy`.
#[derive(Debug, Args)]
pub struct DeployArgs {
    /// What to print; everything if nothing is named
    #[arg(value_name = "WHAT", value_enum)]
    pub what: Vec<Role>,

    /// The partition of the accounts: aws, aws-cn, aws-us-gov
    #[arg(long, value_name = "NAME", default_value = "aws", value_parser = partition)]
    pub partition: String,

    /// ARN of the role or user that assumes the roles
    #[arg(long, value_name = "ARN", value_parser = hub)]
    pub hub: String,

    /// External id that the roles ask for
    #[arg(long, value_name = "ID", env = "PORTCULLIS_EXTERNAL_ID")]
    pub external_id: Option<String>,

    /// Id of the organization that the caller has to be of
    #[arg(long, value_name = "ID")]
    pub org_id: Option<String>,
}

/// A role, or the policy of whoever assumes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Role {
    /// The role that scans, in every account: reads only
    ScanRole,
    /// The role that enforces, in every account: attaches and detaches our guard, and nothing else
    EnforceRole,
    /// The policy of the hub: assumes these roles and reads the organization
    HubPolicy,
}

impl Role {
    /// All.
    pub const ALL: [Self; 3] = [Self::ScanRole, Self::EnforceRole, Self::HubPolicy];
}

fn partition(text: &str) -> Result<String, String> {
    let is_plain = |char: char| char.is_ascii_lowercase() || char.is_ascii_digit() || char == '-';
    let fits = text.starts_with("aws") && text.chars().all(is_plain);
    if fits { Ok(text.to_owned()) } else { Err("expected a partition, such as aws or aws-us-gov".to_owned()) }
}

fn hub(text: &str) -> Result<String, String> {
    let fields: Vec<&str> = text.splitn(6, ':').collect();
    match fields.as_slice() {
        ["arn", _, "iam", "", account, resource]
            if account.len() == 12 && (resource.starts_with("role/") || resource.starts_with("user/")) =>
        {
            Ok(text.to_owned())
        }
        _ => Err("expected the ARN of a role or user: arn:aws:iam::111122223333:role/PortcullisHub".to_owned()),
    }
}
