//! One user: what is known of the change, its preconditions, the change, and whether it does what it should.

use serde_json::{Value, json};

use crate::aws;
use crate::enforce::actions::{self, Act, Task, Trouble};
use crate::enforce::check::{self, Facts, Rules};
use crate::enforce::draft::GROUP;
use crate::enforce::plan::{Action, Kind};
use crate::enforce::site::Site;
use crate::enforce::verify::{self, Verdict, verify};
use crate::enforce::wait::Waits;
use crate::enforce::{user_name, variant_of};
use crate::iam::guard::Variant;
use crate::journal::{Change, Past, Told};
use crate::ledger::{LedgerError, Outcome};

use super::{Done, Run};

/// A change on its way.
pub(super) struct One<'a> {
    action: &'a Action,
    act: &'static dyn Act,
    change: Change,
    pub(super) variant: Variant,
}

impl Run {
    /// Makes one change of the plan; `None` if the run stopped before it was made.
    pub(super) async fn change(
        &self,
        site: &mut Result<Site, String>,
        action: &Action,
    ) -> Result<Option<Done>, LedgerError> {
        let act = actions::of(action.action);
        let change = Change {
            account: action.account.clone(),
            resource: action.resource.clone(),
            action: action.action.as_str().to_owned(),
            rule: Some(action.rule.clone()),
            id: action.id.clone(),
            calls: vec![act.call().to_owned()],
        };
        let Some(variant) = variant_of(action) else {
            let one = One { action, act, change, variant: Variant::Strict };
            return self.skip(&one, format!("there is no guard `{}`", action.guard)).await.map(Some);
        };
        let one = One { action, act, change, variant };
        match site {
            Ok(site) => Box::pin(self.look(site, &one)).await,
            Err(why) => self.skip(&one, format!("the account could not be read: {why}")).await.map(Some),
        }
    }

    fn task<'a>(&'a self, site: &'a Site, one: &'a One<'_>) -> Task<'a> {
        Task {
            site,
            action: one.action,
            variant: one.variant,
            user: user_name(&one.action.resource),
            journal: &self.context.journal,
            patience: self.context.options.patience,
        }
    }

    /// Looks what there is to do.
    async fn look(&self, site: &mut Site, one: &One<'_>) -> Result<Option<Done>, LedgerError> {
        let past = self.context.journal.past(&one.change.id);
        let holds = one.act.holds(self.task(site, one)).await;
        match (past, holds) {
            (Some(Past::Holds), Ok(true)) => {
                Ok(Some(one.done(Outcome::Already, Some("an earlier run of this plan did it".to_owned()))))
            }
            (Some(Past::Holds), Ok(false)) => {
                let message = "an earlier run of this plan did it, and it was taken back since; make a new plan";
                Ok(Some(one.done(Outcome::Skipped, Some(message.to_owned()))))
            }
            (Some(Past::Holds), Err(error)) => {
                let message =
                    format!("an earlier run of this plan did it; that it still holds could not be read: {error}");
                Ok(Some(one.done(Outcome::Already, Some(message))))
            }
            // Not written down: whether the change that was begun was made is as unknown as before.
            (Some(Past::Begun), Err(error)) => {
                let message = format!("whether an interrupted run did it could not be read: {error}");
                Ok(Some(one.done(Outcome::Skipped, Some(message))))
            }
            (Some(Past::Begun), Ok(true)) => {
                let message = Some("found made after an interruption".to_owned());
                self.confirm(site, one, None, message).await.map(Some)
            }
            (_, Ok(true)) => {
                let message = "it was so already".to_owned();
                let told = Told { after: Some(one.holds_now()), ..Told::message(message.as_str()) };
                self.context.journal.outcome(&one.change, Outcome::Already, told).await?;
                Ok(Some(one.done(Outcome::Already, Some(message))))
            }
            (_, Err(error)) => self.skip(one, error.to_string()).await.map(Some),
            (_, Ok(false)) => Box::pin(self.prepare(site, one)).await,
        }
    }

