//! The chain: how a line is sealed, and what is wrong with bytes that are no whole chain. Pure.
//!
//! A line is a JSON object whose last member is `"hash"`. The hash is the SHA-256 of the line without that member: all
//! bytes before `,"hash":"…"}`, and `}`. So fields that this version does not know are covered, and so is the way in
//! which each value is written.

use std::fmt;

use serde::Deserialize;
use serde::de::IgnoredAny;
use sha2::{Digest, Sha256};

/// What the first entry has for the hash of the entry before: 64 zeros.
pub const START: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Bytes of `,"hash":"` + 64 digits + `"}`.
const SEAL: usize = 75;

/// How a chain is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DamageKind {
    /// The text of an entry is not what was written.
    Edited,
    /// An entry is missing between others.
    Removed,
    /// An entry stands where another belongs, or a second time.
    Reordered,
    /// The end is missing.
    Truncated,
}

impl DamageKind {
    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Edited => "edited",
            Self::Removed => "removed",
            Self::Reordered => "reordered",
            Self::Truncated => "truncated",
        }
    }
}

/// The first place at which a chain is broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// How.
    pub kind: DamageKind,
    /// Number of the entry that it is about, from 1.
    pub seq: u64,
    /// The line at which it shows, from 1.
    pub line: usize,
    /// What is wrong with the entry.
    pub message: String,
}

impl fmt::Display for Damage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, seq, line, message } = self;
        write!(formatter, "line {line}: entry {seq} {}: {message}", kind.as_str())
    }
}

/// An entry whose hash is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link<'b> {
    /// Its line, without the newline.
    pub line: &'b [u8],
    /// Its hash.
    pub hash: &'b str,
}

/// How the bytes end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tail<'b> {
    /// With a whole entry and its newline, or nothing is there.
    Whole,
    /// With a whole entry that lacks its newline.
    NoNewline,
    /// With an entry that was never finished, and these bytes of it.
    Torn(&'b [u8]),
}

/// What bytes are as a chain.
#[derive(Debug)]
pub struct Chain<'b> {
    /// The entries up to the first damage, in order.
    pub links: Vec<Link<'b>>,
    /// How it ends, if nothing before the end is damaged.
    pub tail: Tail<'b>,
    /// The first damage; a torn tail is none.
    pub damage: Option<Damage>,
}

/// Makes the line of an entry from its JSON object without hash: the line without newline, and the hash.
#[must_use]
pub fn seal(body: &str) -> (String, String) {
    let body = body.strip_suffix('}').unwrap_or(body);
    let hash = hash_of(body.as_bytes());
    (format!("{body},\"hash\":\"{hash}\"}}"), hash)
}

fn hash_of(body_without_brace: &[u8]) -> String {
    let digest = Sha256::new().chain_update(body_without_brace).chain_update(b"}").finalize();
    data_encoding::HEXLOWER.encode(&digest)
}

/// What an entry says of its place.
#[derive(Deserialize)]
struct Place<'b> {
    seq: u64,
    #[serde(borrow)]
    prev: &'b str,
}

/// A line that is right by itself: its place and its hash, or what is wrong.
fn unseal(line: &[u8]) -> Result<(Place<'_>, &str), &'static str> {
    let sealed = line.split_last_chunk::<SEAL>().and_then(|(body, seal)| {
        let hash = seal.as_slice().strip_prefix(b",\"hash\":\"")?.strip_suffix(b"\"}")?;
        let is_hex = hash.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        Some((body, std::str::from_utf8(hash).ok().filter(|_| is_hex)?))
    });
    let Some((body, hash)) = sealed else { return Err("it does not end with a hash") };
    if hash_of(body) != hash {
        return Err("its text and its hash do not fit");
    }
    let place = serde_json::from_slice(line).map_err(|_| "it is no JSON object with `seq` and `prev`")?;
    Ok((place, hash))
}

/// Reads bytes as a chain, up to the first damage.
#[must_use]
pub fn walk(bytes: &[u8]) -> Chain<'_> {
    let mut chain = Chain { links: Vec::new(), tail: Tail::Whole, damage: None };
    let (mut seq, mut prev) = (1, START);
    let mut lines = bytes.split_inclusive(|byte| *byte == b'\n').enumerate();
    while let Some((index, raw)) = lines.next() {
        let (line, is_ended) = raw.strip_suffix(b"\n").map_or((raw, false), |line| (line, true));
        let number = index + 1;
        match unseal(line) {
            Ok((place, hash)) => {
                let later = || lines.clone().map(|(index, line)| (index + 1, line));
                chain.damage = misplaced(&place, seq, prev, number, later);
                if chain.damage.is_some() {
                    return chain;
                }
                chain.links.push(Link { line, hash });
                (seq, prev) = (seq + 1, hash);
                chain.tail = if is_ended { Tail::Whole } else { Tail::NoNewline };
            }
            Err(_) if !is_ended && is_unfinished(line) => chain.tail = Tail::Torn(line),
            Err(message) => {
                let message = message.to_owned();
                chain.damage = Some(Damage { kind: DamageKind::Edited, seq, line: number, message });
                return chain;
            }
        }
    }
    chain
}

