//! How long one action or resource takes against the patterns of many statements, and how long a document is read:
//! `cargo bench --no-default-features --bench patterns`.

use divan::{Bencher, black_box};
use portcullis::iam::{Document, Wildcard};

fn main() {
    divan::main();
}

/// 500 patterns as they stand in policies; few of them match.
fn patterns(make: impl Fn(usize) -> String) -> Vec<Wildcard> {
    (0..500).map(|number| Wildcard::new(&make(number))).collect()
}

/// One action against 500 patterns of actions: divided by 500, it is the time of one.
#[divan::bench]
fn action_against_500(bencher: Bencher) {
    let patterns = patterns(|number| match number % 5 {
        0 => format!("s3:Get{number}*"),
        1 => format!("iam:List{number}"),
        2 => format!("iam:*AccessKey{number}"),
        3 => format!("iam:Create*Device{number}*"),
        _ => format!("iam:CreateVirtual{number}"),
    });
    bencher.bench(|| {
        patterns.iter().filter(|pattern| pattern.matches_ignore_case(black_box("iam:CreateVirtualMFADevice"))).count()
    });
}

/// One ARN against 500 patterns of resources.
#[divan::bench]
fn resource_against_500(bencher: Bencher) {
    let patterns = patterns(|number| match number % 4 {
        0 => format!("arn:aws:s3:::bucket-{number}/*"),
        1 => format!("arn:aws:iam::*:user/dev/{number}"),
        2 => format!("arn:*:user/*/{number}/*"),
        _ => format!("arn:aws:iam::111122223333:role/{number}-*"),
    });
    bencher.bench(|| {
        patterns
            .iter()
            .filter(|pattern| pattern.matches(black_box("arn:aws:iam::111122223333:user/dev/team/kim")))
            .count()
    });
}

/// A document of AWS with nine statements, 3 KB as it is laid out.
#[divan::bench]
fn document() -> bool {
    Document::parse(black_box(include_str!("../src/iam/fixtures/self-manage.json"))).is_ok()
}
