//! Which module uses which: the arrows of `docs/architecture.md`, and no circles.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::code::{File, files};

/// Each module of the crate and those that it may use. A new arrow is a decision: write it here and in the design.
const ARROWS: [(&str, &[&str]); 22] = [
    ("main", &["cli", "commands", "console", "logging"]),
    (
        "commands",
        &[
            "cli", "clock", "console", "aws", "collect", "evaluate", "rules", "report", "snapshot", "ledger", "model",
            "yaml", "iam", "enforce", "enroll", "onboard", "journal",
        ],
    ),
    ("cli", &["config", "report", "rules", "model", "yaml"]),
    ("config", &["yaml"]),
    ("collect", &["aws", "evaluate", "rules", "model", "clock"]),
    ("evaluate", &["rules", "iam", "model"]),
    ("enforce", &["aws", "journal", "ledger", "principals", "iam", "model", "clock"]),
    ("enroll", &["aws", "journal", "ledger", "iam", "model", "clock"]),
    ("onboard", &["aws", "enforce", "journal", "ledger", "iam", "model"]),
    ("journal", &["ledger", "clock"]),
    ("rules", &["principals", "iam", "yaml", "model"]),
    ("principals", &["iam", "model"]),
    ("yaml", &["model"]),
    ("report", &["model"]),
    ("snapshot", &["model"]),
    ("ledger", &[]),
    ("aws", &["model"]),
    ("logging", &["console"]),
    ("console", &[]),
    ("clock", &[]),
    ("iam", &[]),
    ("model", &[]),
];

#[test]
fn arrows_point_one_way() {
    let files = files();
    let allowed: BTreeMap<&str, &[&str]> = ARROWS.into_iter().collect();
    let mut wrong = String::new();
    for file in &files {
        let Some(from) = file.module.first() else { continue };
        let Some(may_use) = allowed.get(from.as_str()) else {
            let _ = writeln!(wrong, "{}: the module `{from}` has no row in the table", file.path);
            continue;
        };
        for (path, offset) in paths(file) {
            let Some(to) = path.first() else { continue };
            if allowed.contains_key(to.as_str()) && to != from && !may_use.contains(&to.as_str()) {
                let _ = writeln!(wrong, "{}:{}: {from} → {to} is no arrow", file.path, file.line(offset));
            }
        }
    }
    let table = ARROWS.map(|(from, to)| format!("  {from} → {}", to.join(", "))).join("\n");
    assert!(wrong.is_empty(), "{wrong}The arrows are:\n{table}");
}

#[test]
fn the_table_of_arrows_has_no_circles_and_no_unused_arrow() {
    let graph = ARROWS.into_iter().map(|(from, to)| (from.to_owned(), to.iter().map(|to| (*to).to_owned()).collect()));
    assert_eq!(circle(&graph.collect()), None);
    let mut used: BTreeSet<(String, String)> = BTreeSet::new();
    for file in files() {
        used.extend(
            paths(&file)
                .into_iter()
                .filter_map(|(path, _)| Some((file.module.first()?.clone(), path.first()?.clone()))),
        );
    }
    let unused: Vec<String> = ARROWS
        .iter()
        .flat_map(|(from, to)| to.iter().map(move |to| ((*from).to_owned(), (*to).to_owned())))
        .filter(|arrow| !used.contains(arrow))
        .map(|(from, to)| format!("{from} → {to}"))
        .collect();
    assert!(unused.is_empty(), "nothing uses {unused:?}: take them out of the table");
}

/// Files of one module may use each other in one direction only. A child that uses its parent is no circle: the parent
/// is where shared words stand.
#[test]
fn files_do_not_use_each_other_in_circles() {
    let files = files();
    let modules: BTreeSet<&[String]> = files.iter().map(|file| file.module.as_slice()).collect();
    let mut graph: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for file in &files {
        for (path, _) in paths(file) {
            let Some(target) = (1..=path.len()).rev().map(|length| &path[..length]).find(|part| modules.contains(part))
            else {
                continue;
            };
            let is_kin = target.starts_with(&file.module) || file.module.starts_with(target);
            if !is_kin {
                graph.entry(file.module.join("::")).or_default().insert(target.join("::"));
            }
        }
    }
    assert_eq!(circle(&graph), None, "a circle of files");
}

