//! What policies leave open, as regions: all actions that match some patterns, on all resources that match some others.
//!
//! Whether *everything* but a few actions is denied cannot be tried out action by action. So the whole of all requests is
//! cut down, once for each way through the statements: to the patterns of an `Allow` of each layer, and to what each `Deny`
//! exempts. A region goes when one `Deny` covers all of it. What is left need not be empty only because several `Deny`
//! statements together may cover it, or because no text matches three of its patterns at once: so a region that is left
//! over may be none, and none that is open is ever lost.

use std::borrow::Cow;
use std::ops::ControlFlow;

use crate::iam::context::Context;
use crate::iam::decide::Policies;
use crate::iam::document::Effect;
use crate::iam::policy::{Policy, Statement};
use crate::iam::template::{Filled, Template};
use crate::iam::truth::Truth;
use crate::iam::wildcard::Wildcard;

use super::axis::{Axis, Left, Set};

/// How many comparisons of two patterns are made before it is given up: some ten milliseconds.
const PATIENCE: u32 = 150_000;

/// Requests: those with an action that matches all of some patterns and a resource that matches all of some others.
#[derive(Debug, Clone)]
pub(super) struct Region<'a> {
    actions: Axis<'a>,
    resources: Axis<'a>,
}

/// The actions and resources of a statement in one context.
#[derive(Debug)]
struct Side<'a> {
    actions: Set<'a>,
    resources: Set<'a>,
}

/// The statements that matter in one context.
#[derive(Debug)]
pub(super) struct Ground<'a> {
    /// A list for each layer; one that may allow anything is not among them.
    layers: Vec<Vec<Side<'a>>>,
    denies: Vec<Side<'a>>,
}

/// Why a walk over regions ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// All were seen.
    All,
    /// The visitor had enough.
    Stopped,
    /// There were too many: more may be open.
    GaveUp,
}

/// A walk over what is left open.
struct Walk<'g, 'a, V> {
    ground: &'g Ground<'a>,
    patience: u32,
    visit: V,
}

impl<'a> Ground<'a> {
    /// That of `policies` in requests with this context: an `Allow` counts if its condition may be met, a `Deny` if it is
    /// met for certain.
    pub(super) fn of(policies: &'a Policies<'_>, context: &Context) -> Self {
        let bounds = |(_, policies): (_, &&'a [&'a Policy])| policies.iter().all(|policy| policy.gap().is_none());
        let layers: Vec<(_, &[&Policy])> = policies.layers().collect();
        let denies = layers.iter().flat_map(|(_, policies)| sides(policies, Effect::Deny, context)).collect();
        let layers = layers.iter().map(|(layer, policies)| (layer, policies)).filter(|layer| bounds(*layer));
        Self { layers: layers.map(|(_, policies)| sides(policies, Effect::Allow, context).collect()).collect(), denies }
    }

    /// Shows `visit` what is left open, but for actions that `is_idle` says do not count.
    pub(super) fn walk(&self, is_idle: fn(&str) -> bool, visit: impl FnMut(&Region<'a>) -> ControlFlow<End>) -> End {
        let everything = Region { actions: Axis::actions(is_idle), resources: Axis::resources() };
        let mut walk = Walk { ground: self, patience: PATIENCE, visit };
        match walk.allow(&everything, 0) {
            ControlFlow::Continue(()) => End::All,
            ControlFlow::Break(end) => end,
        }
    }
}

fn sides<'a>(policies: &[&'a Policy], effect: Effect, context: &Context) -> impl Iterator<Item = Side<'a>> {
    let statements = policies.iter().flat_map(|policy| policy.statements());
    statements.filter(move |statement| statement.effect == effect).filter_map(|statement| Side::of(statement, context))
}

/// An action that one of `policies` denies to somebody in a request with this context, if only under conditions that
/// may be met: with [`ANY`](super::witness::ANY) for any text.
pub(super) fn possibly_denied(policies: &Policies<'_>, context: &Context) -> Option<String> {
    let layers: Vec<(_, &[&Policy])> = policies.layers().collect();
    let statements = layers.iter().flat_map(|(_, policies)| policies.iter().flat_map(|policy| policy.statements()));
    let mut denies = statements
        .filter(|statement| statement.effect == Effect::Deny && statement.applies(context) != Truth::No)
        .map(|statement| Side::filled(statement, context, !statement.resources.except));
    let mut patience = PATIENCE;
    denies.find_map(|deny| {
        Axis::resources().within(&deny.resources, &mut patience).first()?;
        let actions = Axis::actions(|_| false).within(&deny.actions, &mut patience);
        actions.first()?.examples().into_iter().next()
    })
}

