//! JSON text to [`Document`], with an error that says where and what.

use serde::de::{Deserialize, Deserializer, Error, MapAccess};
use serde_json::error::Category;

use super::document::{
    Condition, ConditionBlock, ConditionKey, Document, Effect, Elements, Principal, Principals, Statement,
};
use super::read::{Many, Object, Scalar, choose, fill, object, pass};

/// Why a text is no policy document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {message}")]
pub struct DocumentError {
    /// The line, from 1.
    pub line: usize,
    /// The column in bytes, from 1; 0 at the very beginning of a line.
    pub column: usize,
    /// What is wrong.
    pub message: String,
}

impl Document {
    /// Reads a document from its JSON text (URL-decoded, where AWS sent it encoded).
    ///
    /// # Errors
    ///
    /// If it is no JSON, or not of the grammar of policies: with line and column. Names and effects are
    /// case-sensitive; what the grammar does not know is kept in `unknown_elements` and is no error.
    pub fn parse(text: &str) -> Result<Self, DocumentError> {
        serde_json::from_str(text).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            let message = match error.classify() {
                Category::Eof => "the document ends too early".to_owned(),
                Category::Io | Category::Syntax | Category::Data => error.to_string(),
            };
            let place = format!(" at line {line} column {column}");
            let message = message.strip_suffix(&place).map_or_else(|| message.clone(), str::to_owned);
            DocumentError { line, column, message }
        })
    }
}

#[derive(Default)]
struct RawDocument {
    version: Option<String>,
    id: Option<String>,
    statements: Option<Many<Statement>>,
    unknown: Vec<String>,
}

impl Object for RawDocument {
    type Value = Document;
    const WHAT: &'static str = "a policy document, which is an object";

    fn take<'de, A: MapAccess<'de>>(&mut self, name: String, map: &mut A) -> Result<(), A::Error> {
        match name.as_str() {
            "Version" => fill(&mut self.version, &name, map),
            "Id" => fill(&mut self.id, &name, map),
            "Statement" => fill(&mut self.statements, &name, map),
            _ => pass(&mut self.unknown, name, map),
        }
    }

    fn finish<E: Error>(self) -> Result<Document, E> {
        let Many(statements) = self.statements.ok_or_else(|| E::custom("the document has no `Statement`"))?;
        Ok(Document { version: self.version, id: self.id, statements, unknown_elements: self.unknown })
    }
}

#[derive(Default)]
struct RawStatement {
    sid: Option<String>,
    effect: Option<Effect>,
    principal: Option<Principals>,
    action: Option<Elements>,
    resource: Option<Elements>,
    condition: Option<Condition>,
    unknown: Vec<String>,
}

impl Object for RawStatement {
    type Value = Statement;
    const WHAT: &'static str = "a statement, which is an object";

    fn take<'de, A: MapAccess<'de>>(&mut self, name: String, map: &mut A) -> Result<(), A::Error> {
        match name.as_str() {
            "Sid" => fill(&mut self.sid, &name, map),
            "Effect" => fill(&mut self.effect, &name, map),
            "Principal" => choose(&mut self.principal, Principals::Listed(map.next_value()?), "Principal"),
            "NotPrincipal" => choose(&mut self.principal, Principals::Except(map.next_value()?), "Principal"),
            "Action" => choose(&mut self.action, Elements::Listed(list(map)?), "Action"),
            "NotAction" => choose(&mut self.action, Elements::Except(list(map)?), "Action"),
            "Resource" => choose(&mut self.resource, Elements::Listed(list(map)?), "Resource"),
            "NotResource" => choose(&mut self.resource, Elements::Except(list(map)?), "Resource"),
            "Condition" => fill(&mut self.condition, &name, map),
            _ => pass(&mut self.unknown, name, map),
        }
    }

    fn finish<E: Error>(self) -> Result<Statement, E> {
        Ok(Statement {
            sid: self.sid,
            effect: self.effect.ok_or_else(|| E::custom("a statement has no `Effect`"))?,
            principal: self.principal,
            action: self.action.ok_or_else(|| E::custom("a statement has neither `Action` nor `NotAction`"))?,
            resource: self.resource,
            condition: self.condition,
            unknown_elements: self.unknown,
        })
    }
}

fn list<'de, A: MapAccess<'de>>(map: &mut A) -> Result<Vec<String>, A::Error> {
    map.next_value().map(|Many(patterns)| patterns)
}

impl<'de> Deserialize<'de> for Effect {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match String::deserialize(deserializer)?.as_str() {
            "Allow" => Ok(Self::Allow),
            "Deny" => Ok(Self::Deny),
            other => {
                Err(D::Error::custom(format!("effect `{other}` is neither `Allow` nor `Deny` (letter case matters)")))
            }
        }
    }
}

impl Object for Principal {
    type Value = Self;
    const WHAT: &'static str = "a principal, which is `*` or an object";

    fn of_text(text: &str) -> Option<Self> {
        (text == "*").then(|| Self { everyone: true, ..Self::default() })
    }

    fn take<'de, A: MapAccess<'de>>(&mut self, name: String, map: &mut A) -> Result<(), A::Error> {
        let kind = match name.as_str() {
            "AWS" => &mut self.aws,
            "Service" => &mut self.service,
            "Federated" => &mut self.federated,
            "CanonicalUser" => &mut self.canonical_user,
            _ => return Err(A::Error::custom(format!("`{name}` is no kind of principal"))),
        };
        kind.extend(list(map)?);
        Ok(())
    }

    fn finish<E: Error>(self) -> Result<Self, E> {
        Ok(self)
    }
}

/// The keys of one block.
#[derive(Default)]
struct Keys(Vec<ConditionKey>);

impl Object for Keys {
    type Value = Self;
    const WHAT: &'static str = "condition keys, which are an object";

    fn take<'de, A: MapAccess<'de>>(&mut self, key: String, map: &mut A) -> Result<(), A::Error> {
        let values = map.next_value::<Many<Scalar>>()?.0.into_iter().map(|Scalar(value)| value).collect();
        self.0.push(ConditionKey { key, values });
        Ok(())
    }

    fn finish<E: Error>(self) -> Result<Self, E> {
        Ok(self)
    }
}

impl Object for Condition {
    type Value = Self;
    const WHAT: &'static str = "a condition, which is an object";

    fn take<'de, A: MapAccess<'de>>(&mut self, operator: String, map: &mut A) -> Result<(), A::Error> {
        let Keys(keys) = map.next_value()?;
        self.blocks.push(ConditionBlock { operator, keys });
        Ok(())
    }

    fn finish<E: Error>(self) -> Result<Self, E> {
        Ok(self)
    }
}

/// Lets serde read a type as the object that `$raw` is.
macro_rules! read_as {
    ($($type:ty: $raw:ty),*) => {$(
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                object::<$raw, D>(deserializer)
            }
        }
    )*};
}

read_as!(Document: RawDocument, Statement: RawStatement, Principal: Principal, Keys: Keys, Condition: Condition);

#[cfg(test)]
mod tests;
