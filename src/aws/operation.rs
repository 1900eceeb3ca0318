//! The table of AWS operations that Portcullis calls: one row each.
//!
//! Error texts, the roles that `portcullis deploy` prints, and the tests that every list is read to its end and that
//! reading and writing stay apart all come from here. Names are those of the AWS service models; what an operation
//! needs is from the Service Authorization Reference. Uses nothing.

use Purpose::{Enforce, Enroll, Onboard, Remove, Scan};

/// Whether an operation changes anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// It only tells.
    Read,
    /// It changes AWS.
    Write,
}

/// What a role is for: each has the permissions of its purpose and no others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To learn the facts.
    Scan,
    /// To attach and detach the guard, and what is asked right before. The facts come from a scan.
    Enforce,
    /// To give users a device.
    Enroll,
    /// To take a device away.
    Remove,
    /// To make a new user, guarded before it has a password, and to take it back if that fails.
    Onboard,
}

/// Whose permission an operation needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Site {
    /// That of whoever runs Portcullis.
    Hub,
    /// That of the role in each account.
    Account,
}

/// What the table says of one operation.
struct Row {
    name: &'static str,
    purposes: &'static [Purpose],
    site: Site,
    needs_permission: bool,
    access: Access,
    paged: bool,
    retry_safe: bool,
}

impl Row {
    const fn of_hub(self) -> Self {
        Self { site: Site::Hub, ..self }
    }

    const fn for_everybody(self) -> Self {
        Self { needs_permission: false, ..self }
    }

    const fn only_once(self) -> Self {
        Self { retry_safe: false, ..self }
    }
}

/// An operation that only tells, in one answer.
const fn read(name: &'static str, purposes: &'static [Purpose]) -> Row {
    let (site, access) = (Site::Account, Access::Read);
    Row { name, purposes, site, needs_permission: true, access, paged: false, retry_safe: true }
}

/// An operation that only tells, in pages.
const fn list(name: &'static str, purposes: &'static [Purpose]) -> Row {
    Row { paged: true, ..read(name, purposes) }
}

/// An operation that changes AWS.
const fn write(name: &'static str, purposes: &'static [Purpose]) -> Row {
    Row { access: Access::Write, ..read(name, purposes) }
}

macro_rules! operations {
    ($($name:ident: $row:expr,)*) => {
        /// An AWS operation that Portcullis calls.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[expect(missing_docs, reason = "each is the operation of that name in the AWS API reference")]
        pub enum Operation {
            $($name,)*
        }

        impl Operation {
            /// All of them, by name.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            const fn row(self) -> Row {
                match self {
                    $(Self::$name => $row,)*
                }
            }
        }
    };
}