/// Whether a write that was cut off may have left these bytes: it never leaves a whole object and something behind it.
fn is_unfinished(line: &[u8]) -> bool {
    !matches!(serde_json::Deserializer::from_slice(line).into_iter::<IgnoredAny>().next(), Some(Ok(_)))
}

/// What is wrong with an entry that is right by itself, at a place where the entry `seq` after `prev` belongs.
fn misplaced<'b, L: Iterator<Item = (usize, &'b [u8])>>(
    place: &Place<'_>,
    seq: u64,
    prev: &str,
    line: usize,
    later: impl Fn() -> L,
) -> Option<Damage> {
    let damage = |kind, seq, line, message| Some(Damage { kind, seq, line, message });
    let found = place.seq;
    if found == seq && place.prev == prev {
        return None;
    }
    if found == seq && seq == 1 {
        let message = "it names an entry before it, and it is the first".to_owned();
        return damage(DamageKind::Edited, 1, line, message);
    }
    if found == seq {
        let message = format!("its hash is not the one that entry {seq} has for it: it was made anew");
        return damage(DamageKind::Edited, seq - 1, line - 1, message);
    }
    if found < seq {
        let message = format!("it stands a second time, where entry {seq} belongs");
        return damage(DamageKind::Reordered, found, line, message);
    }
    let is_wanted =
        |raw: &[u8]| unseal(raw.strip_suffix(b"\n").unwrap_or(raw)).is_ok_and(|(place, _)| place.seq == seq);
    if let Some((there, _)) = later().find(|(_, raw)| is_wanted(raw)) {
        let message = format!("it stands where entry {seq} belongs, which is on line {there}");
        return damage(DamageKind::Reordered, found, line, message);
    }
    let message = match found - seq {
        1 => format!("it is missing before entry {found}"),
        missing => format!("it is missing before entry {found}, and so are {} more", missing - 1),
    };
    damage(DamageKind::Removed, seq, line, message)
}

impl Chain<'_> {
    /// Hash of the last whole entry; 64 zeros if there is none.
    #[must_use]
    pub fn head(&self) -> &str {
        self.links.last().map_or(START, |link| link.hash)
    }

    /// The first damage, a torn end included.
    #[must_use]
    pub fn damage(&self) -> Option<Damage> {
        let Tail::Torn(bytes) = self.tail else { return self.damage.clone() };
        let count = self.links.len();
        let message = format!("it was never finished: {} bytes of it are there", bytes.len());
        Some(Damage { kind: DamageKind::Truncated, seq: count as u64 + 1, line: count + 1, message })
    }

    /// How many entries follow the one whose hash is `head`: zero if it is the last.
    ///
    /// # Errors
    ///
    /// If no entry has this hash: the end was cut off, or everything was written anew.
    pub fn since(&self, head: &str) -> Result<usize, Damage> {
        let count = self.links.len();
        if head.eq_ignore_ascii_case(START) {
            return Ok(count);
        }
        let position = self.links.iter().rposition(|link| link.hash.eq_ignore_ascii_case(head));
        position.map(|at| count - at - 1).ok_or_else(|| Damage {
            kind: DamageKind::Truncated,
            seq: count as u64 + 1,
            line: count + 1,
            message: "no entry has the hash given: the end was cut off after this line, or all was written anew"
                .to_owned(),
        })
    }
}
