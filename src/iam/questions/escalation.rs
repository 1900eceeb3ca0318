//! Ways by which who is no administrator can become one.
//!
//! The ways are those that Prowler and others list (aws-facts 6.5), but with the resources, conditions and boundaries
//! respected: each step has to be allowed, with MFA, on something that leads further. To make an access key for oneself
//! leads nowhere; to make one for an administrator, or for anybody, does.

use std::fmt;

use crate::iam::context::Context;
use crate::iam::mfa::MfaContext;
use crate::iam::request::Request;

use super::subject::Subject;
use super::witness::ANY;

/// What leads further if one has a hand in it.
#[derive(Debug, Clone, Default)]
pub struct Targets<'a> {
    /// ARNs of users who are administrators.
    pub admin_users: Vec<&'a str>,
    /// ARNs of roles that make an administrator of whoever assumes them.
    pub admin_roles: Vec<&'a str>,
    /// ARNs of groups that make administrators of their members.
    pub admin_groups: Vec<&'a str>,
    /// ARNs of the groups that the principal is in.
    pub own_groups: Vec<&'a str>,
    /// ARNs of the managed policies, not AWS's own, that apply to the principal.
    pub own_policies: Vec<&'a str>,
}

/// A way that is open to a principal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Escalation {
    /// Its actions, such as `iam:PassRole` and `lambda:CreateFunction`.
    pub actions: &'static [Step],
    /// A resource on which its first step is allowed, as a pattern.
    pub resource: String,
}

/// One action of a way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// The action.
    pub action: &'static str,
    on: On,
}

/// On what an action has to be allowed to lead further.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum On {
    /// Any resource whatever: of other services than IAM.
    Anything,
    /// Itself, or any user.
    OwnUser,
    /// An administrator, or any user.
    AdminUser,
    /// A group that it is in, or any group.
    OwnGroup,
    /// A group of administrators, or any group.
    AdminGroup,
    /// A role of administrators, or any role.
    AdminRole,
    /// A policy that applies to it, or any of the account's.
    OwnPolicy,
    /// A role of administrators, or any role, handed to this service.
    RoleFor(&'static str),
}

const fn step(action: &'static str, on: On) -> Step {
    Step { action, on }
}

const fn other(action: &'static str) -> Step {
    Step { action, on: On::Anything }
}

/// Hands a role to a service and has the service use it.
macro_rules! pass_role {
    ($service:literal $(, $action:literal)+) => {
        &[step("iam:PassRole", On::RoleFor($service)) $(, other($action))+]
    };
}

/// The ways: all steps of one have to be open.
const WAYS: &[&[Step]] = &[
    &[step("iam:CreatePolicyVersion", On::OwnPolicy)],
    &[step("iam:SetDefaultPolicyVersion", On::OwnPolicy)],
    &[step("iam:CreateAccessKey", On::AdminUser)],
    &[step("iam:CreateLoginProfile", On::AdminUser)],
    &[step("iam:UpdateLoginProfile", On::AdminUser)],
    &[step("iam:AttachUserPolicy", On::OwnUser)],
    &[step("iam:PutUserPolicy", On::OwnUser)],
    &[step("iam:AttachGroupPolicy", On::OwnGroup)],
    &[step("iam:PutGroupPolicy", On::OwnGroup)],
    &[step("iam:AddUserToGroup", On::AdminGroup)],
    &[step("iam:AttachRolePolicy", On::AdminRole), step("sts:AssumeRole", On::AdminRole)],
    &[step("iam:PutRolePolicy", On::AdminRole), step("sts:AssumeRole", On::AdminRole)],
    &[step("iam:UpdateAssumeRolePolicy", On::AdminRole)],
    pass_role!("ec2.amazonaws.com", "ec2:RunInstances"),
    pass_role!("ec2.amazonaws.com", "ec2:RequestSpotInstances"),
    pass_role!("ec2.amazonaws.com", "autoscaling:CreateLaunchConfiguration", "autoscaling:CreateAutoScalingGroup"),
    pass_role!("lambda.amazonaws.com", "lambda:CreateFunction", "lambda:InvokeFunction"),
    pass_role!("lambda.amazonaws.com", "lambda:CreateFunction", "lambda:CreateEventSourceMapping"),
    pass_role!("lambda.amazonaws.com", "lambda:CreateFunction", "lambda:AddPermission"),
    pass_role!("glue.amazonaws.com", "glue:CreateDevEndpoint"),
    pass_role!("glue.amazonaws.com", "glue:CreateJob", "glue:StartJobRun"),
    pass_role!("cloudformation.amazonaws.com", "cloudformation:CreateStack"),
    pass_role!("cloudformation.amazonaws.com", "cloudformation:CreateStackSet"),
    pass_role!(
        "datapipeline.amazonaws.com",
        "datapipeline:CreatePipeline",
        "datapipeline:PutPipelineDefinition",
        "datapipeline:ActivatePipeline"
    ),
    pass_role!("codebuild.amazonaws.com", "codebuild:CreateProject", "codebuild:StartBuild"),
    pass_role!("ecs-tasks.amazonaws.com", "ecs:RegisterTaskDefinition", "ecs:RunTask"),
    pass_role!("ecs-tasks.amazonaws.com", "ecs:RegisterTaskDefinition", "ecs:StartTask"),
    pass_role!("ecs-tasks.amazonaws.com", "ecs:RegisterTaskDefinition", "ecs:CreateService"),
    pass_role!("sagemaker.amazonaws.com", "sagemaker:CreateNotebookInstance"),
    pass_role!("sagemaker.amazonaws.com", "sagemaker:CreateTrainingJob"),
    pass_role!("sagemaker.amazonaws.com", "sagemaker:CreateProcessingJob"),
    pass_role!("tasks.apprunner.amazonaws.com", "apprunner:CreateService"),
    &[other("lambda:UpdateFunctionCode")],
    &[other("lambda:UpdateFunctionConfiguration")],
    &[other("glue:UpdateDevEndpoint")],
    &[other("cloudformation:UpdateStack")],
    &[other("codebuild:StartBuild")],
    &[other("ssm:StartSession")],
    &[other("ssm:SendCommand")],
    &[other("apprunner:UpdateService")],
    &[other("sagemaker:CreatePresignedNotebookInstanceUrl")],
];

