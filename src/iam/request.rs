//! A request, as AWS puts it together before it decides.

use super::context::Context;

/// One action on one resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The action, such as `s3:GetObject`; its letter case does not matter.
    pub action: String,
    /// The ARN of the resource; `*` for actions that have no resource type (they match a `Resource` of `*` only).
    pub resource: String,
    /// The condition keys.
    pub context: Context,
}

impl Request {
    /// A request without condition keys.
    #[must_use]
    pub fn new(action: impl Into<String>, resource: impl Into<String>) -> Self {
        Self { action: action.into(), resource: resource.into(), context: Context::new() }
    }

    /// The same with this context.
    #[must_use]
    pub fn with_context(self, context: Context) -> Self {
        Self { context, ..self }
    }
}
