//! The policy documents of the example. AWS's own are shortened where they are long.

/// A managed policy: name, path, document.
pub(crate) type Managed = (&'static str, &'static str, &'static str);

/// Policies that AWS maintains.
pub(crate) const AWS: [Managed; 9] = [
    ("AdministratorAccess", "/", EVERYTHING),
    ("PowerUserAccess", "/", POWER_USER),
    ("ReadOnlyAccess", "/", READ_ONLY),
    ("SecurityAudit", "/", AUDIT),
    ("IAMFullAccess", "/", IAM_FULL),
    ("AmazonS3ReadOnlyAccess", "/", S3_READ),
    ("IAMUserChangePassword", "/", CHANGE_PASSWORD),
    ("Billing", "/job-function/", BILLING),
    ("AWSLambdaBasicExecutionRole", "/service-role/", LAMBDA),
];

/// Policies that Acme wrote, the same in every account that uses them.
pub(crate) const CUSTOMER: [Managed; 6] = [
    ("DeployArtifacts", "/ci/", DEPLOY),
    ("ContractorBoundary", "/", BOUNDARY),
    ("DenyWithoutMFA", "/", GUARD),
    ("LegacyFullAccess", "/", EVERYTHING),
    ("DataLakeWriter", "/data/", DATA_LAKE),
    ("UnusedStarIam", "/", IAM_STAR),
];

/// `*` on `*`: `AdministratorAccess` to the letter.
pub(crate) const EVERYTHING: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
const POWER_USER: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","NotAction":["iam:*",
    "organizations:*","account:*"],"Resource":"*"},{"Effect":"Allow","Action":["account:GetAccountInformation",
    "account:GetPrimaryEmail","account:ListRegions","iam:CreateServiceLinkedRole","iam:DeleteServiceLinkedRole",
    "iam:ListRoles","organizations:DescribeEffectivePolicy","organizations:DescribeOrganization"],"Resource":"*"}]}"#;
const READ_ONLY: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"ReadOnlyActions","Effect":"Allow",
    "Action":["cloudwatch:Describe*","cloudwatch:Get*","cloudwatch:List*","ec2:Describe*","iam:Get*","iam:List*",
    "iam:GenerateCredentialReport","lambda:Get*","lambda:List*","logs:Describe*","logs:Get*","rds:Describe*",
    "s3:Get*","s3:List*","sts:GetCallerIdentity"],"Resource":"*"}]}"#;
const AUDIT: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"BaseSecurityAuditStatement",
    "Effect":"Allow","Action":["access-analyzer:List*","cloudtrail:Describe*","config:Describe*","ec2:Describe*",
    "guardduty:List*","iam:GenerateCredentialReport","iam:Get*","iam:List*","kms:List*","s3:GetBucket*",
    "securityhub:Describe*"],"Resource":"*"}]}"#;
const IAM_FULL: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:*",
    "organizations:DescribeAccount","organizations:DescribeOrganization","organizations:DescribeOrganizationalUnit",
    "organizations:DescribePolicy","organizations:ListChildren","organizations:ListParents",
    "organizations:ListPoliciesForTarget","organizations:ListRoots","organizations:ListPolicies",
    "organizations:ListTargetsForPolicy"],"Resource":"*"}]}"#;
const S3_READ: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:Get*","s3:List*",
    "s3:Describe*","s3-object-lambda:Get*","s3-object-lambda:List*"],"Resource":"*"}]}"#;
const CHANGE_PASSWORD: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow",
    "Action":["iam:ChangePassword"],"Resource":["arn:aws:iam::*:user/${aws:username}",
    "arn:aws:iam::*:user/*/${aws:username}"]},{"Effect":"Allow","Action":["iam:GetAccountPasswordPolicy"],
    "Resource":"*"}]}"#;
const BILLING: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"VisualEditor0","Effect":"Allow",
    "Action":["account:GetAccountInformation","aws-portal:*Billing","billing:Get*","budgets:ViewBudget","ce:Get*",
    "cur:DescribeReportDefinitions","payments:List*","tax:Get*"],"Resource":"*"}]}"#;
const LAMBDA: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["logs:CreateLogGroup",
    "logs:CreateLogStream","logs:PutLogEvents"],"Resource":"*"}]}"#;
const DEPLOY: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"Artifacts","Effect":"Allow",
    "Action":["s3:PutObject","s3:GetObject","s3:ListBucket"],"Resource":["arn:aws:s3:::acme-artifacts",
    "arn:aws:s3:::acme-artifacts/*"]},{"Sid":"Invalidate","Effect":"Allow","Action":"cloudfront:CreateInvalidation",
    "Resource":"*"}]}"#;
const BOUNDARY: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"Work","Effect":"Allow",
    "NotAction":["iam:*","organizations:*","account:*","kms:ScheduleKeyDeletion"],"Resource":"*"},
    {"Sid":"OwnCredentials","Effect":"Allow","Action":["iam:ChangePassword","iam:*MFADevice*","iam:GetUser"],
    "Resource":["arn:aws:iam::*:user/*","arn:aws:iam::*:mfa/*"]}]}"#;
const GUARD: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"AllowViewAccountInfo","Effect":"Allow",
    "Action":["iam:GetAccountPasswordPolicy","iam:ListVirtualMFADevices"],"Resource":"*"},
    {"Sid":"AllowManageOwnVirtualMFADevice","Effect":"Allow","Action":["iam:CreateVirtualMFADevice"],
    "Resource":"arn:aws:iam::*:mfa/*"},{"Sid":"AllowManageOwnUserMFA","Effect":"Allow",
    "Action":["iam:EnableMFADevice","iam:GetUser","iam:ListMFADevices","iam:ResyncMFADevice"],
    "Resource":"arn:aws:iam::*:user/${aws:username}"},{"Sid":"DenyAllExceptListedIfNoMFA","Effect":"Deny",
    "NotAction":["iam:CreateVirtualMFADevice","iam:EnableMFADevice","iam:GetUser","iam:ListMFADevices",
    "iam:ListVirtualMFADevices","iam:ResyncMFADevice","sts:GetSessionToken"],"Resource":"*",
    "Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}}]}"#;
const DATA_LAKE: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["s3:PutObject",
    "glue:*","athena:*"],"Resource":"*"}}"#;
const IAM_STAR: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:*","Resource":"arn:aws:iam::*:*"}]}"#;
/// Everything, once signed in with MFA.
pub(crate) const EVERYTHING_WITH_MFA: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"BreakGlass",
    "Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}]}"#;
/// What a robot needs to send mail.
pub(crate) const SEND_MAIL: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ses:SendRawEmail","Resource":"*"}]}"#;

/// A trust policy that lets `principal` (a JSON object) do `action`, under `condition` if it is not empty.
pub(crate) fn trust(principal: &str, action: &str, condition: &str) -> String {
    let condition = if condition.is_empty() { String::new() } else { format!(r#","Condition":{condition}"#) };
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{principal},
    "Action":"{action}"{condition}}}]}}"#
    )
}
