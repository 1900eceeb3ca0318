//! Modes of rules by account and organizational unit: what a failure may lead to there.

use crate::iam::Wildcard;
use crate::model::{Account, Mode, arn};
use crate::yaml::did_you_mean;

/// One override: rules, where, and the mode that holds there.
#[derive(Debug, Clone)]
pub struct ModeOverride {
    rule: Wildcard,
    place: Option<Place>,
    mode: Mode,
}

#[derive(Debug, Clone)]
enum Place {
    /// Accounts whose id the glob fits.
    Account(Wildcard),
    /// Accounts below this organizational unit or root.
    Ou(String),
}

impl ModeOverride {
    /// Reads `RULE=MODE`, `RULE=MODE@ACCOUNT` or `RULE=MODE@OU`; rule and account may be globs.
    ///
    /// # Errors
    ///
    /// If it has another form.
    pub fn parse(text: &str) -> Result<Self, String> {
        let form =
            || "expected RULE=MODE, RULE=MODE@ACCOUNT or RULE=MODE@OU, such as console-user-mfa=audit@ou-ab12-cd34";
        let (rule, rest) = text.split_once('=').ok_or_else(form)?;
        let (mode, place) = rest.split_once('@').map_or((rest, None), |(mode, place)| (mode, Some(place)));
        let modes = Mode::ALL.map(Mode::as_str).join(", ");
        let mode =
            Mode::parse(mode.trim()).ok_or_else(|| format!("`{mode}` is not a mode; expected one of {modes}"))?;
        Ok(Self { rule: Wildcard::new(rule.trim()), place: place.map(Place::parse).transpose()?, mode })
    }

    fn holds(&self, rule: &str, account: &Account) -> bool {
        self.rule.matches(rule)
            && match &self.place {
                None => true,
                Some(Place::Account(glob)) => glob.matches(&account.id),
                Some(Place::Ou(id)) => {
                    account.ou_path.as_deref().is_some_and(|path| path.split('/').any(|part| part == id))
                }
            }
    }
}

impl Place {
    fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if text.starts_with("ou-") || text.starts_with("r-") {
            return Ok(Self::Ou(text.to_owned()));
        }
        if arn::is_account_id(text)
            || (!text.is_empty() && text.bytes().all(|b| b.is_ascii_digit() || b == b'*' || b == b'?'))
        {
            return Ok(Self::Account(Wildcard::new(text)));
        }
        Err(format!("`{text}` is neither an account id nor an organizational unit (`ou-…`) nor a root (`r-…`)"))
    }
}

/// The mode of `rule`, which has `own`, in `account`: the last override that holds there.
#[must_use]
pub fn mode_of(overrides: &[ModeOverride], rule: &str, own: Mode, account: &Account) -> Mode {
    overrides.iter().rev().find(|one| one.holds(rule, account)).map_or(own, |one| one.mode)
}

/// What is wrong with the first override that fits none of the rules called `ids`: a slip, which would leave the modes as
/// they are.
#[must_use]
pub fn misses(overrides: &[ModeOverride], ids: &[&str]) -> Option<String> {
    let missing = overrides.iter().find(|one| !ids.iter().any(|id| one.rule.matches(id)))?;
    let glob = missing.rule.to_string();
    let help = did_you_mean(&glob, ids.iter().copied()).map(|help| format!("; {help}")).unwrap_or_default();
    Some(format!("--mode: no rule fits `{glob}`{help}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(overrides: &[&str], rule: &str) -> Mode {
        let overrides: Vec<_> = overrides.iter().map(|text| ModeOverride::parse(text).unwrap()).collect();
        let ou_path = Some("o-a/r-ab12/ou-ab12-prod/ou-ab12-web/".to_owned());
        let account = Account { id: "111122223333".to_owned(), ou_path, ..Account::default() };
        mode_of(&overrides, rule, Mode::Warn, &account)
    }

    #[test]
    fn the_last_override_that_holds_wins() {
        assert_eq!(mode(&[], "a"), Mode::Warn);
        assert_eq!(mode(&["a=audit"], "a"), Mode::Audit);
        assert_eq!(mode(&["a=audit"], "b"), Mode::Warn);
        assert_eq!(mode(&["*=audit", "a=enforce"], "a"), Mode::Enforce);
        assert_eq!(mode(&["a=enforce", "*=audit"], "a"), Mode::Audit);
        assert_eq!(mode(&["a=audit@111122223333"], "a"), Mode::Audit);
        assert_eq!(mode(&["a=audit@1111*"], "a"), Mode::Audit);
        assert_eq!(mode(&["a=audit@999999999999"], "a"), Mode::Warn);
        assert_eq!(mode(&["a=audit@ou-ab12-prod"], "a"), Mode::Audit, "an outer unit covers the units in it");
        assert_eq!(mode(&["a=audit@ou-ab12-pro"], "a"), Mode::Warn, "ids are whole");
        assert_eq!(mode(&["a=audit@r-ab12"], "a"), Mode::Audit);
    }

    #[test]
    fn an_override_of_no_rule_is_told() {
        let told = |texts: &[&str]| {
            let overrides: Vec<_> = texts.iter().map(|text| ModeOverride::parse(text).unwrap()).collect();
            misses(&overrides, &["console-user-mfa", "root-mfa"])
        };
        assert_eq!(told(&["*=audit", "root-*=warn@111122223333", "console-user-mfa=audit"]), None);
        let expected = "--mode: no rule fits `console-usr-mfa`; did you mean `console-user-mfa`?";
        assert_eq!(told(&["*=audit", "console-usr-mfa=audit"]).as_deref(), Some(expected));
        assert_eq!(told(&["zzz*=audit"]).as_deref(), Some("--mode: no rule fits `zzz*`"));
    }

    #[test]
    fn other_forms_are_refused() {
        for text in ["a", "a=loud", "a=audit@", "a=audit@prod"] {
            assert!(ModeOverride::parse(text).is_err(), "{text}");
        }
    }
}
