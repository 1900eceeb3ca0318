//! The steps for the new user, to be handed out: no secret is in it, and no name or tag can be markup in it.

use std::fmt::Write as _;

use crate::model::Partition;
use crate::model::untrusted::Untrusted;

/// How it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Markdown.
    Markdown,
    /// Plain text.
    Text,
}

/// What the new user has to know.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each decides on a step of its own")]
pub struct HandOut<'a> {
    /// The friendly name.
    pub user: &'a str,
    /// The account's id.
    pub account: &'a str,
    /// The partition.
    pub partition: &'a Partition,
    /// The account's alias, if it has one.
    pub alias: Option<&'a str>,
    /// Whether the user has a console password.
    pub console: bool,
    /// Whether it has to be changed at the first sign-in.
    pub reset: bool,
    /// Whether users may change their passwords.
    pub may_change: bool,
    /// Whether access keys are denied without MFA too.
    pub keys_too: bool,
    /// Who answers for the user.
    pub owner: Option<&'a str>,
}

/// The console's sign-in page of an account. The hosts are those of the AWS IAM, AWS GovCloud and AWS China user guides;
/// in the European Sovereign Cloud the account is typed on the page. `None` where the host is not known.
#[must_use]
pub fn sign_in_url(partition: &Partition, account: &str, alias: Option<&str>) -> Option<String> {
    let host = match partition.as_str() {
        "aws" => "signin.aws.amazon.com",
        "aws-cn" => "signin.amazonaws.cn",
        "aws-us-gov" => "signin.amazonaws-us-gov.com",
        "aws-eusc" => return Some("https://eusc-de-east-1.signin.amazonaws-eusc.eu/".to_owned()),
        _ => return None,
    };
    // An alias is 3 to 63 lower-case letters, digits and hyphens (`CreateAccountAlias`); anything else is no host name.
    let is_name = |alias: &&str| {
        let has_chars = alias.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        (3..=63).contains(&alias.len()) && has_chars && !alias.starts_with('-') && !alias.ends_with('-')
    };
    Some(format!("https://{}.{host}/console", alias.filter(is_name).unwrap_or(account)))
}

impl HandOut<'_> {
    /// The text.
    #[must_use]
    pub fn write(&self, format: Format) -> String {
        let (title, emphasis) = match format {
            Format::Markdown => ("# ", "**"),
            Format::Text => ("", ""),
        };
        let name = format.value(self.user);
        let account = self.account;
        let mut text = format!("{title}Your AWS user {name}\n\n");
        let _ = writeln!(text, "- Account: {account}");
        if let Some(url) = self.url() {
            let _ = writeln!(text, "- Sign-in page: {}", format.link(&url));
        }
        let _ = writeln!(text, "- User name: {name}\n");
        let _ = writeln!(
            text,
            "{emphasis}Until you have an MFA device and have signed in with it, AWS denies nearly everything.{emphasis} Pages \
             of the console show errors, and that is how it is meant.\n"
        );
        for (number, step) in (1..).zip(if self.console { self.at_the_console(format) } else { self.with_keys(format) })
        {
            let _ = writeln!(text, "{number}. {step}");
        }
        let whom = self.whom(format);
        let _ = writeln!(text, "\nSomething does not work, or you lost the device? Ask {whom}.");
        text
    }

    fn url(&self) -> Option<String> {
        sign_in_url(self.partition, self.account, self.alias).filter(|_| self.console)
    }

    fn whom(&self, format: Format) -> String {
        self.owner
            .filter(|owner| !owner.trim().is_empty())
            .map_or_else(|| "whoever gave you this".to_owned(), |owner| format.value(owner))
    }

    fn at_the_console(&self, format: Format) -> Vec<String> {
        let page = if self.url().is_some() { "the sign-in page" } else { "the sign-in page of your AWS console" };
        let whom = self.whom(format);
        let enroll = format.code("portcullis mfa enroll");
        let mut steps = vec![format!(
            "Open {page} (account {}), and sign in with your user name and the password that you get on another way.",
            self.account
        )];
        if self.reset {
            steps.push(format!("If AWS asks you for a new password and then refuses it, ask {whom} to take that off."));
        }
        steps.push(format!(
            "Open the menu under your name at the top right, choose \"Security credentials\", then \"Assign MFA device\". Any \
             device name will do. Choose a passkey or security key, or an authenticator app and type two codes in a row. (With \
             an access key, {enroll} does the same for an authenticator app on the command line.)"
        ));
        steps.push("Sign out, and sign in again with the device. Only from now on can you work.".to_owned());
        let signed_in = steps.len();
        steps.push(if self.may_change {
            format!(
                "Change your password: \"Security credentials\", \"Update console password\". Not before step {signed_in}: it is \
                 denied without the device."
            )
        } else {
            format!("Somebody else has seen your password, and you may not change it yourself: ask {whom} about that.")
        });
        steps
    }

    fn with_keys(&self, format: Format) -> Vec<String> {
        let [configure, enroll, session] =
            ["aws configure", "portcullis mfa enroll", "portcullis mfa session"].map(|command| format.code(command));
        let mut steps = vec![
            format!("You have no console password. You get an access key on another way: set it up with {configure}."),
            format!("Run {enroll}, scan the QR code with an authenticator app, and type two codes in a row."),
        ];
        if self.keys_too {
            steps.push(format!(
                "Your key alone is denied nearly everything: {session} opens a session with a code, and in it you work."
            ));
        }
        steps
    }
}

impl Format {
    /// Text that somebody chose: never markup, a link, a mention or a line of its own.
    fn value(self, text: &str) -> String {
        let text = Untrusted(text).to_string();
        match self {
            Self::Text => text,
            Self::Markdown => self.code(&text),
        }
    }

    /// A command, or other text to the letter. In Markdown a code span ends at as many backticks as it began with: one
    /// more than there are anywhere in the text.
    fn code(self, text: &str) -> String {
        if self == Self::Text {
            return format!("`{text}`");
        }
        let longest = text.split(|char| char != '`').map(str::len).max().unwrap_or_default();
        let (fence, pad) = ("`".repeat(longest + 1), if longest > 0 { " " } else { "" });
        format!("{fence}{pad}{text}{pad}{fence}")
    }

    fn link(self, url: &str) -> String {
        match self {
            Self::Text => url.to_owned(),
            Self::Markdown => format!("<{url}>"),
        }
    }
}

#[cfg(test)]
mod tests;
