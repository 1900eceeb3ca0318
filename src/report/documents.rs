//! JSON Schemas of what the program writes for other programs, kept by hand in `docs/schemas/`. An integration test holds
//! what the program writes against them.

/// The schemas by name.
const SCHEMAS: [(&str, &str); 5] = [
    ("results", include_str!("../../docs/schemas/results.json")),
    ("snapshot", include_str!("../../docs/schemas/snapshot.json")),
    ("plan", include_str!("../../docs/schemas/plan.json")),
    ("status", include_str!("../../docs/schemas/status.json")),
    ("announcement", include_str!("../../docs/schemas/announcement.json")),
];

/// Their names.
#[must_use]
pub fn names() -> [&'static str; 5] {
    SCHEMAS.map(|(name, _)| name)
}

/// The schema called `name`: JSON, with a newline at the end.
#[must_use]
pub fn schema(name: &str) -> Option<&'static str> {
    SCHEMAS.into_iter().find_map(|(known, text)| (known == name).then_some(text))
}
