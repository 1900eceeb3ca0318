//! Many accounts at once: each keeps to its pace, and none is taken for another.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{Stage, column};
use crate::support::org::{Org, Size};
use crate::support::server::Moto;

impl Stage {
    /// A seeded organization, run from its management account.
    fn organization(size: Size) -> (Self, Org) {
        let moto = Moto::start();
        let org = Org::seed(&moto, size);
        let (port, endpoint) = (moto.port(), moto.endpoint());
        (Self::before(port, endpoint, org.credentials(), Moto::ACCOUNT, (Some(moto), None)), org)
    }
}

/// How many of these stand for each account.
fn by_account(accounts: &[String]) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for account in accounts {
        *counts.entry(account.as_str()).or_insert(0) += 1;
    }
    counts
}

#[test]
fn applying_keeps_to_the_rate_in_every_account() {
    let (stage, org) = Stage::organization(Size { accounts: 6, users: 72 });
    let plan = stage.plan("--org --include-active-keys");
    let planned = column(&plan["actions"], "account");
    let planned = by_account(&planned);
    assert_eq!(planned.len(), org.active().count(), "everywhere: {planned:?}");
    stage.proxy.forget();
    let output = stage.apply("--enforce-role-name PortcullisEnforce --max-rate 9", 0);
    let done = format!("{} done, 0 already, 0 failed, 0 skipped, 0 left", planned.values().sum::<usize>());
    assert!(output.stdout.contains(&done), "{}", output.stdout);
    for (account, users) in planned {
        let calls = stage.proxy.calls(account);
        assert!(calls.len() > 12 + 10 * users, "reads and writes, enough to tell: {} of {users}", calls.len());
        assert_eq!(calls.iter().filter(|call| call.action == "AttachUserPolicy").count(), users);
        for (call, later) in calls.iter().zip(calls.iter().skip(10)) {
            // Of requests spaced evenly, the tenth after this one leaves 10/9 s later; the network may bunch them up.
            let apart = later.at.saturating_sub(call.at);
            assert!(apart > Duration::from_millis(900), "11 requests in {apart:?} in {account}");
        }
    }
}
