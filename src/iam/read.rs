//! How the JSON of policies is read: objects element by element, and "one value or an array of them".
//!
//! Written with visitors rather than derived: a derived reader that accepts one or many and keeps unknown elements has
//! to buffer, and then loses the position of what is wrong.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, Error as _, IgnoredAny, IntoDeserializer, MapAccess, SeqAccess, Visitor};

/// An object that is read element by element.
pub(super) trait Object: Default {
    /// What it becomes.
    type Value;
    /// What it is, after "expected".
    const WHAT: &'static str;
    /// What a bare string stands for, where one may stand in its place.
    fn of_text(_: &str) -> Option<Self> {
        None
    }
    /// Makes it whole after its last element, or says what is missing; here, so that the error has a position.
    fn finish<E: serde::de::Error>(self) -> Result<Self::Value, E>;
    /// Takes the value of the element `name` from `map`.
    fn take<'de, A: MapAccess<'de>>(&mut self, name: String, map: &mut A) -> Result<(), A::Error>;
}

struct ObjectVisitor<T>(PhantomData<T>);

impl<'de, T: Object> Visitor<'de> for ObjectVisitor<T> {
    type Value = T::Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(T::WHAT)
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<T::Value, E> {
        let object = T::of_text(text);
        object.ok_or_else(|| E::custom(format!("`{text}` stands where {} is expected", T::WHAT)))?.finish()
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<T::Value, A::Error> {
        let mut object = T::default();
        while let Some(name) = map.next_key::<String>()? {
            object.take(name, &mut map)?;
        }
        object.finish()
    }
}

/// Reads an object, or the string that may stand in its place.
pub(super) fn object<'de, T: Object, D: Deserializer<'de>>(deserializer: D) -> Result<T::Value, D::Error> {
    deserializer.deserialize_any(ObjectVisitor::<T>(PhantomData))
}

/// One value, or an array of them.
pub(super) struct Many<T>(pub(super) Vec<T>);

struct ManyVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Many<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ManyVisitor(PhantomData))
    }
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for ManyVisitor<T> {
    type Value = Many<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value or an array of values")
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<Many<T>, E> {
        one(value)
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Many<T>, E> {
        one(value)
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<Many<T>, E> {
        one(value)
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Many<T>, E> {
        one(value)
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<Many<T>, E> {
        one(value)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Many<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(|item| Many(vec![item]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Many<T>, A::Error> {
        let mut all = Vec::new();
        while let Some(item) = items.next_element()? {
            all.push(item);
        }
        Ok(Many(all))
    }
}

fn one<'de, T: Deserialize<'de>, E: serde::de::Error>(value: impl IntoDeserializer<'de, E>) -> Result<Many<T>, E> {
    T::deserialize(value.into_deserializer()).map(|item| Many(vec![item]))
}

/// A condition value: AWS takes `true` and `5` for `"true"` and `"5"`.
pub(super) struct Scalar(pub(super) String);

struct ScalarVisitor;

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScalarVisitor)
    }
}

impl Visitor<'_> for ScalarVisitor {
    type Value = Scalar;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a string, a number or a truth value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Scalar, E> {
        Ok(Scalar(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Scalar, E> {
        Ok(Scalar(value.to_string()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Scalar, E> {
        Ok(Scalar(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Scalar, E> {
        Ok(Scalar(value.to_string()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Scalar, E> {
        Ok(Scalar(value.to_owned()))
    }
}

/// Fills `slot` with the value of the element `name`, once.
pub(super) fn fill<'de, T: Deserialize<'de>, A: MapAccess<'de>>(
    slot: &mut Option<T>,
    name: &str,
    map: &mut A,
) -> Result<(), A::Error> {
    if slot.replace(map.next_value()?).is_some() {
        return Err(A::Error::custom(format!("`{name}` appears twice")));
    }
    Ok(())
}

/// Passes over an element that the grammar does not know.
pub(super) fn pass<'de, A: MapAccess<'de>>(
    unknown: &mut Vec<String>,
    name: String,
    map: &mut A,
) -> Result<(), A::Error> {
    map.next_value::<IgnoredAny>()?;
    unknown.push(name);
    Ok(())
}

/// Fills `slot`, of which the grammar allows either the plain or the `Not…` form, once.
pub(super) fn choose<T, E: serde::de::Error>(slot: &mut Option<T>, value: T, plain: &str) -> Result<(), E> {
    if slot.replace(value).is_some() {
        return Err(E::custom(format!("a statement may have only one of `{plain}` and `Not{plain}`")));
    }
    Ok(())
}