impl<'a> Side<'a> {
    /// That of `statement`, if it counts.
    fn of(statement: &'a Statement, context: &Context) -> Option<Self> {
        let denies = statement.effect == Effect::Deny;
        match statement.applies(context) {
            Truth::No => return None,
            Truth::Unknown if denies => return None,
            _ => {}
        }
        // Where a variable is open, an `Allow` is about whatever it may stand for, and a `Deny` about nothing of it.
        Some(Self::filled(statement, context, statement.resources.except == denies))
    }

    /// That of `statement` with its variables filled in; `widen` says what becomes of open ones.
    fn filled(statement: &'a Statement, context: &Context, widen: bool) -> Self {
        let resources = statement.resources.patterns.iter().filter_map(|template| filled(template, context, widen));
        Self {
            actions: Set {
                patterns: statement.actions.patterns.iter().map(Cow::Borrowed).collect(),
                except: statement.actions.except,
            },
            resources: Set { patterns: resources.collect(), except: statement.resources.except },
        }
    }

    /// Whether it is about all of the region.
    fn covers(&self, region: &Region<'_>, patience: &mut u32) -> bool {
        self.actions.covers(&region.actions, patience) && self.resources.covers(&region.resources, patience)
    }
}

/// The pattern of `template` in this context; of an open one the widest, or none.
fn filled<'a>(template: &'a Template, context: &Context, widen: bool) -> Option<Cow<'a, Wildcard>> {
    match template.fill(context, &mut ()) {
        Filled::Pattern(pattern) => Some(pattern),
        Filled::Open => widen.then(|| Cow::Owned(template.widened())),
        Filled::Nothing => None,
    }
}

impl<'a, V: FnMut(&Region<'a>) -> ControlFlow<End>> Walk<'_, 'a, V> {
    /// Cuts the region down to what the layers from the `depth`th on allow.
    fn allow(&mut self, region: &Region<'a>, depth: usize) -> ControlFlow<End> {
        let ground = self.ground;
        let Some(layer) = ground.layers.get(depth) else { return self.deny(region, 0) };
        for side in layer {
            for actions in region.actions.within(&side.actions, &mut self.patience) {
                for resources in region.resources.within(&side.resources, &mut self.patience) {
                    self.tire()?;
                    self.allow(&Region { actions: actions.clone(), resources }, depth + 1)?;
                }
            }
            self.tire()?;
        }
        ControlFlow::Continue(())
    }

    /// Cuts the region down to what the denies from the `depth`th on leave of it.
    fn deny(&mut self, region: &Region<'a>, depth: usize) -> ControlFlow<End> {
        let ground = self.ground;
        let Some(deny) = ground.denies.get(depth) else { return self.show(region) };
        let actions = region.actions.outside(&deny.actions, &mut self.patience);
        if matches!(actions, Left::All) {
            return self.deny(region, depth + 1);
        }
        let resources = region.resources.outside(&deny.resources, &mut self.patience);
        self.tire()?;
        let (Left::Parts(actions), Left::Parts(resources)) = (actions, resources) else {
            return self.deny(region, depth + 1);
        };
        for actions in actions {
            self.deny(&Region { actions, resources: region.resources.clone() }, depth + 1)?;
        }
        for resources in resources {
            self.deny(&Region { actions: region.actions.clone(), resources }, depth + 1)?;
        }
        ControlFlow::Continue(())
    }

    /// What is left, unless one deny covers it now that the others have cut it down.
    fn show(&mut self, region: &Region<'a>) -> ControlFlow<End> {
        let denied = self.ground.denies.iter().any(|deny| deny.covers(region, &mut self.patience));
        self.tire()?;
        if denied || region.actions.is_refused(&mut self.patience) || region.resources.is_refused(&mut self.patience) {
            return ControlFlow::Continue(());
        }
        (self.visit)(region)
    }

    const fn tire(&self) -> ControlFlow<End> {
        if self.patience == 0 { ControlFlow::Break(End::GaveUp) } else { ControlFlow::Continue(()) }
    }
}

impl Region<'_> {
    /// Some requests in it, as action and resource, the most ordinary first.
    pub(super) fn examples(&self) -> impl Iterator<Item = (String, String)> {
        let (actions, resources) = (self.actions.examples(), self.resources.examples());
        let pair = move |action: &String| {
            let action = action.clone();
            resources.clone().into_iter().map(move |resource| (action.clone(), resource))
        };
        actions.iter().flat_map(pair).collect::<Vec<_>>().into_iter()
    }
}
