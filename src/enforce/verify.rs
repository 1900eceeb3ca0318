//! Whether a change is seen, and does what it should: asked of AWS's simulator, else of the evaluator.

use crate::aws::answers::{ContextType, ContextValue, Decision, Simulation};
use crate::iam::mfa::{PRESENT, VIA_SERVICE};

use super::actions::{Act, Task};
use super::site::Site;
use super::wait::Waits;

/// The word for verification by AWS's simulator.
pub const BY_AWS: &str = "iam:SimulatePrincipalPolicy";

/// The word for verification by our evaluator.
pub const BY_US: &str = "evaluator";

/// The word for verification of a policy: its document was read back.
pub const BY_READING: &str = "iam:GetPolicyVersion";

const USERNAME: &str = "aws:username";

/// What verification found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is seen and does what it should, according to whom.
    Right(&'static str),
    /// It is not seen, or could not be read.
    NotSeen(String),
    /// It is seen and does not do what it should.
    Wrong(String),
}

/// What AWS's simulator says.
enum Simulated {
    Right,
    Wrong(String),
    /// It does not answer here.
    Mute(String),
}

/// Looks whether the change is there, and what it does.
///
/// Beside the verdict: why the simulator need not be asked again in this account, if it does not answer.
pub async fn verify(act: &dyn Act, task: Task<'_>) -> (Verdict, Option<String>) {
    let mut waits = Waits::new(task.patience);
    loop {
        let answer = act.holds(task).await;
        if matches!(answer, Ok(true)) {
            break;
        }
        if !waits.again().await {
            let why = match answer {
                Err(error) => format!("it could not be read back: {error}"),
                Ok(_) => "it was done and is not seen".to_owned(),
            };
            return (Verdict::NotSeen(why), None);
        }
    }
    if !act.is_about_user() {
        return (Verdict::Right(BY_READING), None);
    }
    let mut mute = None;
    while task.site.no_simulator.is_none() && mute.is_none() {
        match simulate(task).await {
            Simulated::Right => return (Verdict::Right(BY_AWS), None),
            Simulated::Wrong(why) if !waits.again().await => return (Verdict::Wrong(why), None),
            Simulated::Wrong(_) => {}
            Simulated::Mute(why) => mute = Some(why),
        }
    }
    let disproof = task.site.disproof_of(&task.action.resource, task.variant);
    (disproof.map_or(Verdict::Right(BY_US), Verdict::Wrong), mute)
}

/// Asks AWS about a console session without MFA, which every guard covers.
async fn simulate(task: Task<'_>) -> Simulated {
    let value = |key: &str, kind: ContextType, value: &str| ContextValue {
        key: key.to_owned(),
        kind,
        values: vec![value.to_owned()],
    };
    let no = |key: &str| value(key, ContextType::Bool, "false");
    // AWS's simulator has no value for a variable that it is not given, and the guard names the user's own ARN by one.
    let name = || value(USERNAME, ContextType::Text, task.user);
    let ask = |action: &str, resources: Vec<String>| Simulation {
        user_arn: task.action.resource.clone(),
        actions: vec![action.to_owned()],
        resources,
        context: vec![no(PRESENT), no(VIA_SERVICE), name()],
        ..Simulation::default()
    };
    let asked = [
        (ask("s3:ListAllMyBuckets", Vec::new()), Decision::ExplicitDeny),
        (ask("iam:EnableMFADevice", vec![task.action.resource.clone()]), Decision::Allowed),
    ];
    for (simulation, expected) in asked {
        match task.site.reader.simulate(&simulation).await {
            Ok(answers) => {
                if let Some(answer) = answers.iter().find(|answer| answer.decision != expected) {
                    let found = answer.decision;
                    return Simulated::Wrong(format!(
                        "{BY_AWS} says {found:?} of {} without MFA, where {expected:?} is right",
                        answer.action
                    ));
                }
            }
            Err(error) => return Simulated::Mute(error.to_string()),
        }
    }
    Simulated::Right
}

/// Remembers that the simulator does not answer here, so that it is not asked for each user. Throttling passes.
pub fn remember(site: &mut Site, mute: Option<String>) {
    if let Some(why) = mute {
        tracing::info!(account = site.account().id, reason = why, "AWS's simulator is not asked any more");
        site.no_simulator = Some(why);
    }
}
