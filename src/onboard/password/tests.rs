use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;

/// What IAM asks for by a policy, and by its own where an account has none: three of four kinds.
fn suits(password: &str, policy: &PasswordPolicy) -> bool {
    let has = |is: fn(char) -> bool| password.chars().any(is);
    let symbols = |char: char| "!@#$%^&*()_+-=[]{}|'".contains(char);
    let kinds = [
        has(|char| char.is_ascii_uppercase()),
        has(|char| char.is_ascii_lowercase()),
        has(|char| char.is_ascii_digit()),
        has(symbols),
    ];
    let [upper, lower, digit, symbol] = kinds;
    let enough = usize::try_from(policy.min_length).unwrap() <= password.len() && password.len() <= LONGEST;
    let asked = (!policy.require_uppercase || upper)
        && (!policy.require_lowercase || lower)
        && (!policy.require_numbers || digit)
        && (!policy.require_symbols || symbol);
    enough && asked && (policy.exists || kinds.iter().filter(|has| **has).count() >= 3)
}

proptest! {
    #[test]
    fn every_policy_is_met(
        exists: bool, min_length in 6_i64..=128,
        (upper, lower, digits, symbols) in any::<(bool, bool, bool, bool)>(),
    ) {
        let policy = PasswordPolicy {
            exists, min_length, require_uppercase: upper, require_lowercase: lower, require_numbers: digits,
            require_symbols: symbols, ..PasswordPolicy::default()
        };
        let password = generate(&policy).unwrap();
        let text = password.expose();
        prop_assert!(suits(text, &policy));
        prop_assert!(text.len() >= 20 && text.len() == text.chars().count());
        prop_assert!(text.chars().all(|char| KINDS.concat().contains(char)));
        prop_assert!(!"0O1Il|`'\"\\$&<>*_~#()[]{} ".chars().any(|odd| text.contains(odd)), "what copying may spoil");
        let ends = [text.chars().next().unwrap(), text.chars().next_back().unwrap()];
        prop_assert!(ends.iter().all(char::is_ascii_alphanumeric));
    }
}

#[test]
fn no_password_is_made_twice() {
    let policy = PasswordPolicy::default();
    let made: BTreeSet<String> = (0..2_000).map(|_| generate(&policy).unwrap().expose().to_owned()).collect();
    assert_eq!(made.len(), 2_000);
}

#[test]
fn each_character_is_as_likely_as_the_others() {
    // Every byte once: of 256, those up to the last whole multiple count, each character as often.
    for size in 1..=64_usize {
        let alphabet: Vec<u8> = (0..size).map(|at| u8::try_from(at).unwrap()).collect();
        let mut counts: BTreeMap<u8, usize> = BTreeMap::new();
        let (mut next, whole) = (0_usize, 256 - 256 % size);
        for _ in 0..whole {
            let mut fill = |bytes: &mut [u8]| {
                bytes[0] = u8::try_from(next % 256).unwrap();
                next += 1;
                Ok(())
            };
            *counts.entry(choose(&alphabet, &mut fill).unwrap()).or_default() += 1;
        }
        assert_eq!(next, whole, "{size}: nothing was thrown away too early");
        assert!(counts.len() == size && counts.values().all(|count| *count == 256 / size), "{size}: {counts:?}");
        let mut bytes = [255_u8, 7].into_iter();
        let mut fill = |to: &mut [u8]| {
            to[0] = bytes.next().unwrap();
            Ok(())
        };
        let chosen = choose(&alphabet, &mut fill).unwrap();
        let expected = if 256 % size == 0 { 255 % size } else { 7 % size };
        assert_eq!(usize::from(chosen), expected, "{size}: a byte beyond the last multiple is thrown away");
    }
}

#[test]
fn in_the_whole_the_characters_are_spread_evenly() {
    // Chi squared over 20,000 passwords, without their ends: 62 degrees of freedom, beyond 135 once in a million runs.
    let alphabet = KINDS.concat();
    let mut counts: BTreeMap<char, u32> = alphabet.chars().map(|char| (char, 0)).collect();
    for _ in 0..20_000 {
        let password = generate(&PasswordPolicy::default()).unwrap();
        for char in password.expose().chars().skip(1).take(LENGTH - 2) {
            *counts.get_mut(&char).unwrap() += 1;
        }
    }
    // That every kind is there makes the small kinds likelier, by a little: each kind against itself.
    for kind in KINDS {
        let own: Vec<f64> = kind.chars().map(|char| f64::from(counts[&char])).collect();
        let size = f64::from(u32::try_from(own.len()).unwrap());
        let mean = own.iter().sum::<f64>() / size;
        let chi: f64 = own.iter().map(|count| (count - mean).powi(2) / mean).sum();
        assert!(chi < size + 6.0 * (2.0 * size).sqrt() + 10.0, "{kind}: {chi}");
    }
}

#[test]
fn what_is_not_random_makes_no_password() {
    let policy = PasswordPolicy::default();
    let constant = |value: u8| {
        generate_by(&policy, move |bytes| {
            bytes.fill(value);
            Ok(())
        })
    };
    assert_eq!(constant(0).unwrap_err(), NoPassword::NotRandom, "one kind only");
    assert_eq!(constant(255).unwrap_err(), NoPassword::NotRandom, "never within the last multiple");
    let broken = generate_by(&policy, |_| Err(NoPassword::NoChance("no".to_owned())));
    assert_eq!(broken.unwrap_err(), NoPassword::NoChance("no".to_owned()));
    let too_long = PasswordPolicy { min_length: 129, ..policy };
    assert_eq!(generate(&too_long).unwrap_err(), NoPassword::TooLong(129));
    assert_eq!(length(&PasswordPolicy { min_length: 40, ..PasswordPolicy::default() }), Ok(40));
}
