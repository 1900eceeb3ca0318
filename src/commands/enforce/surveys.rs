//! The accounts that an enforcement command looks at: read from AWS or from a snapshot, judged, and surveyed while their
//! facts are at hand.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;

use crate::cli::{AwsArgs, RuleArgs, SourceArgs};
use crate::clock;
use crate::enforce::Guards;
use crate::enforce::plan::Input;
use crate::enforce::survey::{AccountSurvey, Question, survey};
use crate::evaluate::AccountEvaluation;
use crate::iam::Policy;
use crate::model::untrusted::Untrusted;
use crate::model::{AccountFacts, AccountStatus};
use crate::rules::RuleSet;
use crate::yaml::SourceFile;

use super::super::exit::{ExitStatus, Failure};
use super::super::offline;
use super::super::sources;

/// What an enforcement command is asked to look at.
#[cfg_attr(not(feature = "aws"), expect(dead_code, reason = "what a snapshot does not need"))]
pub(super) struct Order<'a> {
    /// Which accounts.
    pub(super) source: &'a SourceArgs,
    /// How to reach AWS.
    pub(super) aws: &'a AwsArgs,
    /// By which rules.
    pub(super) rules: &'a RuleArgs,
    /// Whether progress is shown.
    pub(super) progress: bool,
    /// The guards' documents.
    pub(super) guards: Guards,
    /// Whether guarded users are asked for the devices that their judgement did not need.
    pub(super) devices: bool,
}

/// The rules of a run and what they were read from.
pub(super) struct Rules {
    /// The rules, waivers and modes.
    pub(super) set: Arc<RuleSet>,
    /// The files that they were read from.
    pub(super) inputs: Vec<Input>,
    /// When the run began.
    #[cfg_attr(not(feature = "aws"), expect(dead_code, reason = "what a snapshot does not need"))]
    pub(super) started: Timestamp,
}

/// What was seen.
pub(super) struct Seen {
    /// The accounts.
    pub(super) surveys: Vec<AccountSurvey>,
    /// The moment against which ages were judged.
    pub(super) now: Timestamp,
    /// What a reader has to know.
    pub(super) notes: Vec<String>,
}

impl Seen {
    /// The accounts that could not be read, or not completely, and why.
    pub(super) fn unread(&self) -> impl Iterator<Item = (&str, &str)> {
        self.surveys.iter().filter_map(|survey| Some((survey.account.id.as_str(), survey.unread()?)))
    }

    /// How a command ends that has nothing else to tell.
    pub(super) fn status(&self) -> ExitStatus {
        if self.unread().next().is_some() { ExitStatus::Incomplete } else { ExitStatus::Clean }
    }
}

impl Rules {
    /// Reads and checks rules and waivers.
    ///
    /// # Errors
    ///
    /// Every problem of every file; that no rule names an action.
    pub(super) fn read(args: &RuleArgs, config: Option<&SourceFile>) -> Result<Self, Failure> {
        let started = clock::now();
        let (mut set, mut files) = sources::rules_and_files(&args.rules, &args.params)?;
        set.modes.clone_from(&args.modes);
        set.waivers = sources::waivers(&args.waivers, args.now.unwrap_or(started), args.max_waiver_days)?;
        for name in &args.waivers {
            files.push(sources::read(name).map_err(|problem| Failure::Diagnostics(vec![*problem]))?);
        }
        files.extend(config.cloned());
        if !set.rules.iter().any(|rule| rule.enforce.is_some()) {
            return Err(Failure::Usage(
                "none of the rules names an action (`enforce: deny-without-mfa`): there is nothing to plan".to_owned(),
            ));
        }
        let inputs = files.iter().map(|file| Input { path: file.path.to_string(), sha256: fingerprint(&file.text) });
        Ok(Self { inputs: inputs.collect(), set: Arc::new(set), started })
    }

    /// Ids of the rules with an action.
    pub(super) fn acting(&self) -> Vec<String> {
        let acting = self.set.rules.iter().filter(|rule| rule.enforce.is_some());
        acting.map(|rule| rule.id.clone()).collect()
    }
}

/// The hash of an input.
pub(super) fn fingerprint(text: &str) -> String {
    crate::enforce::guard::fingerprint(text)
}

/// Surveys each account that it is shown.
struct Surveyor {
    set: Arc<RuleSet>,
    acting: Vec<String>,
    guards: Guards,
    now: Timestamp,
    found: Mutex<Vec<AccountSurvey>>,
    notes: Mutex<Vec<String>>,
}

impl Surveyor {
    fn new(rules: &Rules, guards: Guards, now: Timestamp) -> Self {
        Self {
            set: Arc::clone(&rules.set),
            acting: rules.acting(),
            guards,
            now,
            found: Mutex::default(),
            notes: Mutex::default(),
        }
    }

