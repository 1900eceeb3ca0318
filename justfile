# The few commands a developer needs. CI runs `.ci/run`, which is `just check`.

# Everything CI does
check:
    .ci/run

# All tests, of the pure half and against emulators of AWS
test:
    cargo test

# Tests of the pure half: seconds, no AWS crates
test-pure:
    cargo test --no-default-features

# Accept changed snapshots of reports and diagnostics (look at the diff)
accept:
    INSTA_UPDATE=always cargo test --no-default-features --lib

# Write the bundled example anew
example:
    cargo run --no-default-features --example generate > target/acme.jsonl
    mv target/acme.jsonl examples/acme.jsonl

# Fuzz every parser of outside input for a while: FUZZ_SECONDS=600 just fuzz
fuzz:
    .ci/fuzz

# How long judging and deciding take
bench:
    cargo bench --no-default-features --bench evaluate --bench patterns --bench decide --bench plan

# Write the generated parts of docs/ anew
docs:
    PORTCULLIS_UPDATE_DOCS=1 cargo test --no-default-features --test docs
