use super::*;

#[test]
fn names_are_unique_and_documented() {
    for kind in KINDS {
        let facts = facts(kind);
        for (at, fact) in facts.iter().enumerate() {
            assert!(!facts.iter().take(at).any(|other| other.name == fact.name), "{} twice", fact.name);
            assert!(fact.doc.ends_with('.') && fact.doc.len() > 7, "{}", fact.name);
            assert!(fact.name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{}", fact.name);
        }
    }
}
