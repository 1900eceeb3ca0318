//! The table of AWS operations that Portcullis calls: one row each.
//!
//! Error texts, the roles that `portcullis deploy` prints, and the test that every list is read to its end all come
//! from here. Names are those of the AWS service models; what an operation needs is from the Service Authorization
//! Reference. Uses nothing.

/// Whether an operation changes anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// It only tells.
    Read,
    /// It changes AWS.
    Write,
}

/// An AWS operation that Portcullis calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "each is the operation of that name in the AWS API reference")]
pub enum Operation {
    AssumeRole,
    DescribeOrganization,
    GenerateCredentialReport,
    GetAccessKeyLastUsed,
    GetAccountAuthorizationDetails,
    GetAccountPasswordPolicy,
    GetAccountSummary,
    GetCallerIdentity,
    GetCredentialReport,
    GetLoginProfile,
    GetUser,
    ListAccessKeys,
    ListAccountAliases,
    ListAccounts,
    ListAccountsForParent,
    ListMfaDevices,
    ListOrganizationalUnitsForParent,
    ListOrganizationsFeatures,
    ListRoots,
    ListSigningCertificates,
    ListUsers,
    ListVirtualMfaDevices,
}

/// What the table says of one operation.
struct Row {
    name: &'static str,
    needs_permission: bool,
    access: Access,
    paged: bool,
    retry_safe: bool,
}

impl Row {
    /// An operation that only tells, in one answer.
    const fn read(name: &'static str) -> Self {
        Self { name, needs_permission: true, access: Access::Read, paged: false, retry_safe: true }
    }

    /// An operation that only tells, in pages.
    const fn list(name: &'static str) -> Self {
        Self { paged: true, ..Self::read(name) }
    }
}

impl Operation {
    /// All of them, by name.
    pub const ALL: [Self; 22] = [
        Self::AssumeRole,
        Self::DescribeOrganization,
        Self::GenerateCredentialReport,
        Self::GetAccessKeyLastUsed,
        Self::GetAccountAuthorizationDetails,
        Self::GetAccountPasswordPolicy,
        Self::GetAccountSummary,
        Self::GetCallerIdentity,
        Self::GetCredentialReport,
        Self::GetLoginProfile,
        Self::GetUser,
        Self::ListAccessKeys,
        Self::ListAccountAliases,
        Self::ListAccounts,
        Self::ListAccountsForParent,
        Self::ListMfaDevices,
        Self::ListOrganizationalUnitsForParent,
        Self::ListOrganizationsFeatures,
        Self::ListRoots,
        Self::ListSigningCertificates,
        Self::ListUsers,
        Self::ListVirtualMfaDevices,
    ];

    const fn row(self) -> Row {
        match self {
            Self::AssumeRole => Row::read("sts:AssumeRole"),
            Self::DescribeOrganization => Row::read("organizations:DescribeOrganization"),
            Self::GenerateCredentialReport => Row::read("iam:GenerateCredentialReport"),
            Self::GetAccessKeyLastUsed => Row::read("iam:GetAccessKeyLastUsed"),
            Self::GetAccountAuthorizationDetails => Row::list("iam:GetAccountAuthorizationDetails"),
            Self::GetAccountPasswordPolicy => Row::read("iam:GetAccountPasswordPolicy"),
            Self::GetAccountSummary => Row::read("iam:GetAccountSummary"),
            Self::GetCallerIdentity => Row { needs_permission: false, ..Row::read("sts:GetCallerIdentity") },
            Self::GetCredentialReport => Row::read("iam:GetCredentialReport"),
            Self::GetLoginProfile => Row::read("iam:GetLoginProfile"),
            Self::GetUser => Row::read("iam:GetUser"),
            Self::ListAccessKeys => Row::list("iam:ListAccessKeys"),
            Self::ListAccountAliases => Row::list("iam:ListAccountAliases"),
            Self::ListAccounts => Row::list("organizations:ListAccounts"),
            Self::ListAccountsForParent => Row::list("organizations:ListAccountsForParent"),
            Self::ListMfaDevices => Row::list("iam:ListMFADevices"),
            Self::ListOrganizationalUnitsForParent => Row::list("organizations:ListOrganizationalUnitsForParent"),
            Self::ListOrganizationsFeatures => Row::read("iam:ListOrganizationsFeatures"),
            Self::ListRoots => Row::list("organizations:ListRoots"),
            Self::ListSigningCertificates => Row::list("iam:ListSigningCertificates"),
            Self::ListUsers => Row::list("iam:ListUsers"),
            Self::ListVirtualMfaDevices => Row::list("iam:ListVirtualMFADevices"),
        }
    }

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

    /// The IAM action that allows it; `None` for `sts:GetCallerIdentity`, which nobody needs a permission for.
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

    /// Whether sending it twice does no harm.
    #[must_use]
    pub const fn is_retry_safe(self) -> bool {
        self.row().retry_safe
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_carry_their_service() {
        let mut names: Vec<_> = Operation::ALL.iter().map(|operation| operation.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Operation::ALL.len());
        for operation in Operation::ALL {
            assert!(["iam", "sts", "organizations"].contains(&operation.service()), "{}", operation.name());
            assert_eq!(operation.access(), Access::Read, "the reader never writes: {}", operation.name());
            assert!(operation.is_retry_safe());
        }
        assert_eq!(Operation::GetCallerIdentity.iam_action(), None);
        assert_eq!(Operation::ListMfaDevices.iam_action(), Some("iam:ListMFADevices"));
    }

    /// The SDK's method for an operation: `iam:ListMFADevices` is `list_mfa_devices`.
    fn method(operation: Operation) -> String {
        let name = operation.name().split_once(':').map_or("", |(_, name)| name).replace("MFA", "Mfa");
        let mut method = String::new();
        for character in name.chars() {
            if character.is_ascii_uppercase() && !method.is_empty() {
                method.push('_');
            }
            method.push(character.to_ascii_lowercase());
        }
        method
    }

    fn sources(directory: &std::path::Path, found: &mut Vec<(String, String)>) {
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                sources(&path, found);
            } else {
                let text = std::fs::read_to_string(&path).unwrap();
                let squeezed = text.chars().filter(|character| !character.is_whitespace()).collect();
                found.push((path.display().to_string(), squeezed));
            }
        }
    }

    #[test]
    fn every_paged_operation_is_read_through_its_paginator() {
        let mut files = Vec::new();
        sources(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/aws"), &mut files);
        for operation in Operation::ALL.into_iter().filter(|operation| operation.is_paged()) {
            let call = format!(".{}()", method(operation));
            let mut uses = 0;
            for (file, text) in &files {
                for (at, _) in text.match_indices(&call) {
                    let chain = text[at..].split(".send()").next().unwrap();
                    if text[at + call.len()..].starts_with(".await") {
                        continue; // our own method of that name, not the SDK's builder
                    }
                    assert!(chain.contains(".into_paginator()"), "{file}: {call} reads only the first page");
                    uses += 1;
                }
            }
            assert!(uses > 0, "{call} is in the table but never called");
        }
    }

    #[test]
    fn every_operation_names_its_read_in_the_source() {
        let mut files = Vec::new();
        sources(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/aws"), &mut files);
        for operation in Operation::ALL {
            let call = format!(".{}()", method(operation));
            assert!(files.iter().any(|(_, text)| text.contains(&call)), "{call} is never called");
        }
    }
}
