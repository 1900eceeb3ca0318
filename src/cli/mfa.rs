//! The command line of `portcullis mfa`: types only.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use jiff::SignedDuration;

use super::Shape;
use super::values::{duration, user_name};

/// Subcommands of `mfa`.
#[derive(Debug, Subcommand)]
pub enum MfaCommand {
    /// Show which devices a user has, and what to do next; changes nothing
    Status(MfaStatusArgs),
    /// Give a user an MFA device: create it, show its QR code, take two codes, verify
    ///
    /// An authenticator app takes what the QR code says and then shows a new code every 30 seconds. Two of them, one
    /// after the other, are read as lines from stdin. Interrupted at any point, nothing is left behind, or it is said
    /// what. Exits with 5 if the device was not enabled.
    Enroll(EnrollArgs),
    /// Bring a device whose codes are no longer taken into step with AWS again
    Resync(ResyncArgs),
    /// Prove that a device works: open a session with one of its codes
    ///
    /// Only the user itself can do this, with its long-term access key. Exits with 5 if AWS took no code.
    Verify(VerifyMfaArgs),
    /// Open a session with MFA for the AWS CLI and SDKs, so that a guarded user can go on working with access keys
    ///
    /// Prints what `credential_process` of the AWS config file expects, exports for a shell, or writes a profile. Only the
    /// user itself can do this, with its long-term access key. Whoever runs a `credential_process` shows no question and
    /// passes no answer on: write `portcullis mfa session --cache --profile KEY` there, where KEY is the profile with the
    /// key, and run the same by hand once a day; or let a password manager give the secret to `--totp-from-stdin`. Exits
    /// with 5 if AWS took no code.
    Session(SessionArgs),
    /// Take a device away from a user
    ///
    /// A virtual device is deleted too, and so is one that nobody has, if its serial number is given. Exits with 5 if it
    /// was taken from the user and not deleted.
    Remove(RemoveArgs),
}

/// How to reach AWS: as the user, or as an administrator of the user's account.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "AWS")]
pub struct ConnectArgs {
    /// Profile of the AWS config files
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,

    /// Region whose endpoints are used
    #[arg(long, value_name = "REGION")]
    pub region: Option<String>,

    /// Endpoint for every service, for tests and emulators
    #[arg(long, value_name = "URL")]
    pub endpoint_url: Option<String>,
}

/// Whose device it is about.
#[derive(Debug, Clone, Args)]
pub struct WhoseArgs {
    /// The user's name; without it, the user whose credentials these are
    #[arg(long, value_name = "NAME", value_parser = user_name)]
    pub user: Option<String>,
}

/// Where changes are written down, if they are.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Ledger")]
pub struct MaybeLedgerArgs {
    /// Write each change down in this ledger
    #[arg(long, value_name = "PATH", env = "PORTCULLIS_LEDGER")]
    pub ledger: Option<PathBuf>,
}

/// Where two consecutive codes come from; without a flag, from stdin.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Codes")]
pub struct CodesArgs {
    /// Two consecutive codes of the device; then nothing is asked and nothing is tried again
    #[arg(long, value_name = "CODE,CODE", conflicts_with = "totp_from_stdin")]
    pub codes: Option<String>,

    /// Read the device's secret (base 32, or an otpauth:// URI) as a line from stdin, and work the codes out
    ///
    /// For password managers and tests: the secret is used and forgotten. With `enroll` it must be the one that was
    /// shown, so that it is proved to be kept well.
    #[arg(long)]
    pub totp_from_stdin: bool,
}

/// Arguments of `mfa status`.
#[derive(Debug, Args)]
pub struct MfaStatusArgs {
    /// The user's name; without it, the user whose credentials these are
    #[arg(value_name = "USER", value_parser = user_name)]
    pub name: Option<String>,
    /// The same as a flag
    #[arg(long = "user", value_name = "NAME", value_parser = user_name, hide = true, conflicts_with = "name")]
    pub user: Option<String>,
    /// How to show it
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub format: Shape,
    /// How to reach AWS
    #[command(flatten)]
    pub connect: ConnectArgs,
}

/// Arguments of `mfa enroll`.
#[derive(Debug, Args)]
pub struct EnrollArgs {
    /// Whose
    #[command(flatten)]
    pub whose: WhoseArgs,
    /// What kind of device
    #[arg(long, value_name = "KIND", default_value = "virtual")]
    pub device: DeviceKind,
    /// Name of the virtual device [default: USER-DATE-TIME, so that no leftover is in the way]
    #[arg(long, value_name = "NAME", value_parser = device_name)]
    pub device_name: Option<String>,
    /// Serial number of the hardware token, or of a virtual device that exists and that nobody has
    #[arg(long, value_name = "SERIAL", required_if_eq("device", "hardware"), conflicts_with_all = ["device_name", "show_secret", "qr_png"])]
    pub serial: Option<String>,
    /// Show the secret that the QR code holds too, in groups of four, for apps that cannot scan
    #[arg(long)]
    pub show_secret: bool,
    /// Write the QR code to this file, readable for you only, instead of showing it
    #[arg(long, value_name = "FILE")]
    pub qr_png: Option<PathBuf>,
    /// Colours of the terminal, for which the QR code is drawn
    #[arg(long, value_name = "THEME", default_value = "auto")]
    pub theme: Theme,
    /// Where the codes come from
    #[command(flatten)]
    pub codes: CodesArgs,
    /// How to reach AWS
    #[command(flatten)]
    pub connect: ConnectArgs,
    /// Where it is written down
    #[command(flatten)]
    pub ledger: MaybeLedgerArgs,
}