    fn look(&self, facts: &AccountFacts, evaluation: &AccountEvaluation, scps: Option<&[Vec<Policy>]>) {
        if facts.status == AccountStatus::Skipped {
            let reason = facts.reason.as_deref().unwrap_or_default();
            self.note(format!("account {} is left out: {reason}", facts.account.id));
        }
        let waived = |rule: &str, account: &str, resource: &str| {
            let (_, waiver) = self.set.waivers.find(rule, account, resource)?;
            let by = &waiver.by;
            Some(format!(
                "waived for {rule} until {} by {}: {}",
                by.expires,
                Untrusted(&by.owner),
                Untrusted(&by.reason)
            ))
        };
        let question = Question { acting: &self.acting, waived: &waived, guards: &self.guards, scps, now: self.now };
        let surveyed = survey(facts, &evaluation.findings, &question);
        self.found.lock().unwrap_or_else(PoisonError::into_inner).push(surveyed);
    }

    fn note(&self, note: String) {
        let mut notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        if !notes.contains(&note) {
            notes.push(note);
        }
    }

    fn take(&self) -> (Vec<AccountSurvey>, Vec<String>) {
        let take =
            |mutex: &Mutex<Vec<String>>| std::mem::take(&mut *mutex.lock().unwrap_or_else(PoisonError::into_inner));
        let mut surveys = std::mem::take(&mut *self.found.lock().unwrap_or_else(PoisonError::into_inner));
        surveys.sort_by(|one, other| one.account.id.cmp(&other.account.id));
        (surveys, take(&self.notes))
    }
}

const SCPS_NOT_READ: &str =
    "service control policies were not read: they are taken to be FullAWSAccess (--require-scps holds back instead)";

/// Surveys the accounts of a snapshot.
///
/// # Errors
///
/// If it cannot be read.
pub(super) fn of_snapshot(order: &Order<'_>, rules: &Rules, path: &std::path::Path) -> Result<Seen, Failure> {
    // Ages are those of the moment of the snapshot, unless another is named.
    let now = match order.rules.now {
        Some(now) => now,
        None => offline::taken_at(path)?,
    };
    let surveyor = Surveyor::new(rules, order.guards.clone(), now);
    let look = |facts: &AccountFacts, evaluation: &AccountEvaluation| surveyor.look(facts, evaluation, None);
    offline::inspect(path, &rules.set, Some(now), look)?;
    let (surveys, mut notes) = surveyor.take();
    notes.insert(0, SCPS_NOT_READ.to_owned());
    Ok(Seen { surveys, now, notes })
}

#[cfg(feature = "aws")]
pub(super) use live::of_aws;

#[cfg(feature = "aws")]
mod live {
    use super::super::users;
    use super::{AccountEvaluation, AccountFacts, Arc, Failure, Order, Policy, Rules, SCPS_NOT_READ, Seen, Surveyor};
    use crate::aws::{Hub, Scps};
    use crate::commands::live::{self, Inspector};
    use crate::iam::Document;

    /// What was seen, and the way back in.
    pub(in super::super) struct OfAws {
        /// What was seen.
        pub(in super::super) seen: Seen,
        /// The caller's account.
        pub(in super::super) hub: Hub,
    }

    impl Inspector for Surveyor {
        fn look(&self, facts: &AccountFacts, evaluation: &AccountEvaluation, scps: Option<&Scps>) {
            let Some(Scps::Levels(levels)) = scps else {
                self.note(SCPS_NOT_READ.to_owned());
                return Self::look(self, facts, evaluation, None);
            };
            // A level without any has them turned off.
            let levels = levels.iter().filter(|level| !level.policies.is_empty());
            let compiled: Vec<Vec<Policy>> = levels
                .map(|level| {
                    level
                        .policies
                        .iter()
                        .map(|scp| match Document::parse(&scp.document) {
                            Ok(document) => Policy::new(format!("scp {}", scp.name), &document),
                            Err(error) => Policy::unreadable(format!("scp {}", scp.name), error.to_string()),
                        })
                        .collect()
                })
                .collect();
            Self::look(self, facts, evaluation, Some(&compiled));
        }
    }

    /// Surveys accounts of AWS.
    ///
    /// # Errors
    ///
    /// If the caller has no credentials or the accounts cannot be listed.
    pub(in super::super) async fn of_aws(order: &Order<'_>, rules: &Rules, run_id: &str) -> Result<OfAws, Failure> {
        let now = order.rules.now.unwrap_or(rules.started);
        let surveyor = Arc::new(Surveyor::new(rules, order.guards.clone(), now));
        let inspector: Arc<dyn Inspector> = Arc::<Surveyor>::clone(&surveyor);
        let scanned = live::scan(live::Order {
            source: order.source,
            aws: order.aws,
            session: live::ENFORCING,
            save: None,
            progress: order.progress,
            set: Arc::clone(&rules.set),
            run_id,
            started: rules.started,
            now,
            inspector: Some(inspector),
        })
        .await?;
        let (mut surveys, mut notes) = surveyor.take();
        if order.devices {
            users::devices(&scanned.hub, order, &mut surveys).await;
        }
        notes.extend(scanned.notices.into_iter().map(|notice| notice.message));
        Ok(OfAws { seen: Seen { surveys, now, notes }, hub: scanned.hub })
    }
}
