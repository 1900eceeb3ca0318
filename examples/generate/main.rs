//! Writes the bundled example, `examples/acme.jsonl`, to standard output: a snapshot of an organization that does not
//! exist, with the mess that real ones have.
//!
//! `cargo run --no-default-features --example generate > examples/acme.jsonl`. The same bytes come out of every run:
//! its chance has a constant seed and its clock stands still.

mod account;
mod chance;
mod credentials;
mod documents;
mod people;
mod plan;
mod roles;
#[cfg(test)]
mod tests;
mod users;

use std::error::Error;
use std::io::{self, Write};

use portcullis::model::AccountFacts;
use portcullis::model::snapshot::{Header, SCHEMA};

use chance::{Chance, at};

/// The accounts as a scan would have read them.
fn accounts() -> Vec<AccountFacts> {
    let mut chance = Chance::new(20_261_120);
    let staff = people::staff(&mut chance, 90);
    plan::ACCOUNTS.iter().map(|plan| account::facts(plan, &staff, &mut chance)).collect()
}

/// Writes the snapshot.
fn write(mut output: impl Write) -> Result<(), Box<dyn Error>> {
    let accounts = accounts();
    let header = Header {
        schema: SCHEMA.to_owned(),
        version: "0.1.0".to_owned(),
        run_id: "01a1f78a-5300-7acc-8e11-0acce0000001".to_owned(),
        started_at: at(0),
        accounts: accounts.len(),
        facts: vec!["*".to_owned()],
        notices: Vec::new(),
    };
    writeln!(output, "{}", serde_json::to_string(&header)?)?;
    for account in accounts {
        writeln!(output, "{}", serde_json::to_string(&account)?)?;
    }
    Ok(output.flush()?)
}

fn main() -> Result<(), Box<dyn Error>> {
    write(io::stdout().lock())
}
