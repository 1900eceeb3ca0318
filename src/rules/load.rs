//! From files to the rules of a scan: packs joined, each rule once.

use std::collections::HashMap;

use crate::model::evaluation::Controls;
use crate::yaml::{Diagnostic, SourceFile};

use super::builtin;
use super::modes::ModeOverride;
use super::pack::{Found, Loader, Pack};
use super::rule::Rule;
use super::waiver::Waivers;

/// The rules of a scan, all checked.
#[derive(Debug, Default)]
pub struct RuleSet {
    /// The rules, in the order of the packs.
    pub rules: Vec<Rule>,
    /// Accepted exceptions from them.
    pub waivers: Waivers,
    /// Their modes where they differ by place.
    pub modes: Vec<ModeOverride>,
    /// Frameworks that packs set out to cover, with all their controls: those that no rule serves are not covered.
    pub frameworks: Controls,
}

/// Checks `sources` and joins their rules; packs that they extend are built-in ones.
///
/// # Errors
///
/// Every problem of every file; then no rule of any of them is used.
pub fn load(sources: &[SourceFile]) -> Result<RuleSet, Vec<Diagnostic>> {
    let resolve = |name: &str, _: &SourceFile| builtin::pack(name).ok_or_else(|| builtin::unknown(name));
    Loader { settings: &[], resolve: &resolve }.load(sources)
}

impl Loader<'_> {
    /// Checks `sources` and joins their rules. The same rule, come by several ways, is taken once.
    ///
    /// # Errors
    ///
    /// Every problem of every file; then no rule of any of them is used.
    pub fn load(&self, sources: &[SourceFile]) -> Result<RuleSet, Vec<Diagnostic>> {
        let (mut problems, mut rules) = (Vec::new(), Vec::new());
        // Where each id first stands, of broken rules too: their ids are taken all the same.
        let mut first: HashMap<String, Found> = HashMap::new();
        let (mut declared, mut frameworks): (Vec<String>, Controls) = (Vec::new(), Controls::new());
        for source in sources {
            let mut pack = Pack::read(source, self, &[]);
            declared.append(&mut pack.params);
            frameworks.extend(std::mem::take(&mut pack.frameworks));
            let mut taken = pack.rules.into_iter();
            for mut found in pack.ids {
                found.rule = if found.is_whole { taken.next() } else { None };
                join(&mut first, found, &mut pack.problems, &mut rules);
            }
            pack.problems.sort_by_key(|problem| problem.span.start);
            problems.append(&mut pack.problems);
        }
        problems.extend(self.settings.iter().filter_map(|setting| setting.undeclared(&declared)));
        if problems.is_empty() { Ok(RuleSet { rules, frameworks, ..RuleSet::default() }) } else { Err(problems) }
    }
}

/// Adds a found rule, unless its id is taken: by itself, come another way, which is fine, or by another, which is not.
fn join(first: &mut HashMap<String, Found>, mut found: Found, problems: &mut Vec<Diagnostic>, rules: &mut Vec<Rule>) {
    match first.get(&found.id) {
        Some(known) if known.is_same(&found) => {}
        Some(known) => problems.push(found.twice(known)),
        None => {
            rules.extend(found.rule.take());
            first.insert(found.id.clone(), found);
        }
    }
}

#[cfg(test)]
mod tests;
