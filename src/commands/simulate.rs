//! `portcullis simulate`: what AWS would decide of requests, by policy files or by the policies of a user of a snapshot.

mod files;
mod of_user;
mod principal;
mod table;
mod why;

use serde::Serialize;

use crate::cli::{ContextKey, Mfa, Shape, SimulateArgs};
use crate::console;
use crate::iam::{Context, Decision, Policies, Policy, Presence, Request, decide, mfa};

use super::exit::{ExitStatus, Failure};

/// The key that names the principal.
const PRINCIPAL_ARN: &str = "aws:PrincipalArn";

/// The policies that apply, and what is known of the principal.
#[derive(Debug, Default)]
struct Applying {
    identity: Vec<Policy>,
    boundary: Option<Policy>,
    scps: Vec<Vec<Policy>>,
    /// The condition keys that the principal implies.
    implied: Context,
    /// Whether the principal is in the organization's management account.
    in_management_account: bool,
}

/// A request and what becomes of it.
struct Answer {
    request: Request,
    decision: Decision,
}

/// Runs the command.
///
/// # Errors
///
/// If the command line, a policy file or the snapshot is wrong, or stdout cannot be written.
pub(super) fn run(args: &SimulateArgs) -> Result<ExitStatus, Failure> {
    if args.partition.is_some() {
        return Err(Failure::Usage("--partition goes with --lint only; requests name theirs in ARNs".to_owned()));
    }
    let given = given(&args.context)?;
    let applying = applying(args)?;
    let context = given.or(args.mfa.map_or_else(Context::new, mfa_keys)).or(applying.implied.clone());
    let scps_bind = match context.get(PRINCIPAL_ARN) {
        Presence::Present([arn]) => decide::scps_apply(arn, applying.in_management_account),
        _ => !applying.in_management_account,
    };
    let policies = applying.policies(scps_bind);
    let answers: Vec<Answer> =
        requests(args, &context).map(|request| Answer { decision: policies.decide(&request), request }).collect();
    let written = match args.format {
        Shape::Json => console::out(&json(&answers)?),
        Shape::Table => {
            let note = (!scps_bind && !args.policies.scps.is_empty())
                .then_some("Service control policies do not bind this principal: they were left aside.");
            let (width, colour) = (console::stdout_width(), console::stdout_colour());
            console::out_with(|out| table::write(&policies, &answers, note, width, colour, out))
        }
    };
    written.map_err(|error| Failure::run(&error))?;
    Ok(ExitStatus::Clean)
}

impl Applying {
    fn policies(&self, scps_bind: bool) -> Policies<'_> {
        let scps = if scps_bind { self.scps.as_slice() } else { &[] };
        Policies {
            identity: self.identity.iter().collect(),
            boundary: self.boundary.as_ref(),
            scps: scps.iter().map(|level| level.iter().collect()).collect(),
        }
    }
}

/// Every action on every resource, in the order given.
fn requests<'a>(args: &'a SimulateArgs, context: &'a Context) -> impl Iterator<Item = Request> + 'a {
    args.actions.iter().flat_map(move |action| {
        args.resources.iter().map(move |resource| Request::new(action, resource).with_context(context.clone()))
    })
}

/// Reads everything that applies: all problems of all files at once.
fn applying(args: &SimulateArgs) -> Result<Applying, Failure> {
    let policies = &args.policies;
    let mut files = files::Files::default();
    let mut applying = Applying {
        identity: policies.identity.iter().filter_map(|path| files.read(path)).collect(),
        boundary: policies.boundary.as_deref().and_then(|path| files.read(path)),
        scps: policies.scps.iter().map(|level| level.0.iter().filter_map(|path| files.read(path)).collect()).collect(),
        ..Applying::default()
    };
    files.finish()?;
    let mut arn = args.principal_arn.as_deref();
    let mut known = Context::new();
    if let (Some(path), Some(user)) = (&policies.snapshot, &policies.user) {
        let found = of_user::find(path, user)?;
        known = found.keys();
        applying.in_management_account = found.account.management == Some(true);
        (applying.identity, applying.boundary) = (found.identity, found.boundary);
        arn = arn.or(Some(user));
    }
    applying.implied = match arn {
        Some(arn) => principal::keys(arn).map_err(Failure::Usage)?.or(known),
        None => known,
    };
    Ok(applying)
}

/// The context of `--context`.
fn given(keys: &[ContextKey]) -> Result<Context, Failure> {
    let mut context = Context::new();
    for ContextKey { key, values } in keys {
        if context.get(key) != Presence::Absent {
            let message =
                format!("--context gives `{key}` twice; several values have commas between: {key}=VALUE,VALUE");
            return Err(Failure::Usage(message));
        }
        context = context.with_all(key, values.clone());
    }
    Ok(context)
}

/// The context of `--mfa`: the keys of MFA and no other.
fn mfa_keys(mfa: Mfa) -> Context {
    let context = Context::new();
    match mfa {
        Mfa::None => context.without(mfa::PRESENT).without(mfa::AGE),
        Mfa::ConsoleNoMfa => context.with(mfa::PRESENT, "false").without(mfa::AGE),
        Mfa::Present => context.with(mfa::PRESENT, "true").with(mfa::AGE, "0"),
    }
}

/// An answer as the public contract has it.
#[derive(Serialize)]
struct Row<'a> {
    action: &'a str,
    resource: &'a str,
    #[serde(flatten)]
    decision: &'a Decision,
}

fn json(answers: &[Answer]) -> Result<String, Failure> {
    let rows: Vec<Row<'_>> = answers
        .iter()
        .map(|Answer { request, decision }| Row { action: &request.action, resource: &request.resource, decision })
        .collect();
    let mut text = serde_json::to_string_pretty(&rows).map_err(|error| Failure::run(&error))?;
    text.push('\n');
    Ok(text)
}