/// The paths within the crate that a file names, from the root of the crate, and where.
fn paths(file: &File) -> Vec<(Vec<String>, usize)> {
    let mut found = Vec::new();
    for start in ["crate::", "super::", "self::", "portcullis::"] {
        for (at, _) in file.code.match_indices(start) {
            let before = file.code[..at].chars().next_back().unwrap_or(' ');
            // A longer word, a path that goes on from an earlier part, or a macro's `$crate`.
            if before.is_alphanumeric() || matches!(before, '_' | ':') {
                continue;
            }
            let mut all = Vec::new();
            expand(&file.code[at..], &mut Vec::new(), &mut all);
            found.extend(all.into_iter().map(|path| (resolve(&file.module, &path), at)));
        }
    }
    found
}

/// Reads a path, with `{…}` at its end into one path each; gives what follows.
fn expand<'c>(code: &'c str, so_far: &mut Vec<String>, all: &mut Vec<Vec<String>>) -> &'c str {
    let mut rest = code.trim_start();
    let depth = so_far.len();
    loop {
        let name: String = rest.chars().take_while(|char| char.is_alphanumeric() || *char == '_').collect();
        rest = &rest[name.len()..];
        if !name.is_empty() {
            so_far.push(name);
        }
        match rest.strip_prefix("::") {
            Some(next) => rest = next,
            None => break,
        }
        if let Some(group) = rest.strip_prefix('{') {
            rest = group;
            while !rest.trim_start().starts_with('}') {
                rest = expand(rest, so_far, all);
                // What comes before the next comma, such as ` as name`, is no part of a path.
                let end = rest.find([',', '}']).unwrap_or(rest.len());
                rest = rest[end..].strip_prefix(',').unwrap_or(&rest[end..]);
                rest = rest.trim_start();
            }
            so_far.truncate(depth);
            return &rest.trim_start()[1..];
        }
    }
    all.push(so_far.clone());
    so_far.truncate(depth);
    rest
}

/// A path as seen from the root of the crate.
fn resolve(module: &[String], path: &[String]) -> Vec<String> {
    let mut from = module.to_vec();
    let mut rest = path;
    while let Some((first, others)) = rest.split_first() {
        match first.as_str() {
            "crate" | "portcullis" => from.clear(),
            "super" => drop(from.pop()),
            "self" => {}
            _ => break,
        }
        rest = others;
    }
    from.extend_from_slice(rest);
    from
}

/// A circle of a graph, if it has one.
fn circle(graph: &BTreeMap<String, BTreeSet<String>>) -> Option<Vec<String>> {
    fn walk(graph: &BTreeMap<String, BTreeSet<String>>, way: &mut Vec<String>, done: &mut BTreeSet<String>) -> bool {
        let here = way.last().unwrap().clone();
        for next in graph.get(&here).into_iter().flatten() {
            let seen = way.contains(next);
            way.push(next.clone());
            if seen || (!done.contains(next) && walk(graph, way, done)) {
                return true;
            }
            way.pop();
        }
        done.insert(here);
        false
    }
    let mut done = BTreeSet::new();
    for start in graph.keys() {
        let mut way = vec![start.clone()];
        if !done.contains(start) && walk(graph, &mut way, &mut done) {
            return Some(way);
        }
    }
    None
}

#[test]
fn paths_are_read_with_their_groups_and_from_where_they_stand() {
    let code =
        "use crate::a::{b, c::{D, e}, self};\nuse super::x::Y;\nfn f() { super::super::z::g(); $crate::q!(); }\n";
    let file = File {
        path: String::new(),
        module: vec!["m".to_owned(), "n".to_owned()],
        text: String::new(),
        code: code.replace('$', " "),
    };
    let found: Vec<String> = paths(&file).into_iter().map(|(path, _)| path.join("::")).collect();
    assert_eq!(found, ["a::b", "a::c::D", "a::c::e", "a::self", "q", "m::x::Y", "z::g"]);
}

#[test]
fn circles_are_found() {
    let graph = |arrows: &[(&str, &str)]| {
        let mut graph: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (from, to) in arrows {
            graph.entry((*from).to_owned()).or_default().insert((*to).to_owned());
        }
        circle(&graph)
    };
    assert_eq!(graph(&[("a", "b"), ("b", "c"), ("a", "c")]), None);
    assert_eq!(graph(&[("a", "b"), ("b", "c"), ("c", "b")]).unwrap(), ["a", "b", "c", "b"]);
}
