//! Question and answer of `iam:SimulatePrincipalPolicy`.

/// What to ask.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Simulation {
    /// Whose rights: the ARN of a user.
    pub user_arn: String,
    /// The actions, such as `iam:EnableMFADevice`.
    pub actions: Vec<String>,
    /// ARNs of the resources; none for all (`*`).
    pub resources: Vec<String>,
    /// Policy documents that the user is to have besides its own.
    pub policies: Vec<String>,
    /// The values of condition keys. A key that is missing is told in the answer.
    pub context: Vec<ContextValue>,
}

/// A condition key and its values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContextValue {
    /// The key, such as `aws:MultiFactorAuthPresent`.
    pub key: String,
    /// Its type.
    pub kind: ContextType,
    /// Its values: one, unless it is a list.
    pub values: Vec<String>,
}

/// The type of a condition key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContextType {
    /// A text.
    Text,
    /// A list of texts.
    Texts,
    /// A number.
    Number,
    /// `true` or `false`.
    Bool,
    /// A time.
    Time,
    /// An address.
    Ip,
}

/// What AWS decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// It is allowed.
    Allowed,
    /// A statement denies it.
    ExplicitDeny,
    /// No statement allows it.
    ImplicitDeny,
}

/// The answer for one action and resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Simulated {
    /// The action.
    pub action: String,
    /// The resource; `*` where none was asked about.
    pub resource: Option<String>,
    /// The decision.
    pub decision: Decision,
    /// The statements that led to it.
    pub matched: Vec<MatchedStatement>,
    /// Condition keys that policies ask for and the question did not give.
    pub missing_context: Vec<String>,
    /// Whether the service control policies allow it; `None` if there are none.
    pub allowed_by_organizations: Option<bool>,
    /// Whether the permissions boundary allows it; `None` if there is none.
    pub allowed_by_boundary: Option<bool>,
}

/// A statement that led to a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatchedStatement {
    /// The policy as AWS calls it: its name, or `PolicyInputList.1` for the first that came with the question.
    pub policy: String,
    /// AWS's word for where the policy is: `user`, `group`, `aws-managed`, `user-managed`, `none` and others.
    pub kind: String,
}
