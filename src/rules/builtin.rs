//! The packs that are part of the program.

#[cfg(test)]
mod coverage;
#[cfg(test)]
mod mutate;
#[cfg(test)]
mod tests;

use crate::yaml::SourceFile;

/// Name and text of each built-in pack.
const PACKS: [(&str, &str); 5] = [
    ("baseline", include_str!("../../policies/baseline.yaml")),
    ("cis-aws-foundations", include_str!("../../policies/cis-aws-foundations.yaml")),
    ("aws-fsbp", include_str!("../../policies/aws-fsbp.yaml")),
    ("mfa-strict", include_str!("../../policies/mfa-strict.yaml")),
    ("hygiene", include_str!("../../policies/hygiene.yaml")),
];

/// The pack used when none is named.
pub const DEFAULT: &str = "baseline";

/// The built-in pack called `name`.
#[must_use]
pub fn pack(name: &str) -> Option<SourceFile> {
    PACKS.iter().find(|(known, _)| *known == name).map(|(name, text)| SourceFile::new(&format!("builtin:{name}"), text))
}

/// What to say where there is no pack called `name`.
#[must_use]
pub fn unknown(name: &str) -> String {
    format!("there is no pack `{name}`; built-in packs are {}", names().join(", "))
}

/// The names of all built-in packs.
#[must_use]
pub fn names() -> Vec<&'static str> {
    PACKS.iter().map(|(name, _)| *name).collect()
}
