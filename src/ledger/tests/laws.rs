//! What must hold of every ledger: no change of its bytes goes unnoticed, and the right entry is named.

use proptest::prelude::*;

use super::*;

/// Entries of all kinds, with any text in them.
fn record() -> impl Strategy<Value = Record> {
    (0..Kind::ALL.len(), any::<String>(), any::<i64>(), proptest::option::of(any::<String>()), 0..4_usize).prop_map(
        |(kind, text, number, message, result)| Record {
            kind: Kind::ALL[kind].clone(),
            resource: Some(text.clone()),
            before: Some(json!({ text.clone(): number, "f": [number, text] })),
            message: Some(message.unwrap_or_default()),
            deadline: Some(at(number.rem_euclid(1_000_000))),
            result: Some(Outcome::ALL[result].clone()),
            ..intent(number.rem_euclid(1_000_000), "a")
        },
    )
}

fn ledger() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(record(), 2..9).prop_map(|records| bytes_of(&records))
}

fn found(bytes: &[u8]) -> (DamageKind, u64, usize) {
    let damage = damage(bytes);
    (damage.kind, damage.seq, damage.line)
}

fn newlines(bytes: &[u8]) -> usize {
    bytes.split(|byte| *byte == b'\n').count() - 1
}

fn number(index: usize) -> (u64, usize) {
    (index as u64 + 1, index + 1)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_written_is_read(records in proptest::collection::vec(record(), 0..6)) {
        let bytes = bytes_of(&records);
        let history = History::of_bytes("x", &bytes).unwrap();
        prop_assert_eq!(history.entries().iter().map(|entry| entry.record.clone()).collect::<Vec<_>>(), records);
        prop_assert_eq!(walk(&bytes).damage(), None);
    }

    #[test]
    fn every_edit_of_a_byte_is_found(bytes in ledger(), places in proptest::collection::vec((any::<proptest::sample::Index>(), 1..=255_u8), 40)) {
        for (place, flip) in places {
            let mut edited = bytes.clone();
            let place = place.index(bytes.len());
            edited[place] ^= flip;
            // A newline belongs to the line that it ends.
            let (seq, line) = number(newlines(&bytes[..place]));
            prop_assert_eq!(found(&edited), (DamageKind::Edited, seq, line), "byte {}", place);
        }
    }

    #[test]
    fn every_removal_is_found(bytes in ledger()) {
        let parts = lines(&bytes);
        for index in 0..parts.len() {
            let rest = [&parts[..index], &parts[index + 1..]].concat().concat();
            let (seq, line) = number(index);
            if index + 1 < parts.len() {
                prop_assert_eq!(found(&rest), (DamageKind::Removed, seq, line));
            } else {
                let missing = walk(&rest).since(walk(&bytes).head()).unwrap_err();
                prop_assert_eq!((missing.kind, missing.seq, missing.line), (DamageKind::Truncated, seq, line));
            }
        }
    }

    #[test]
    fn every_swap_and_duplication_is_found(bytes in ledger()) {
        let parts = lines(&bytes);
        for one in 0..parts.len() {
            for other in one + 1..parts.len() {
                let mut swapped = parts.clone();
                swapped.swap(one, other);
                prop_assert_eq!(found(&swapped.concat()), (DamageKind::Reordered, number(other).0, number(one).1));
            }
            for place in one + 1..=parts.len() {
                let mut doubled = parts.clone();
                doubled.insert(place, parts[one]);
                prop_assert_eq!(found(&doubled.concat()), (DamageKind::Reordered, number(one).0, number(place).1));
            }
        }
    }

    #[test]
    fn every_end_that_is_missing_is_found(bytes in ledger(), cuts in proptest::collection::vec(any::<proptest::sample::Index>(), 40)) {
        let head = walk(&bytes).head().to_owned();
        for cut in cuts {
            let rest = &bytes[..cut.index(bytes.len())];
            let (chain, whole) = (walk(rest), newlines(rest));
            let (seq, line) = number(chain.links.len());
            let damage = chain.damage().or_else(|| chain.since(&head).err());
            if rest.len() + 1 == bytes.len() {
                prop_assert_eq!((damage, chain.tail), (None, Tail::NoNewline));
                continue;
            }
            let damage = damage.unwrap();
            prop_assert_eq!((damage.kind, damage.seq, damage.line), (DamageKind::Truncated, seq, line));
            prop_assert!(chain.links.len() == whole || chain.tail == Tail::NoNewline, "no whole entry is lost");
            let store = MemoryStore::holding(rest);
            prop_assert!(open(&store).is_ok());
            prop_assert_eq!(walk(&store.bytes()).damage(), None);
        }
    }

    #[test]
    fn no_bytes_are_too_strange(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let chain = walk(&bytes);
        prop_assert!(chain.links.is_empty());
        prop_assert_eq!(chain.damage().is_none(), bytes.is_empty());
    }
}
