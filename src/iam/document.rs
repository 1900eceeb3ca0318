//! Policy documents as they are written: nothing is decided here.
//!
//! Everything keeps AWS's own words and order (IAM User Guide, `reference_policies_grammar`). Patterns and condition
//! values stay text, since what a `${…}` in them means depends on the request.
//!
//! What is written of a document ([`serde::Serialize`]) reads as the same document again. It is not the same text: a list
//! of one is written as that one, the elements stand in the order of AWS's own documents, and condition values are
//! strings. Nothing else is lost, for all that can be read: where a document is put together by hand, an unknown element
//! must not have the name of a known one, and who is everyone has no other ids.

#[cfg(test)]
pub(crate) mod arbitrary;
mod write;

/// A policy document.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Document {
    /// `Version`; without one, AWS takes `2008-10-17`.
    pub version: Option<String>,
    /// `Id`.
    pub id: Option<String>,
    /// `Statement`, in order.
    pub statements: Vec<Statement>,
    /// Elements beside these three, which the policy language does not have, in order.
    pub unknown_elements: Vec<UnknownElement>,
}

/// An element that the policy language does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownElement {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: serde_json::Value,
}

/// What a statement does to the requests that it matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Effect {
    /// Allows them, unless something denies them.
    Allow,
    /// Denies them, whatever allows them.
    Deny,
}

/// A list of patterns, or all that the list does not match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Elements {
    /// `Action` or `Resource`: what one of these matches.
    Listed(Vec<String>),
    /// `NotAction` or `NotResource`: what none of these matches.
    Except(Vec<String>),
}

/// Whom a statement of a resource or trust policy is about; identity policies have none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principals {
    /// `Principal`: these.
    Listed(Principal),
    /// `NotPrincipal`: all but these.
    Except(Principal),
}

/// Principals by the kind that the document gives them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Principal {
    /// Whether it is the bare `"*"`; `{"AWS": "*"}` is a `*` in [`Self::aws`] instead.
    pub everyone: bool,
    /// `AWS`: account ids, ARNs, `*`, or the unique id of a principal that was deleted.
    pub aws: Vec<String>,
    /// `Service`: such as `ec2.amazonaws.com`.
    pub service: Vec<String>,
    /// `Federated`: ARNs of SAML and OIDC providers, or names of web identity providers.
    pub federated: Vec<String>,
    /// `CanonicalUser`: ids that S3 uses.
    pub canonical_user: Vec<String>,
}

/// `Condition`: all blocks have to hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Condition {
    /// The blocks, in order.
    pub blocks: Vec<ConditionBlock>,
}

/// One operator of a condition: it has to hold for all its keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConditionBlock {
    /// The operator as written, such as `ForAnyValue:StringLikeIfExists`.
    pub operator: String,
    /// Its keys, in order.
    pub keys: Vec<ConditionKey>,
}

/// One key under an operator: it has to hold for one of the values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConditionKey {
    /// The key as written, such as `aws:MultiFactorAuthPresent`; its case does not matter.
    pub key: String,
    /// The values; numbers and truth values became text, numbers as they were written.
    pub values: Vec<String>,
}

/// A statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// `Sid`.
    pub sid: Option<String>,
    /// `Effect`.
    pub effect: Effect,
    /// `Principal` or `NotPrincipal`.
    pub principal: Option<Principals>,
    /// `Action` or `NotAction`; letter case does not matter.
    pub action: Elements,
    /// `Resource` or `NotResource`; trust policies have none.
    pub resource: Option<Elements>,
    /// `Condition`.
    pub condition: Option<Condition>,
    /// Elements that the policy language does not have, in order.
    pub unknown_elements: Vec<UnknownElement>,
}

impl Document {
    /// Whether `${…}` in it is a variable; in older versions it is plain text.
    #[must_use]
    pub fn has_variables(&self) -> bool {
        self.version.as_deref() == Some("2012-10-17")
    }

    /// The names of its unknown elements, those of statements not included.
    pub fn unknown_names(&self) -> impl Iterator<Item = &str> {
        self.unknown_elements.iter().map(|element| element.name.as_str())
    }
}

impl Effect {
    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "Allow",
            Self::Deny => "Deny",
        }
    }
}

impl Elements {
    fn listed(&self) -> &[String] {
        match self {
            Self::Listed(patterns) => patterns,
            Self::Except(_) => &[],
        }
    }

    fn except(&self) -> &[String] {
        match self {
            Self::Listed(_) => &[],
            Self::Except(patterns) => patterns,
        }
    }
}

impl Statement {
    /// The patterns of `Action`; none if it has `NotAction`.
    #[must_use]
    pub fn actions(&self) -> &[String] {
        self.action.listed()
    }

    /// The patterns of `NotAction`; none if it has `Action`.
    #[must_use]
    pub fn not_actions(&self) -> &[String] {
        self.action.except()
    }

    /// The patterns of `Resource`; none if it has `NotResource`, or neither.
    #[must_use]
    pub fn resources(&self) -> &[String] {
        self.resource.as_ref().map_or(&[], Elements::listed)
    }

    /// The patterns of `NotResource`; none if it has `Resource`, or neither.
    #[must_use]
    pub fn not_resources(&self) -> &[String] {
        self.resource.as_ref().map_or(&[], Elements::except)
    }

    /// Whom `Principal` names; nobody if it has `NotPrincipal`, or neither.
    #[must_use]
    pub const fn principals(&self) -> Option<&Principal> {
        match &self.principal {
            Some(Principals::Listed(principal)) => Some(principal),
            Some(Principals::Except(_)) | None => None,
        }
    }

    /// Whether it is about everyone: `*`, `{"AWS": "*"}`, or all but those that `NotPrincipal` names.
    #[must_use]
    pub fn names_everyone(&self) -> bool {
        match &self.principal {
            Some(Principals::Listed(principal)) => principal.everyone || principal.aws.iter().any(|aws| aws == "*"),
            Some(Principals::Except(_)) => true,
            None => false,
        }
    }

    /// The names of its unknown elements.
    pub fn unknown_names(&self) -> impl Iterator<Item = &str> {
        self.unknown_elements.iter().map(|element| element.name.as_str())
    }

    /// The blocks of its condition; none if it has no condition.
    #[must_use]
    pub fn conditions(&self) -> &[ConditionBlock] {
        self.condition.as_ref().map_or(&[], |condition| &condition.blocks)
    }

    /// Whether a condition limits it; an empty `Condition` does not.
    #[must_use]
    pub fn has_condition(&self) -> bool {
        self.condition.as_ref().is_some_and(|condition| condition.blocks.iter().any(|block| !block.keys.is_empty()))
    }
}