    /// Checks, and makes what all users of the account share if that was not done yet.
    async fn prepare(&self, site: &mut Site, one: &One<'_>) -> Result<Option<Done>, LedgerError> {
        let key = (one.action.action.as_str(), one.variant.policy_name());
        if !site.prepared.contains_key(&key) {
            if let Some(why) = self.objection(site, one).await {
                return self.skip(one, why).await.map(Some);
            }
            if self.is_stopped() {
                return Ok(None);
            }
            match one.act.prepare(self.task(site, one)).await {
                Ok(()) => drop(site.prepared.insert(key, Ok(()))),
                Err(Trouble::Refused(why)) => drop(site.prepared.insert(key, Err(why))),
                Err(Trouble::Failed(why)) => {
                    site.prepared.insert(key, Err(why.clone()));
                    return Ok(Some(one.done(Outcome::Failed, Some(why))));
                }
                Err(Trouble::Ledger(error)) => return Err(error),
            }
        }
        if let Some(Err(why)) = site.prepared.get(&key) {
            return self.skip(one, why.clone()).await.map(Some);
        }
        // Drift is what a repair is for.
        let drift = if one.act.is_about_user() { Box::pin(actions::drift(self.task(site, one))).await } else { None };
        let why = match drift {
            Some(why) => Some(why),
            None => self.objection(site, one).await,
        };
        if let Some(why) = why {
            return self.skip(one, why).await.map(Some);
        }
        if self.is_stopped() {
            return Ok(None);
        }
        Box::pin(self.make(site, one)).await.map(Some)
    }

    /// Reads the preconditions, and says which does not hold.
    async fn objection(&self, site: &Site, one: &One<'_>) -> Option<String> {
        let action = one.action;
        if !one.act.is_about_user() {
            return Box::pin(self.rearms(site, one)).await;
        }
        let now = Self::now();
        let waived = (self.context.waived)(&action.account, &action.resource, now);
        let rules = Rules {
            settings: &self.plan.settings,
            break_glass: &self.context.break_glass,
            callers: &self.context.callers,
            waived: waived.as_deref(),
            now,
        };
        if let Some(why) = check::untouchable(action, &rules).or_else(|| self.unbounded(site)) {
            return Some(why);
        }
        let facts = Box::pin(Facts::read(&site.reader, user_name(&action.resource))).await;
        check::objection(action, &facts, &rules)
            .or_else(|| one.act.no_room(site, &facts))
            .or_else(|| site.objection(&action.resource, &facts, one.variant))
    }

    /// That service control policies may deny what enrolling takes, where the plan does not take them to allow it.
    fn unbounded(&self, site: &Site) -> Option<String> {
        let why = site.scps_unread.as_ref().filter(|_| self.plan.settings.require_scps)?;
        Some(format!("the service control policies of its account could not be read (--require-scps): {why}"))
    }

    async fn make(&self, site: &mut Site, one: &One<'_>) -> Result<Done, LedgerError> {
        self.context.journal.intent(&one.change, Some(one.before())).await?;
        match self.write(site, one).await {
            Ok((request_id, message)) => self.confirm(site, one, request_id, message).await,
            Err(why) => self.fail(one, why).await,
        }
    }

    /// Makes the call; the request's id, and what is to be known. Whether it was made after all is for who looks next.
    async fn write(&self, site: &Site, one: &One<'_>) -> Result<(Option<String>, Option<String>), String> {
        let task = self.task(site, one);
        let mut waits = Waits::new(task.patience);
        loop {
            match one.act.make(task).await {
                Ok(aws::Outcome::Written { request_id, .. }) => return Ok((request_id, None)),
                Ok(aws::Outcome::AlreadyThere(error)) => return Ok((None, Some(error.to_string()))),
                // What was just made is not everywhere yet, or the user is gone.
                Ok(aws::Outcome::NotThere(error)) => {
                    if matches!(site.reader.user(task.user).await, Ok(None)) || !waits.again().await {
                        return Err(error.to_string());
                    }
                }
                Err(error) if error.may_be_done() => return Ok((None, Some(format!("AWS said: {error}")))),
                Err(error) => return Err(error.to_string()),
            }
        }
    }