/// A kind of device to enroll.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DeviceKind {
    /// An authenticator app.
    Virtual,
    /// A token that shows six digits.
    Hardware,
    /// A passkey or security key: enrolled in the console, which is explained and waited for.
    Passkey,
}

/// The colours of a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Theme {
    /// What the terminal says of itself in COLORFGBG, else dark.
    Auto,
    /// Light text on a dark background.
    Dark,
    /// Dark text on a light background.
    Light,
}

/// Arguments of `mfa resync`.
#[derive(Debug, Args)]
pub struct ResyncArgs {
    /// Whose
    #[command(flatten)]
    pub whose: WhoseArgs,
    /// Serial number of the device; not needed where there is one that shows codes
    #[arg(long, value_name = "SERIAL")]
    pub serial: Option<String>,
    /// Where the codes come from
    #[command(flatten)]
    pub codes: CodesArgs,
    /// How to reach AWS
    #[command(flatten)]
    pub connect: ConnectArgs,
    /// Where it is written down
    #[command(flatten)]
    pub ledger: MaybeLedgerArgs,
}

/// Where one code comes from; without a flag, from stdin.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Codes")]
pub struct CodeArgs {
    /// A code of the device that was not used yet; then nothing is asked and nothing is tried again with another
    #[arg(long, value_name = "CODE", conflicts_with = "totp_from_stdin")]
    pub code: Option<String>,

    /// Read the device's secret (base 32, or an otpauth:// URI) as a line from stdin, and work the code out
    #[arg(long)]
    pub totp_from_stdin: bool,
}

/// Arguments of `mfa verify`.
#[derive(Debug, Args)]
pub struct VerifyMfaArgs {
    /// Whose; nobody can do it for another
    #[command(flatten)]
    pub whose: WhoseArgs,
    /// Serial number of the device; not needed where there is one that shows codes
    #[arg(long, value_name = "SERIAL")]
    pub serial: Option<String>,
    /// Where the code comes from
    #[command(flatten)]
    pub code: CodeArgs,
    /// How to reach AWS
    #[command(flatten)]
    pub connect: ConnectArgs,
}

/// Arguments of `mfa session`.
#[derive(Debug, Args)]
pub struct SessionArgs {
    /// Whose; nobody can do it for another
    #[command(flatten)]
    pub whose: WhoseArgs,
    /// Serial number of the device; not needed where there is one that shows codes
    #[arg(long, value_name = "SERIAL")]
    pub serial: Option<String>,
    /// How long the session lasts: 15 minutes to 36 hours
    #[arg(long, value_name = "DURATION", default_value = "12h", value_parser = duration)]
    pub duration: SignedDuration,
    /// What to print
    #[arg(long, value_name = "FORMAT", default_value = "credential-process", conflicts_with = "write_profile")]
    pub format: SessionFormat,
    /// Write the session to this profile of the AWS credentials file instead; nothing else in it is touched
    #[arg(long, value_name = "NAME")]
    pub write_profile: Option<String>,
    /// Keep the session in a file readable for you only, and use it until shortly before it ends
    #[arg(long)]
    pub cache: bool,
    /// Where the code comes from
    #[command(flatten)]
    pub code: CodeArgs,
    /// How to reach AWS
    #[command(flatten)]
    pub connect: ConnectArgs,
}

/// How a session is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SessionFormat {
    /// JSON, as `credential_process` in the AWS config file expects.
    CredentialProcess,
    /// `export` lines for a shell.
    Exports,
}

/// Arguments of `mfa remove`.
#[derive(Debug, Args)]
pub struct RemoveArgs {
    /// Whose
    #[command(flatten)]
    pub whose: WhoseArgs,
    /// Serial number of the device, as `mfa status` shows it
    #[arg(long, value_name = "SERIAL")]
    pub serial: Option<String>,
    /// Take it away even if it is the user's last one
    ///
    /// Users themselves cannot do so under a guard: they enroll the new device first.
    #[arg(long)]
    pub allow_last: bool,
    /// How to reach AWS
    #[command(flatten)]
    pub connect: ConnectArgs,
    /// Where it is written down
    #[command(flatten)]
    pub ledger: MaybeLedgerArgs,
}

/// A name that AWS takes for a virtual device: 1 to 226 characters of `[\w+=,.@-]` (`CreateVirtualMFADevice`).
fn device_name(text: &str) -> Result<String, String> {
    let is_allowed = |char: char| char.is_ascii_alphanumeric() || "_+=,.@-".contains(char);
    if (1..=226).contains(&text.len()) && text.chars().all(is_allowed) {
        Ok(text.to_owned())
    } else {
        Err("expected 1 to 226 letters, digits and characters of _+=,.@-".to_owned())
    }
}
