//! How large files and functions may be, and that each file says what it is.

use std::fmt::Write as _;

use crate::code::{File, block_end, files};

/// Most lines of a file, its tests included.
const FILE: usize = 500;

/// Most lines of a function, from `fn` to its closing brace.
const FUNCTION: usize = 60;

/// Most lines of `src/main.rs`, which has no logic.
const MAIN: usize = 40;

#[test]
fn files_and_functions_stay_small_and_say_what_they_are() {
    let mut wrong = String::new();
    for file in files() {
        let lines = file.text.lines().count();
        let most = if file.path == "src/main.rs" { MAIN } else { FILE };
        if lines > most {
            let _ = writeln!(wrong, "{}: {lines} lines, at most {most}", file.path);
        }
        if !file.text.starts_with("//! ") {
            let _ = writeln!(wrong, "{}:1: begins without `//!`: what it is, and what it may use", file.path);
        }
        for (name, line, length) in functions(&file) {
            if length > FUNCTION {
                let _ = writeln!(wrong, "{}:{line}: `{name}` has {length} lines, at most {FUNCTION}", file.path);
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// Name, line and number of lines of each function that has a body.
fn functions(file: &File) -> Vec<(String, usize, usize)> {
    let mut found = Vec::new();
    for (at, _) in file.code.match_indices("fn ") {
        let before = file.code[..at].chars().next_back().unwrap_or(' ');
        let head = &file.code[at + 3..];
        let name: String = head.chars().take_while(|char| char.is_alphanumeric() || *char == '_').collect();
        if before.is_alphanumeric() || before == '_' || name.is_empty() {
            continue;
        }
        // An array type in the signature has a `;` too: only one outside brackets ends a function without a body.
        let mut depth = 0;
        let end = head.char_indices().find(|(_, char)| {
            depth += i32::from(matches!(char, '[' | '(')) - i32::from(matches!(char, ']' | ')'));
            *char == '{' || (*char == ';' && depth == 0)
        });
        if let Some((open, '{')) = end {
            let line = file.line(at);
            let last = file.line(block_end(&file.code, at + 3 + open) - 1);
            found.push((name, line, last - line + 1));
        }
    }
    found
}

#[test]
fn functions_are_found_with_their_length() {
    let code = "fn one() {}\nfn two(a: [u8; 2])\n -> u8 {\n  { }\n}\ntrait T { fn none(&self); }\n";
    let file = File { path: String::new(), module: Vec::new(), text: String::new(), code: code.to_owned() };
    assert_eq!(functions(&file), [("one".to_owned(), 1, 1), ("two".to_owned(), 2, 4)]);
    let all: usize = files().iter().map(|file| functions(file).len()).sum();
    assert!(all > 400, "only {all} functions were found");
}
