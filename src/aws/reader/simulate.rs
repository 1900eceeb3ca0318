//! AWS's own judgement of a user's rights: `iam:SimulatePrincipalPolicy`.
//!
//! It knows the policies of IAM, boundaries and service control policies, but no policies of resources, and AWS throttles
//! it soon.

use aws_sdk_iam::types::{
    ContextEntry, ContextKeyTypeEnum, EvaluationResult, PolicyEvaluationDecisionType, PolicySourceType, Statement,
};

use super::Reader;
use crate::aws::answers::{ContextType, ContextValue, Decision, MatchedStatement, Simulated, Simulation};
use crate::aws::error::AwsError;
use crate::aws::operation::Operation;

impl Reader {
    /// What a user may do, one answer for each action and resource.
    ///
    /// # Errors
    ///
    /// If any page fails, or AWS answers with a decision that is new to us or not for every action.
    pub async fn simulate(&self, simulation: &Simulation) -> Result<Vec<Simulated>, AwsError> {
        let operation = Operation::SimulatePrincipalPolicy;
        let pages = self
            .iam
            .simulate_principal_policy()
            .policy_source_arn(&simulation.user_arn)
            .set_action_names(Some(simulation.actions.clone()))
            .set_resource_arns(some(&simulation.resources))
            .set_policy_input_list(some(&simulation.policies))
            .set_context_entries(some(&simulation.context.iter().map(context_entry).collect::<Vec<_>>()))
            .into_paginator()
            .send();
        let mut answers = Vec::new();
        self.pages(operation, pages, |page| {
            answers.extend(page.evaluation_results.unwrap_or_default().into_iter().map(simulated));
            page.is_truncated
        })
        .await?;
        let answers: Option<Vec<_>> = answers.into_iter().collect();
        let answers = answers.ok_or_else(|| self.incomplete(operation, "decision that is known"))?;
        match simulation.actions.iter().find(|action| !answers.iter().any(|answer| is_about(answer, action))) {
            Some(action) => Err(self.incomplete(operation, &format!("decision on {action}"))),
            None => Ok(answers),
        }
    }
}

fn is_about(answer: &Simulated, action: &str) -> bool {
    answer.action.eq_ignore_ascii_case(action)
}

/// AWS takes no empty lists.
fn some<T: Clone>(list: &[T]) -> Option<Vec<T>> {
    (!list.is_empty()).then(|| list.to_vec())
}

fn context_entry(value: &ContextValue) -> ContextEntry {
    let kind = match value.kind {
        ContextType::Text => ContextKeyTypeEnum::String,
        ContextType::Texts => ContextKeyTypeEnum::StringList,
        ContextType::Number => ContextKeyTypeEnum::Numeric,
        ContextType::Bool => ContextKeyTypeEnum::Boolean,
        ContextType::Time => ContextKeyTypeEnum::Date,
        ContextType::Ip => ContextKeyTypeEnum::Ip,
    };
    ContextEntry::builder()
        .context_key_name(&value.key)
        .context_key_type(kind)
        .set_context_key_values(Some(value.values.clone()))
        .build()
}

/// `None` for a decision that is new to us.
fn simulated(result: EvaluationResult) -> Option<Simulated> {
    let decision = match result.eval_decision {
        PolicyEvaluationDecisionType::Allowed => Decision::Allowed,
        PolicyEvaluationDecisionType::ExplicitDeny => Decision::ExplicitDeny,
        PolicyEvaluationDecisionType::ImplicitDeny => Decision::ImplicitDeny,
        _ => return None,
    };
    Some(Simulated {
        action: result.eval_action_name,
        resource: result.eval_resource_name,
        decision,
        matched: result.matched_statements.unwrap_or_default().into_iter().map(matched).collect(),
        missing_context: result.missing_context_values.unwrap_or_default(),
        allowed_by_organizations: result.organizations_decision_detail.map(|detail| detail.allowed_by_organizations),
        allowed_by_boundary: result
            .permissions_boundary_decision_detail
            .map(|detail| detail.allowed_by_permissions_boundary),
    })
}

fn matched(statement: Statement) -> MatchedStatement {
    let kind = statement.source_policy_type.as_ref().map(PolicySourceType::as_str);
    MatchedStatement { policy: statement.source_policy_id.unwrap_or_default(), kind: kind.unwrap_or("none").to_owned() }
}