operations! {
    AddUserToGroup: write("iam:AddUserToGroup", &[Enforce, Onboard]),
    AssumeRole: read("sts:AssumeRole", &[Scan, Enforce, Enroll, Remove]).of_hub(),
    AttachGroupPolicy: write("iam:AttachGroupPolicy", &[Enforce]),
    AttachUserPolicy: write("iam:AttachUserPolicy", &[Enforce, Onboard]),
    CreateGroup: write("iam:CreateGroup", &[Enforce]),
    CreateLoginProfile: write("iam:CreateLoginProfile", &[Onboard]).only_once(),
    CreatePolicy: write("iam:CreatePolicy", &[Enforce, Onboard]),
    CreatePolicyVersion: write("iam:CreatePolicyVersion", &[Enforce]).only_once(),
    CreateUser: write("iam:CreateUser", &[Onboard]).only_once(),
    CreateVirtualMfaDevice: write("iam:CreateVirtualMFADevice", &[Enroll]).only_once(),
    DeactivateMfaDevice: write("iam:DeactivateMFADevice", &[Remove]),
    DeleteLoginProfile: write("iam:DeleteLoginProfile", &[Onboard]),
    DeletePolicy: write("iam:DeletePolicy", &[Onboard]),
    DeletePolicyVersion: write("iam:DeletePolicyVersion", &[Enforce]),
    DeleteUser: write("iam:DeleteUser", &[Onboard]),
    DeleteVirtualMfaDevice: write("iam:DeleteVirtualMFADevice", &[Enroll, Remove]),
    DescribeOrganization: read("organizations:DescribeOrganization", &[Scan, Enforce, Onboard]).of_hub(),
    DescribePolicy: read("organizations:DescribePolicy", &[Enforce, Onboard]).of_hub(),
    DetachUserPolicy: write("iam:DetachUserPolicy", &[Enforce, Onboard]),
    EnableMfaDevice: write("iam:EnableMFADevice", &[Enroll]).only_once(),
    GenerateCredentialReport: read("iam:GenerateCredentialReport", &[Scan]),
    GetAccessKeyLastUsed: read("iam:GetAccessKeyLastUsed", &[Scan, Enforce]),
    GetAccountAuthorizationDetails: list("iam:GetAccountAuthorizationDetails", &[Scan, Enforce]),
    GetAccountPasswordPolicy: read("iam:GetAccountPasswordPolicy", &[Scan, Enforce, Onboard]),
    GetAccountSummary: read("iam:GetAccountSummary", &[Scan, Enforce, Enroll, Onboard]),
    GetCallerIdentity: read("sts:GetCallerIdentity", &[Scan, Enforce, Enroll, Remove, Onboard]).of_hub().for_everybody(),
    GetCredentialReport: read("iam:GetCredentialReport", &[Scan]),
    GetGroup: list("iam:GetGroup", &[Enforce, Onboard]),
    GetGroupPolicy: read("iam:GetGroupPolicy", &[Enforce, Onboard]),
    GetLoginProfile: read("iam:GetLoginProfile", &[Scan, Enforce, Enroll, Remove, Onboard]),
    GetPolicy: read("iam:GetPolicy", &[Enforce, Onboard]),
    GetPolicyVersion: read("iam:GetPolicyVersion", &[Enforce, Onboard]),
    GetSessionToken: read("sts:GetSessionToken", &[Enroll]).of_hub().for_everybody().only_once(),
    GetUser: read("iam:GetUser", &[Scan, Enforce, Enroll, Onboard]),
    GetUserPolicy: read("iam:GetUserPolicy", &[Enforce, Onboard]),
    ListAccessKeys: list("iam:ListAccessKeys", &[Scan, Enforce, Enroll, Onboard]),
    ListAccountAliases: list("iam:ListAccountAliases", &[Scan, Onboard]),
    ListAccounts: list("organizations:ListAccounts", &[Scan, Enforce]).of_hub(),
    ListAccountsForParent: list("organizations:ListAccountsForParent", &[Scan, Enforce]).of_hub(),
    ListAttachedGroupPolicies: list("iam:ListAttachedGroupPolicies", &[Enforce, Enroll, Remove, Onboard]),
    ListAttachedUserPolicies: list("iam:ListAttachedUserPolicies", &[Enforce, Enroll, Remove, Onboard]),
    ListGroupPolicies: list("iam:ListGroupPolicies", &[Enforce, Onboard]),
    ListGroupsForUser: list("iam:ListGroupsForUser", &[Enforce, Enroll, Remove, Onboard]),
    ListMfaDevices: list("iam:ListMFADevices", &[Scan, Enforce, Enroll, Remove]),
    ListOrganizationalUnitsForParent: list("organizations:ListOrganizationalUnitsForParent", &[Scan, Enforce]).of_hub(),
    ListOrganizationsFeatures: read("iam:ListOrganizationsFeatures", &[Scan]).of_hub(),
    ListParents: list("organizations:ListParents", &[Enforce, Onboard]).of_hub(),
    ListPoliciesForTarget: list("organizations:ListPoliciesForTarget", &[Enforce, Onboard]).of_hub(),
    ListPolicyVersions: list("iam:ListPolicyVersions", &[Enforce]),
    ListRoots: list("organizations:ListRoots", &[Scan, Enforce]).of_hub(),
    ListServiceSpecificCredentials: list("iam:ListServiceSpecificCredentials", &[Enforce]),
    ListSigningCertificates: list("iam:ListSigningCertificates", &[Scan]),
    ListSshPublicKeys: list("iam:ListSSHPublicKeys", &[Enforce]),
    ListUserPolicies: list("iam:ListUserPolicies", &[Enforce, Onboard]),
    ListUsers: list("iam:ListUsers", &[Scan]),
    ListVirtualMfaDevices: list("iam:ListVirtualMFADevices", &[Scan, Enroll, Remove]),
    RemoveUserFromGroup: write("iam:RemoveUserFromGroup", &[Enforce, Onboard]),
    ResyncMfaDevice: write("iam:ResyncMFADevice", &[Enroll]).only_once(),
    SetDefaultPolicyVersion: write("iam:SetDefaultPolicyVersion", &[Enforce]),
    SimulatePrincipalPolicy: list("iam:SimulatePrincipalPolicy", &[Enforce]),
    TagPolicy: write("iam:TagPolicy", &[Enforce, Onboard]),
}

/// The IAM actions that a role at `site` needs for `purpose`, by name.
#[must_use]
pub fn actions(purpose: Purpose, site: Site) -> Vec<&'static str> {
    let here = |operation: &&Operation| operation.site() == site && operation.purposes().contains(&purpose);
    let mut actions: Vec<_> =
        Operation::ALL.iter().filter(here).filter_map(|operation| operation.iam_action()).collect();
    actions.sort_unstable();
    actions
}

impl Operation {
    /// Service and name, such as `iam:ListMFADevices`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.row().name
    }

    /// The service's prefix in IAM: `iam`, `sts` or `organizations`.
    #[must_use]
    pub fn service(self) -> &'static str {
        self.name().split_once(':').map_or("", |(service, _)| service)
    }

    /// What it is called for.
    #[must_use]
    pub const fn purposes(self) -> &'static [Purpose] {
        self.row().purposes
    }

    /// Whose permission it needs.
    #[must_use]
    pub const fn site(self) -> Site {
        self.row().site
    }

    /// The IAM action that allows it; `None` for `sts:GetCallerIdentity` and `sts:GetSessionToken`, which nobody needs a
    /// permission for.
    #[must_use]
    pub fn iam_action(self) -> Option<&'static str> {
        self.row().needs_permission.then(|| self.name())
    }

    /// Whether it changes AWS.
    #[must_use]
    pub const fn access(self) -> Access {
        self.row().access
    }

    /// Whether its answer comes in pages.
    #[must_use]
    pub const fn is_paged(self) -> bool {
        self.row().paged
    }

    /// Whether sending it twice does no harm: a second policy version, or a code that is used up, is harm.
    #[must_use]
    pub const fn is_retry_safe(self) -> bool {
        self.row().retry_safe
    }
}

#[cfg(test)]
mod tests;
