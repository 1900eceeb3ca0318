//! The source files of the program, without comments, texts and tests.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// A source file.
pub(crate) struct File {
    /// Its path from the root of the repository, such as `src/rules/pack.rs`.
    pub(crate) path: String,
    /// The module that it is, such as `["rules", "pack"]`; `["main"]` for the program itself, empty for the library.
    pub(crate) module: Vec<String>,
    /// Its text as written.
    pub(crate) text: String,
    /// Its text with comments, texts, and what is compiled for tests only blanked out: every offset stays.
    pub(crate) code: String,
}

impl File {
    /// The line, from 1, of the byte at `offset`.
    pub(crate) fn line(&self, offset: usize) -> usize {
        self.code[..offset].matches('\n').count() + 1
    }
}

/// All source files that are not for tests only, by path.
pub(crate) fn files() -> Vec<File> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut all = BTreeMap::new();
    collect(root, &root.join("src"), &mut all);
    let mut tests_only: Vec<PathBuf> = Vec::new();
    for (path, text) in &all {
        let folder = if is_folder_root(path) { path.parent().unwrap().to_owned() } else { path.with_extension("") };
        tests_only.extend(test_modules(text).into_iter().map(|name| folder.join(name)));
    }
    let is_for_tests = |path: &Path| tests_only.iter().any(|module| path.with_extension("").starts_with(module));
    let all = all.into_iter().filter(|(path, _)| !is_for_tests(path));
    let files: Vec<File> = all.map(|(path, text)| file(&path, text)).collect();
    assert!(files.len() > 50, "the source files are where they were");
    files
}

fn collect(root: &Path, folder: &Path, all: &mut BTreeMap<PathBuf, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(root, &path, all);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            all.insert(path.strip_prefix(root).unwrap().to_owned(), text);
        }
    }
}

/// Whether the modules that a file declares stand beside it.
fn is_folder_root(path: &Path) -> bool {
    ["mod.rs", "lib.rs", "main.rs"].iter().any(|name| path.ends_with(name))
}

/// The names of modules in files of their own that are compiled for tests only.
fn test_modules(text: &str) -> Vec<String> {
    let code = blank(text);
    let declared = code.split("#[cfg(test)]").skip(1).filter_map(|rest| {
        let (head, _) = rest.split_once([';', '{'])?;
        let is_file = rest.as_bytes().get(head.len()) == Some(&b';');
        let name = head.trim().trim_start_matches("pub(crate) ").strip_prefix("mod ")?;
        is_file.then(|| name.trim().to_owned())
    });
    declared.collect()
}

fn file(path: &Path, text: String) -> File {
    let shown = path.to_str().unwrap().replace('\\', "/");
    let inner = shown.trim_start_matches("src/").trim_end_matches(".rs").trim_end_matches("/mod");
    let module = if inner == "lib" { Vec::new() } else { inner.split('/').map(str::to_owned).collect() };
    let code = without_tests(blank(&text));
    File { path: shown, module, text, code }
}

/// `text` with comments and the insides of texts and characters as blanks.
fn blank(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = bytes.to_vec();
    let mut at = 0;
    while at < bytes.len() {
        let end = match bytes[at] {
            b'/' if bytes[at..].starts_with(b"//") => end_of(text, at, "\n"),
            b'/' if bytes[at..].starts_with(b"/*") => end_of(text, at + 2, "*/"),
            b'r' if is_raw(text, at) => {
                let hashes = text[at + 1..].find('"').unwrap();
                end_of(text, at + hashes + 2, &format!("\"{}", "#".repeat(hashes)))
            }
            b'"' => quoted(bytes, at, b'"'),
            b'\'' if is_character(text, at) => quoted(bytes, at, b'\''),
            _ => at,
        };
        for byte in &mut out[at..end] {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
        at = end.max(at + 1);
    }
    String::from_utf8(out).unwrap()
}

fn end_of(text: &str, from: usize, end: &str) -> usize {
    text[from..].find(end).map_or(text.len(), |found| from + found + end.len())
}

/// Whether a raw text begins here, and not a name that ends in `r`.
fn is_raw(text: &str, at: usize) -> bool {
    let before = text[..at].chars().next_back().unwrap_or(' ');
    let after = text[at + 1..].trim_start_matches('#');
    !(before.is_alphanumeric() || before == '_') && after.starts_with('"')
}

/// Whether a quote begins a character, and not a lifetime.
fn is_character(text: &str, at: usize) -> bool {
    let mut rest = text[at + 1..].chars();
    matches!((rest.next(), rest.next()), (Some('\\'), _) | (Some(_), Some('\'')))
}

/// The end of a text or character with escapes.
fn quoted(bytes: &[u8], at: usize, quote: u8) -> usize {
    let mut end = at + 1;
    while end < bytes.len() && bytes[end] != quote {
        end += if bytes[end] == b'\\' { 2 } else { 1 };
    }
    (end + 1).min(bytes.len())
}

/// Blanks out whatever stands under `#[cfg(test)]`.
fn without_tests(mut code: String) -> String {
    while let Some(start) = code.find("#[cfg(test)]") {
        let rest = &code[start..];
        let end = match rest.find([';', '{']) {
            Some(at) if rest.as_bytes()[at] == b'{' => block_end(&code, start + at),
            Some(at) => start + at + 1,
            None => code.len(),
        };
        let blanks: String = code[start..end].chars().map(|char| if char == '\n' { '\n' } else { ' ' }).collect();
        code.replace_range(start..end, &blanks);
    }
    code
}

/// The end of the block that opens at `open`.
pub(crate) fn block_end(code: &str, open: usize) -> usize {
    let mut depth = 0_usize;
    for (at, byte) in code.bytes().enumerate().skip(open) {
        match byte {
            b'{' => depth += 1,
            b'}' if depth == 1 => return at + 1,
            b'}' => depth -= 1,
            _ => {}
        }
    }
    code.len()
}

#[test]
fn comments_texts_and_tests_are_blanked() {
    let text = "let a = \"crate::x \\\" //\"; // crate::y\nlet b = r#\"crate::\"z\"#; let c = '\"'; fn f<'a>() {}\n\
        #[cfg(test)]\nmod t { use crate::w; }\nuse crate::kept;\n";
    let code = without_tests(blank(text));
    assert_eq!(code.len(), text.len());
    assert_eq!(code.matches("crate::").count(), 1, "{code}");
    assert!(code.contains("fn f<'a>() {}") && code.contains("use crate::kept;"), "{code}");
    assert_eq!(
        test_modules("#[cfg(test)]\nmod a;\n#[cfg(test)] pub(crate) mod b;\n#[cfg(test)] mod c { }\nmod d;"),
        ["a", "b"]
    );
}
