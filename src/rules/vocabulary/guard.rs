//! Facts of guards: policies that deny what has no MFA.

use crate::rules::index::Guard;
use crate::rules::subject::Subject;
use crate::rules::value::{Items, Reading, Unknown, Value};

use super::table::FactType::{Bool, Text, Texts};
use super::table::{AUTHORIZATION, FactDef, row};

/// Rows of a guard.
pub(super) const GUARD: &[FactDef] = &[
    row!("policy", Text, AUTHORIZATION, "Its ARN; of an embedded policy, the name.",
        Subject::Guard(guard) => Reading::plain(Value::Text(&guard.policy))),
    row!("holder", Text, AUTHORIZATION, "By what it applies to the user: `user`, `group NAME` or `boundary`.",
        Subject::Guard(guard) => Reading::plain(Value::Text(&guard.holder))),
    row!("ours", Bool, AUTHORIZATION, "Whether it is a guard of Portcullis, by its ARN.",
        Subject::Guard(guard) => Reading::plain(Value::Bool(guard.worth.ours))),
    row!("variant", Text, AUTHORIZATION, "Which well-known text its document is; absent if none.",
        Subject::Guard(guard) => told(guard, |guard| guard.worth.variant().map(Value::text))),
    row!("intact", Bool, AUTHORIZATION,
    "Whether it denies all that has no MFA, lets users enroll and leaves those with MFA alone; of one of ours, whether it is our text.",
    Subject::Guard(guard) => told(guard, |guard| guard.worth.intact().map(Value::Bool))),
    row!("drifted", Bool, AUTHORIZATION, "Whether it is a guard of Portcullis and its document was changed.",
        Subject::Guard(guard) => told(guard, |guard| guard.worth.drifted().map(Value::Bool))),
    row!("flaws", Texts, AUTHORIZATION, "What is wrong with it, or worth knowing.",
        Subject::Guard(guard) => Reading::plain(Value::seen(guard.worth.flaws(), Items::Texts))),
    row!("closes", Texts, AUTHORIZATION,
    "Ways to sign in in which it denies everything but enrolling: `access key`, `console without MFA`, `session token without MFA`.",
    Subject::Guard(guard) => Reading::plain(Value::seen(guard.worth.closes(), Items::Texts))),
];

fn told<'a>(guard: &'a Guard, read: impl FnOnce(&'a Guard) -> Result<Value<'a>, Unknown<'a>>) -> Reading<'a> {
    match read(guard) {
        Ok(value) => Reading::plain(value),
        Err(unknown) => Reading::unknown(unknown),
    }
}
