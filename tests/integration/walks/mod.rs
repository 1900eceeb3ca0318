//! Walks of the documentation: the commands that a page prints are run, in order, as the page prints them.
//!
//! A page marks them: between `<!-- walk: NAME -->` and `<!-- walk ends -->`, each line of a block of `sh` is a command.
//! Whoever sits at the keyboard is played here: the secret that is shown is kept, and codes are typed where they are
//! asked for.

mod guarded;
mod tutorial;

use std::collections::BTreeMap;
use std::fs;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use portcullis::enroll::Seed;
use serde_json::{Map, Value};

use crate::support::boto::{Boto, Credentials};
use crate::support::portcullis::{Output, Portcullis, Running};

/// How many steps ahead STS takes a code (aws-facts 2.13).
const EARLY: u64 = 2;

/// How many steps a device may be off when it is enabled or resynced, and more than any walk needs.
const DRIFT: u64 = 20;

/// The walk of a page, and how far the player is.
struct Walk {
    program: Portcullis,
    endpoint: String,
    profiles: BTreeMap<String, Credentials>,
    /// What the authenticator app holds; of a server whose secrets are none, nothing.
    seed: Option<Seed>,
    /// The last step whose code was typed.
    typed: u64,
}

/// The commands of a walk.
fn commands(page: &str, name: &str) -> Vec<String> {
    let path = format!("{}/docs/{page}", env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(&path).expect("the page");
    let (_, walk) = text.split_once(&format!("<!-- walk: {name} -->")).expect("the walk begins");
    let (walk, _) = walk.split_once("<!-- walk ends -->").expect("the walk ends");
    let blocks = walk.split("```sh\n").skip(1).map(|rest| rest.split_once("```").expect("the block ends").0);
    let lines = blocks.flat_map(str::lines).map(|line| line.split(" #").next().unwrap_or(line).trim().to_owned());
    let commands: Vec<String> = lines.filter(|line| !line.is_empty()).collect();
    assert!(commands.len() > 2, "{page} has a walk");
    commands
}

/// The words of a command, where quotes hold words together.
fn words(command: &str) -> Vec<String> {
    let (mut words, mut word, mut quoted) = (Vec::new(), String::new(), false);
    for char in command.chars() {
        match char {
            '\'' => quoted = !quoted,
            ' ' if !quoted => words.push(std::mem::take(&mut word)),
            char => word.push(char),
        }
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}

fn step() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock").as_secs() / 30
}

impl Walk {
    /// Somebody who has these profiles.
    fn new(endpoint: &str, profiles: &[(&str, &Credentials)]) -> Self {
        let program = Portcullis::new().env("AWS_ENDPOINT_URL", endpoint).env("AWS_REGION", "us-east-1");
        let mut walk = Self { program, endpoint: endpoint.to_owned(), profiles: BTreeMap::new(), seed: None, typed: 0 };
        for (name, credentials) in profiles {
            walk.has(name, credentials);
        }
        walk
    }

    /// From now on there is a profile with these credentials.
    fn has(&mut self, profile: &str, credentials: &Credentials) {
        self.profiles.insert(profile.to_owned(), credentials.clone());
        let file = self.program.dir().join(".home/.aws/credentials");
        fs::create_dir_all(file.parent().expect("a directory")).expect("make it");
        let mut text = fs::read_to_string(&file).unwrap_or_default();
        let Credentials { key, secret, .. } = credentials;
        text.push_str(
            &["[", profile, "]\naws_access_key_id = ", key, "\naws_secret_access_key = ", secret, "\n\n"].concat(),
        );
        fs::write(file, text).expect("write the profile");
    }

    /// Runs a command of the page to its end.
    fn run(&mut self, command: &str) -> Output {
        let words = words(command);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        match words.as_slice() {
            ["aws", service, operation, args @ ..] => {
                let answer = self.aws(service, operation, args);
                Output { stdout: answer.to_string(), stderr: String::new(), code: 0 }
            }
            ["portcullis", args @ ..] => {
                let mut run = self.program.spawn(args);
                match args {
                    ["mfa", "enroll", ..] => {
                        self.scan(&mut run);
                        self.types(&mut run, 2, DRIFT);
                    }
                    ["mfa", "resync", ..] => self.types(&mut run, 2, DRIFT),
                    ["mfa", "verify" | "session", ..] => self.types(&mut run, 1, EARLY),
                    _ => {}
                }
                run.finish(0)
            }
            _ => panic!("`{command}` is no command that a reader can run here"),
        }
    }

    /// Keeps the secret that is shown.
    fn scan(&mut self, run: &mut Running) {
        let line = loop {
            let line = run.line_with("");
            if line.starts_with(|char: char| char.is_ascii_alphanumeric()) {
                break line;
            }
        };
        self.seed = Seed::parse(&line);
    }

    /// Types so many codes, none of which was typed before, on a device whose clock is at most so many steps ahead.
    fn types(&mut self, run: &mut Running, count: u64, ahead: u64) {
        let first = (self.typed + 1).max(step().saturating_sub(count - 1));
        for step_of_code in first..first + count {
            while step() + ahead < step_of_code {
                std::thread::sleep(Duration::from_millis(200));
            }
            let code = self.seed.as_ref().and_then(|seed| seed.code(step_of_code));
            let code = code.map_or_else(|| format!("{:06}", step_of_code % 1_000_000), |code| code.expose().to_owned());
            run.send(&code);
        }
        self.typed = first + count - 1;
    }

    /// What the AWS CLI would do.
    fn aws(&self, service: &str, operation: &str, args: &[&str]) -> Value {
        let mut params = Map::new();
        let mut profile = None;
        for pair in args.chunks(2) {
            let [flag, value] = pair else { panic!("a flag without a value") };
            match flag.trim_start_matches("--") {
                "profile" => profile = Some(*value),
                flag => {
                    let name: String = flag.split('-').map(capitalised).collect();
                    params.insert(name, Value::from(*value));
                }
            }
        }
        let credentials = &self.profiles[profile.expect("a profile")];
        let boto = Boto::new(&self.endpoint, credentials);
        boto.call(service, &operation.replace('-', "_"), &Value::Object(params)).succeed().remove(0)
    }
}

fn capitalised(word: &str) -> String {
    let (first, rest) = word.split_at(1);
    first.to_uppercase() + rest
}
