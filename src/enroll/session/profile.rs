//! A profile of the AWS credentials file: what of it is ours is replaced, and every other byte stays.
//!
//! Lines are read as botocore and the SDKs read them: sections in brackets, `key = value` below, comments with `#` or
//! `;` in front, and further indented lines that go on with the value before.

use thiserror::Error;
use zeroize::Zeroizing;

use super::Session;

/// The keys of the section that are ours; the last is an old name of the one before.
const OURS: [&str; 4] = ["aws_access_key_id", "aws_secret_access_key", "aws_session_token", "aws_security_token"];

/// Keys that send whoever reads the profile elsewhere for credentials.
const ELSEWHERE: [&str; 7] = [
    "credential_process",
    "credential_source",
    "role_arn",
    "source_profile",
    "sso_session",
    "sso_start_url",
    "web_identity_token_file",
];

/// Why a profile is not written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Untouchable {
    /// It holds a long-term access key, which would be lost.
    #[error("it holds a long-term access key, which would be lost")]
    LongTerm,
    /// It gets its credentials from elsewhere: the key that says so.
    #[error("it gets its credentials by `{0}`, which would count over what is written")]
    Elsewhere(&'static str),
    /// It stands in the file more than once.
    #[error("it stands in the file more than once")]
    Twice,
    /// The file is no text in the encoding of the AWS CLI.
    #[error("the file is not one of the AWS CLI: it has zero bytes in it")]
    NoText,
}

/// Whether profiles can have this name: one that all of AWS's tools read in the same way.
#[must_use]
pub fn is_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|char| char.is_ascii_alphanumeric() || "_-/.%@:+".contains(char))
}

/// Whether the profile `name` of a credentials file may be written.
///
/// # Errors
///
/// Why not.
pub fn check(file: &[u8], name: &str) -> Result<(), Untouchable> {
    Section::find(&read(file)?, name).map(drop)
}

/// Whether a session in the profile `name` of the credentials file would be used: the config file may send whoever reads
/// the profile elsewhere.
///
/// # Errors
///
/// Why not.
pub fn check_config(file: &[u8], name: &str) -> Result<(), Untouchable> {
    let mut is_inside = false;
    for line in read(file)? {
        match line.kind {
            Kind::Header(head) => is_inside = is_of_profile(head, name),
            Kind::Property(_, key, true) if is_inside => {
                if let Some(elsewhere) = elsewhere(key) {
                    return Err(Untouchable::Elsewhere(elsewhere));
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// Whether a head of the config file is that of a profile: `profile NAME`, or `default` without the word.
fn is_of_profile(head: &[u8], name: &str) -> bool {
    let rest = head.strip_prefix(b"profile").filter(|rest| rest.first().is_some_and(u8::is_ascii_whitespace));
    let found = match rest {
        Some(rest) => rest.trim_ascii(),
        None if head == b"default" => head,
        None => return false,
    };
    let bare = [b"\"", b"'"].iter().find_map(|quote| found.strip_prefix(*quote)?.strip_suffix(*quote));
    bare.unwrap_or(found) == name.as_bytes()
}

/// The key of [`ELSEWHERE`] that `key` is.
fn elsewhere(key: &[u8]) -> Option<&'static str> {
    ELSEWHERE.into_iter().find(|known| key.eq_ignore_ascii_case(known.as_bytes()))
}

/// The credentials file with `session` in the profile `name`.
///
/// # Errors
///
/// If the profile may not be written.
pub fn put(file: &[u8], name: &str, session: &Session) -> Result<Zeroizing<Vec<u8>>, Untouchable> {
    let lines = read(file)?;
    let section = Section::find(&lines, name)?;
    let end = if lines.get(section.header.unwrap_or(0)).is_some_and(|line| line.bytes.ends_with(b"\r\n")) {
        "\r\n"
    } else {
        "\n"
    };
    let parts = session.parts();
    let room = file.len() + name.len() + session.room() + 4 * section.indent.len();
    let mut out = Zeroizing::new(Vec::with_capacity(room));
    let write = |out: &mut Vec<u8>| {
        for (key, value) in OURS.into_iter().zip(parts) {
            out.extend_from_slice(section.indent);
            for text in [key, " = ", value, end] {
                out.extend_from_slice(text.as_bytes());
            }
        }
    };
    for (at, line) in lines.iter().enumerate() {
        if section.at == Some(at) {
            write(&mut out);
        }
        if !section.ours.contains(&at) {
            out.extend_from_slice(line.bytes);
        }
        if section.at.is_none() && section.header == Some(at) {
            end_line(&mut out, end);
            write(&mut out);
        }
    }
    if section.header.is_none() {
        end_line(&mut out, end);
        let is_spaced = lines.last().is_none_or(|line| line.bytes.trim_ascii().is_empty());
        for text in [if is_spaced { "" } else { end }, "[", name, "]", end] {
            out.extend_from_slice(text.as_bytes());
        }
        write(&mut out);
    }
    Ok(out)
}

/// Ends the last line, if it has no end yet.
fn end_line(out: &mut Vec<u8>, end: &str) {
    if out.last().is_some_and(|last| *last != b'\n') {
        out.extend_from_slice(end.as_bytes());
    }
}

/// A line of the file with its end.
struct Line<'f> {
    bytes: &'f [u8],
    kind: Kind<'f>,
}

/// What a line is.
enum Kind<'f> {
    /// The head of a section: its name.
    Header(&'f [u8]),
    /// A property: how it is indented, its key, whether it has a value.
    Property(&'f [u8], &'f [u8], bool),
    /// It goes on with the value of the property before.
    Further,
    /// A comment, nothing, or what nobody understands.
    Other,
}

/// The lines of a file.
fn read(file: &[u8]) -> Result<Vec<Line<'_>>, Untouchable> {
    if file.contains(&0) {
        return Err(Untouchable::NoText);
    }
    let mut lines = Vec::new();
    // How far the property is indented that further lines would belong to.
    let mut open = None;
    for bytes in file.split_inclusive(|byte| *byte == b'\n') {
        let bare = if lines.is_empty() { bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes) } else { bytes };
        let kind = kind(bare, open);
        match &kind {
            Kind::Header(_) => open = None,
            Kind::Property(indent, ..) => open = Some(indent.len()),
            Kind::Further | Kind::Other => {}
        }
        lines.push(Line { bytes, kind });
    }
    Ok(lines)
}

fn kind(line: &[u8], open: Option<usize>) -> Kind<'_> {
    let text = line.trim_ascii();
    let (indent, _) = line.split_at_checked(line.len() - line.trim_ascii_start().len()).unwrap_or_default();
    match text.first() {
        None | Some(b'#' | b';') => Kind::Other,
        Some(_) if open.is_some_and(|open| indent.len() > open) => Kind::Further,
        Some(b'[') => match text.iter().position(|byte| *byte == b']') {
            Some(end) => Kind::Header(text.get(1..end).unwrap_or_default().trim_ascii()),
            None => Kind::Other,
        },
        Some(_) => {
            let mut sides = text.splitn(2, |byte| b"=:".contains(byte));
            let key = sides.next().unwrap_or_default().trim_ascii();
            sides.next().map_or(Kind::Other, |value| Kind::Property(indent, key, !value.trim_ascii().is_empty()))
        }
    }
}

