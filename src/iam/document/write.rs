//! Documents to JSON, in the order of AWS's own.

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::{
    Condition, ConditionBlock, ConditionKey, Document, Effect, Elements, Principal, Principals, Statement,
    UnknownElement,
};

impl Serialize for Document {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        some(&mut map, "Version", self.version.as_ref())?;
        some(&mut map, "Id", self.id.as_ref())?;
        map.serialize_entry("Statement", &OneOrMany(&self.statements))?;
        unknown(&mut map, &self.unknown_elements)?;
        map.end()
    }
}

impl Serialize for Statement {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        some(&mut map, "Sid", self.sid.as_ref())?;
        map.serialize_entry("Effect", &self.effect)?;
        match &self.principal {
            Some(Principals::Listed(principal)) => map.serialize_entry("Principal", principal)?,
            Some(Principals::Except(principal)) => map.serialize_entry("NotPrincipal", principal)?,
            None => {}
        }
        elements(&mut map, ["Action", "NotAction"], &self.action)?;
        if let Some(resource) = &self.resource {
            elements(&mut map, ["Resource", "NotResource"], resource)?;
        }
        some(&mut map, "Condition", self.condition.as_ref())?;
        unknown(&mut map, &self.unknown_elements)?;
        map.end()
    }
}

impl Serialize for Effect {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl Serialize for Principal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.everyone {
            return serializer.serialize_str("*");
        }
        let kinds = [
            ("AWS", &self.aws),
            ("Service", &self.service),
            ("Federated", &self.federated),
            ("CanonicalUser", &self.canonical_user),
        ];
        let named = kinds.into_iter().filter(|(_, ids)| !ids.is_empty());
        serializer.collect_map(named.map(|(kind, ids)| (kind, OneOrMany(ids))))
    }
}

impl Serialize for Condition {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.blocks.iter().map(|block| (&block.operator, block)))
    }
}

impl Serialize for ConditionBlock {
    /// The keys; the operator is the name under which they stand.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.keys.iter().map(|ConditionKey { key, values }| (key, OneOrMany(values))))
    }
}

/// A list; of one, that one.
struct OneOrMany<'a, T>(&'a [T]);

impl<T: Serialize> Serialize for OneOrMany<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            [one] => one.serialize(serializer),
            many => many.serialize(serializer),
        }
    }
}

fn some<M: SerializeMap, T: Serialize>(map: &mut M, name: &str, value: Option<&T>) -> Result<(), M::Error> {
    value.map_or(Ok(()), |value| map.serialize_entry(name, value))
}

fn elements<M: SerializeMap>(map: &mut M, [listed, except]: [&str; 2], value: &Elements) -> Result<(), M::Error> {
    match value {
        Elements::Listed(patterns) => map.serialize_entry(listed, &OneOrMany(patterns)),
        Elements::Except(patterns) => map.serialize_entry(except, &OneOrMany(patterns)),
    }
}

fn unknown<M: SerializeMap>(map: &mut M, elements: &[UnknownElement]) -> Result<(), M::Error> {
    elements.iter().try_for_each(|element| map.serialize_entry(&element.name, &element.value))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::arbitrary::documents;
    use super::*;

    fn written(text: &str) -> String {
        let document = Document::parse(text).expect(text);
        serde_json::to_string(&document).expect("JSON")
    }

    #[test]
    fn elements_stand_in_the_order_of_aws() {
        let text = r#"{"x": {"b": 1.50, "a": [null]}, "Statement": [{"Condition": {"Bool": {"aws:SecureTransport": [true]},
            "Bool": {"k": [], "k": ["1", 2]}}, "y": "z", "Resource": ["*"], "NotAction": ["iam:*", "sts:*"],
            "NotPrincipal": {"Service": ["a"], "AWS": ["1", "2"]}, "Effect": "Deny", "Sid": "s"}],
            "Id": "i", "Version": "2012-10-17"}"#;
        let expected = concat!(
            r#"{"Version":"2012-10-17","Id":"i","Statement":{"Sid":"s","Effect":"Deny","#,
            r#""NotPrincipal":{"AWS":["1","2"],"Service":"a"},"NotAction":["iam:*","sts:*"],"Resource":"*","#,
            r#""Condition":{"Bool":{"aws:SecureTransport":"true"},"Bool":{"k":[],"k":["1","2"]}},"y":"z"},"#,
            r#""x":{"a":[null],"b":1.5}}"#,
        );
        assert_eq!(written(text), expected);
        assert_eq!(written(expected), expected);
    }

    #[test]
    fn what_is_empty_stays_so() {
        for text in [
            r#"{"Statement":[]}"#,
            r#"{"Statement":{"Effect":"Allow","Principal":"*","Action":[]}}"#,
            r#"{"Statement":{"Effect":"Allow","Principal":{"AWS":"*"},"Action":""}}"#,
            r#"{"Statement":{"Effect":"Allow","NotPrincipal":{},"Action":"*","NotResource":[],"Condition":{}}}"#,
            r#"{"Statement":{"Effect":"Allow","Action":"*","Condition":{"Bool":{}}}}"#,
        ] {
            assert_eq!(written(text), text);
        }
    }

    proptest! {
        #[test]
        fn what_is_written_reads_as_the_same(document in documents()) {
            let compact = serde_json::to_string(&document).expect("JSON");
            prop_assert_eq!(Document::parse(&compact).expect("a document"), document.clone());
            let pretty = serde_json::to_string_pretty(&document).expect("JSON");
            prop_assert_eq!(Document::parse(&pretty).expect("a document"), document);
        }
    }
}