    /// Looks whether the change is there and right, and writes down what became of it.
    async fn confirm(
        &self,
        site: &mut Site,
        one: &One<'_>,
        request_id: Option<String>,
        message: Option<String>,
    ) -> Result<Done, LedgerError> {
        let (verdict, mute) = verify(one.act, self.task(site, one)).await;
        verify::remember(site, mute);
        let with = |why: &str| message.iter().map(String::as_str).chain([why]).collect::<Vec<_>>().join("; ");
        match verdict {
            Verdict::Right(by) => {
                let mut after = one.holds_now();
                if let Some(fields) = after.as_object_mut() {
                    fields.insert("verified_by".to_owned(), by.into());
                    let version = one.act.version(self.task(site, one)).await;
                    fields.extend(version.map(|version| ("default_version".to_owned(), version.into())));
                }
                let told =
                    Told { before: Some(one.before()), after: Some(after), request_id, message: message.clone() };
                self.context.journal.outcome(&one.change, Outcome::Done, told).await?;
                Ok(Done { verified_by: Some(by), ..one.done(Outcome::Done, message) })
            }
            Verdict::NotSeen(why) => self.fail(one, with(&why)).await,
            Verdict::Wrong(why) => {
                let done = self.fail(one, with(&format!("it does not do what it should: {why}"))).await?;
                let undone = self.undo(site, one).await?;
                let message = done.message.clone().unwrap_or_default();
                Ok(Done { message: Some(format!("{message}; {undone}")), ..done })
            }
        }
    }

    /// Takes back a change that does not do what it should, and says what became of it.
    async fn undo(&self, site: &Site, one: &One<'_>) -> Result<String, LedgerError> {
        let (name, call) = one.act.undoing();
        let change = Change {
            rule: one.change.rule.clone(),
            ..Change::new(&one.action.account, &one.action.resource, name, &[call])
        };
        self.context.journal.intent(&change, Some(one.holds_now())).await?;
        let (result, told, said) = match one.act.undo(self.task(site, one)).await {
            Ok(aws::Outcome::Written { request_id, .. }) => {
                let told = Told { after: Some(one.before()), request_id, ..Told::default() };
                (Outcome::Done, told, "it was taken back".to_owned())
            }
            Ok(aws::Outcome::NotThere(_) | aws::Outcome::AlreadyThere(_)) => {
                (Outcome::Already, Told::default(), "it is not there".to_owned())
            }
            Err(error) => {
                let said = format!("it COULD NOT be taken back: {error}");
                (Outcome::Failed, Told::message(said.as_str()), said)
            }
        };
        self.context.journal.outcome(&change, result, told).await?;
        Ok(said)
    }

    async fn skip(&self, one: &One<'_>, why: String) -> Result<Done, LedgerError> {
        self.context.journal.outcome(&one.change, Outcome::Skipped, Told::message(why.as_str())).await?;
        Ok(one.done(Outcome::Skipped, Some(why)))
    }

    async fn fail(&self, one: &One<'_>, why: String) -> Result<Done, LedgerError> {
        let told = Told { before: Some(one.before()), ..Told::message(why.as_str()) };
        self.context.journal.outcome(&one.change, Outcome::Failed, told).await?;
        Ok(one.done(Outcome::Failed, Some(why)))
    }
}

impl One<'_> {
    fn done(&self, result: Outcome, message: Option<String>) -> Done {
        Done {
            account: self.action.account.clone(),
            resource: self.action.resource.clone(),
            action: self.action.action,
            guard: self.action.guard.clone(),
            result,
            message,
            verified_by: None,
        }
    }

    /// What the change is about, before it.
    fn before(&self) -> Value {
        let (expects, guard) = (&self.action.expects, &self.action.guard);
        match self.action.action {
            Kind::AttachUserPolicy => {
                json!({ "attached_policies": expects.attached_policies, "guard": guard, "user_id": expects.user_id })
            }
            Kind::AddUserToGroup => json!({ "groups": expects.groups, "user_id": expects.user_id }),
            Kind::RepairGuardPolicy => json!({ "default_version": expects.default_version }),
        }
    }

    /// The same after it.
    fn holds_now(&self) -> Value {
        let expects = &self.action.expects;
        let with = |names: &[String], more: &str| {
            check::sorted(names.iter().filter(|name| *name != more).cloned().chain([more.to_owned()]))
        };
        match self.action.action {
            Kind::AttachUserPolicy => {
                json!({ "attached_policies": with(&expects.attached_policies, &self.action.policy_arn) })
            }
            Kind::AddUserToGroup => json!({ "groups": with(&expects.groups, GROUP) }),
            Kind::RepairGuardPolicy => json!({ "document_sha256": self.action.document_sha256 }),
        }
    }
}