/// The policy that an escalation would attach.
const ADMINISTRATOR: &str = "iam::aws:policy/AdministratorAccess";

impl Escalation {
    /// The ways that are open to `subject`, who is no administrator.
    #[must_use]
    pub fn of(subject: &Subject<'_>, targets: &Targets<'_>) -> Vec<Self> {
        let base = subject.context(MfaContext::WithMfa);
        let open = |step: &Step| open_on(*step, subject, targets, &base);
        let ways = WAYS.iter().filter_map(|way| {
            let (first, rest) = way.split_first()?;
            let resource = open(first)?;
            rest.iter().all(|step| open(step).is_some()).then_some(Self { actions: way, resource })
        });
        ways.collect()
    }
}

/// The first resource that leads further and on which the step is allowed.
fn open_on(step: Step, subject: &Subject<'_>, targets: &Targets<'_>, base: &Context) -> Option<String> {
    // Most users may do next to none of it: that is found out without a look at any resource.
    if !subject.policies().identity.iter().any(|policy| policy.allows_action(step.action)) {
        return None;
    }
    let (partition, account) = subject.home();
    let any = |kind: &str| format!("arn:{partition}:iam::{account}:{kind}/{ANY}");
    let listed = |kind: &str, arns: &[&str]| {
        std::iter::once(any(kind)).chain(arns.iter().map(|arn| (*arn).to_owned())).collect::<Vec<String>>()
    };
    let resources = match step.on {
        On::Anything => vec![ANY.to_string()],
        On::OwnUser => listed("user", &[subject.arn()]),
        On::AdminUser => listed("user", &targets.admin_users),
        On::OwnGroup => listed("group", &targets.own_groups),
        On::AdminGroup => listed("group", &targets.admin_groups),
        On::AdminRole | On::RoleFor(_) => listed("role", &targets.admin_roles),
        On::OwnPolicy => listed("policy", &targets.own_policies),
    };
    let mut context = base.clone().with("iam:PolicyARN", format!("arn:{partition}:{ADMINISTRATOR}"));
    if let On::RoleFor(service) = step.on {
        context = context.with("iam:PassedToService", service);
    }
    let mut request = Request::new(step.action, "").with_context(context);
    let found = resources.into_iter().find(|resource| {
        resource.clone_into(&mut request.resource);
        subject.policies().may_allow(&request)
    });
    found.map(|resource| resource.replace(ANY, "*"))
}

impl fmt::Display for Escalation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, step) in self.actions.iter().enumerate() {
            write!(formatter, "{}{}", if place == 0 { "" } else { " + " }, step.action)?;
        }
        write!(formatter, " on {}", self.resource)
    }
}

#[cfg(test)]
mod tests;