/// The section of a profile.
struct Section<'f> {
    /// Its head; `None` if there is none yet.
    header: Option<usize>,
    /// The first line that is ours, before which ours are written; `None`: below the head.
    at: Option<usize>,
    /// All lines that are ours.
    ours: Vec<usize>,
    /// How ours are indented: no less than what follows, which would go on with the token otherwise.
    indent: &'f [u8],
}

impl<'f> Section<'f> {
    fn find(lines: &[Line<'f>], name: &str) -> Result<Self, Untouchable> {
        let mut found = Self { header: None, at: None, ours: Vec::new(), indent: b"" };
        let (mut is_inside, mut is_ours) = (false, false);
        let mut has = [false; OURS.len()];
        for (at, line) in lines.iter().enumerate() {
            match line.kind {
                Kind::Header(head) => {
                    is_inside = head == name.as_bytes();
                    is_ours = false;
                    if is_inside && found.header.replace(at).is_some() {
                        return Err(Untouchable::Twice);
                    }
                }
                Kind::Property(indent, key, has_value) if is_inside => {
                    let is = |known: &&str| key.eq_ignore_ascii_case(known.as_bytes());
                    if let Some(elsewhere) = elsewhere(key).filter(|_| has_value) {
                        return Err(Untouchable::Elsewhere(elsewhere));
                    }
                    let which = OURS.iter().position(is);
                    is_ours = which.is_some();
                    if is_ours && found.at.is_none() {
                        (found.at, found.indent) = (Some(at), indent);
                    }
                    if let Some(has) = which.and_then(|which| has.get_mut(which)) {
                        *has |= has_value;
                    }
                }
                _ => {}
            }
            if is_inside && is_ours && matches!(line.kind, Kind::Property(..) | Kind::Further) {
                found.ours.push(at);
            }
        }
        let [id, secret, token, old_token] = has;
        if (id || secret) && !(token || old_token) {
            return Err(Untouchable::LongTerm);
        }
        if let (None, Some(header)) = (found.at, found.header) {
            found.indent = indent_below(lines, header);
        }
        Ok(found)
    }
}

/// The widest indentation below a head, down to the next property or head.
fn indent_below<'f>(lines: &[Line<'f>], header: usize) -> &'f [u8] {
    let mut widest: &[u8] = b"";
    for line in lines.iter().skip(header + 1) {
        let text = line.bytes.trim_ascii_start();
        let is_read = !matches!(text.first(), None | Some(b'#' | b';'));
        let (indent, _) = line.bytes.split_at_checked(line.bytes.len() - text.len()).unwrap_or_default();
        if is_read && indent.len() > widest.len() {
            widest = indent;
        }
        if !matches!(line.kind, Kind::Other) {
            break;
        }
    }
    widest
}

#[cfg(test)]
mod tests;
