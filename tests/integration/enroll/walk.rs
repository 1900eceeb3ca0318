//! The walk itself: shown, scanned, typed, enabled; or typed wrong, and nothing spent.

use std::fs;

use serde_json::json;

use super::{Stage, Waiting, step};
use crate::support::boto::Boto;
use crate::support::portcullis::Output;

/// What a scanner reads in the half blocks of a terminal.
fn scanned(stdout: &str) -> String {
    let is_block = |line: &&str| !line.is_empty() && line.chars().all(|char| " █▀▄".contains(char));
    let rows: Vec<Vec<char>> = stdout.lines().filter(is_block).map(|line| line.chars().collect()).collect();
    let side = 4 * rows[0].len();
    let grey = |x: usize, y: usize| {
        let (x, y) = (x / 4, y / 4);
        let is_light = match rows[y / 2][x] {
            '█' => true,
            '▀' => y % 2 == 0,
            '▄' => y % 2 == 1,
            _ => false,
        };
        if is_light { 255 } else { 0 }
    };
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(side, side, grey);
    image.detect_grids()[0].decode().expect("a QR code").1
}

#[test]
fn a_user_enrolls_with_what_the_qr_code_says() {
    let stage = Stage::set();
    let program = stage.program();
    let mut waiting = Waiting::start(&program, "--ledger ledger.jsonl");
    waiting.give(step() - 1);
    waiting.give(step());
    let (line, seed) = (waiting.line.clone(), waiting.seed.text().expose().to_owned());
    let output = waiting.finish(0);
    let expected = format!(
        "otpauth://totp/Amazon%20Web%20Services:kim%40123456789012?secret={seed}&issuer=Amazon%20Web%20Services"
    );
    assert_eq!(scanned(&output.stdout), expected);
    assert_eq!(line.replace(' ', ""), seed);
    let [serial] = stage.devices().try_into().expect("one device");
    assert!(serial.starts_with("arn:aws:iam::123456789012:mfa/kim-20"), "{serial}");
    assert!(output.stderr.contains("as user kim itself"), "{}", output.stderr);
    assert!(output.stderr.contains(&format!("Enabled: user kim has the device {serial}")), "{}", output.stderr);
    let shown = program.run(["ledger", "show", "--ledger", "ledger.jsonl", "--format", "json"], 0).json();
    let told =
        |entry: &serde_json::Value| [&entry["kind"], &entry["action"], &entry["result"]].map(ToString::to_string);
    let told: Vec<[String; 3]> = shown.as_array().expect("entries").iter().map(told).collect();
    let row = |kind: &str, action: &str, result: &str| {
        [kind, action, result].map(|text| if text.is_empty() { "null".to_owned() } else { format!("\"{text}\"") })
    };
    assert_eq!(
        told,
        [
            row("run-started", "", ""),
            row("intent", "create-virtual-mfa-device", ""),
            row("outcome", "create-virtual-mfa-device", "done"),
            row("intent", "enable-mfa-device", ""),
            row("outcome", "enable-mfa-device", "done"),
            row("run-finished", "", ""),
        ]
    );
}

#[test]
fn wrong_codes_are_told_apart_and_nothing_is_spent_on_them() {
    let stage = Stage::set();
    let program = stage.program();
    let mut waiting = Waiting::start(&program, "");
    let now = step();
    waiting.run.send("12345");
    for (first, second) in [(now, now - 1), (now - 3, now - 1), (now, now), (now - 1, now)] {
        waiting.give(first);
        waiting.give(second);
    }
    let output = waiting.finish(0);
    for reason in ["six digits", "wrong way round", "do not follow each other", "the same"] {
        assert!(output.stderr.contains(reason), "{reason}: {}", output.stderr);
    }
    assert_eq!((stage.count("CreateVirtualMFADevice"), stage.count("EnableMFADevice")), (1, 1));
    assert_eq!(stage.devices().len(), 1);
}

#[test]
fn without_codes_nothing_is_left_behind() {
    let stage = Stage::set();
    let program = stage.program();
    let mut waiting = Waiting::start(&program, "");
    waiting.give(step());
    let output = waiting.finish(5);
    assert!(output.stderr.contains("was deleted again; nothing is left behind"), "{}", output.stderr);
    assert_eq!((stage.virtual_devices().len(), stage.count("EnableMFADevice")), (0, 0));
}

#[test]
fn an_interrupted_run_leaves_nothing_behind() {
    let stage = Stage::set();
    let program = stage.program();
    let mut waiting = Waiting::start(&program, "--qr-png qr.png");
    assert!(program.dir().join("qr.png").exists());
    waiting.give(step());
    let output = waiting.run.end_by("INT", 5);
    assert!(output.stderr.contains("interrupted"), "{}", output.stderr);
    assert_eq!(stage.virtual_devices(), [""; 0]);
    assert!(!program.dir().join("qr.png").exists(), "the picture is gone too");
}

#[test]
fn codes_that_are_given_are_checked_before_anything_is_asked() {
    let stage = Stage::set();
    for codes in ["123456", "123456,123456", "12345,654321", "123456,abcdef"] {
        let output = stage.program().run(["mfa", "enroll", "--codes", codes], 2);
        assert!(output.stderr.starts_with("error: --codes: "), "{}", output.stderr);
        assert!(!output.stderr.contains("654321") && !output.stderr.contains("abcdef"), "{}", output.stderr);
    }
    assert_eq!(stage.proxy.all().len(), 0);
    let output = stage.program().run(["mfa", "enroll", "--codes", "123456,654321"], 0);
    assert!(!output.stderr.contains("First code"), "nothing is asked: {}", output.stderr);
    assert_eq!(stage.devices().len(), 1);
}

#[test]
fn a_password_manager_proves_that_it_kept_the_secret() {
    let stage = Stage::set();
    let program = stage.program();
    let mut waiting = Waiting::start(&program, "--totp-from-stdin");
    waiting.run.send("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP");
    let output = waiting.finish(5);
    assert!(output.stderr.contains("is not the one that AWS made"), "{}", output.stderr);
    assert_eq!((stage.count("EnableMFADevice"), stage.virtual_devices().len()), (0, 0));

    let mut waiting = Waiting::start(&program, "--totp-from-stdin");
    let uri = format!("otpauth://totp/x?secret={}", waiting.line.replace(' ', ""));
    waiting.run.send(&uri);
    waiting.finish(0);
    assert_eq!(stage.devices().len(), 1);
}

#[cfg(unix)]
#[test]
fn the_picture_is_for_its_owner_and_says_the_same() {
    use std::os::unix::fs::PermissionsExt as _;
    let stage = Stage::set();
    let program = stage.program();
    let mut waiting = Waiting::start(&program, "--qr-png qr.png");
    let path = program.dir().join("qr.png");
    let (file, mode) = (fs::read(&path).expect("the picture"), fs::metadata(&path).expect("it").permissions().mode());
    assert_eq!(mode & 0o777, 0o600);
    let mut reader = png::Decoder::new(std::io::Cursor::new(file)).read_info().expect("a PNG");
    let mut pixels = vec![0; reader.output_buffer_size().expect("its size")];
    let side = usize::try_from(reader.next_frame(&mut pixels).expect("its pixels").width).expect("small");
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(side, side, |x, y| pixels[y * side + x]);
    let uri = image.detect_grids()[0].decode().expect("a QR code").1;
    assert!(uri.contains(&format!("?secret={}&", waiting.seed.text().expose())));
    waiting.give(step() - 1);
    waiting.give(step());
    let output = waiting.finish(0);
    assert!(!output.stdout.contains('█'), "it is not shown too");
    assert!(output.stderr.contains("Delete qr.png: it holds the secret"), "{}", output.stderr);
}

#[test]
fn an_administrator_enrolls_others_and_a_leftover_of_the_name_is_replaced() {
    let stage = Stage::set();
    let admin = crate::support::boto::Credentials::new("AKIAPORTCULLIS000000", "secret");
    let boto = Boto::new(&stage.moto.endpoint(), &admin);
    boto.call("iam", "create_virtual_mfa_device", &json!({ "VirtualMFADeviceName": "phone" })).succeed();
    let program = crate::support::portcullis::Portcullis::aws(&stage.proxy.endpoint(), &admin);
    let args = ["mfa", "enroll", "--user", "kim", "--device-name", "phone", "--codes", "123456,654321"];
    let output: Output = program.run(args, 0);
    assert!(output.stderr.contains("for user kim, as an administrator"), "{}", output.stderr);
    assert_eq!(stage.devices(), ["arn:aws:iam::123456789012:mfa/phone"]);
    let output = program.run(args, 5);
    assert!(output.stderr.contains("mfa/phone exists, and kim has it"), "{}", output.stderr);
    assert_eq!(stage.devices(), ["arn:aws:iam::123456789012:mfa/phone"]);
    let output = program.run(["mfa", "enroll", "--user", "nobody", "--codes", "123456,654321"], 1);
    assert!(output.stderr.contains("there is no user nobody in account 123456789012"), "{}", output.stderr);
}

#[test]
fn the_time_is_that_of_aws_where_this_computers_clock_is_off() {
    let stage = Stage::set();
    // An hour from now, by AWS.
    let then = jiff::Timestamp::from_second(i64::try_from((step() + 120) * 30).expect("a time")).expect("a time");
    let date = then.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    for service in ["sts", "iam"] {
        stage.proxy.rule(crate::support::proxy::On::service(service).dated(&date));
    }
    let program = stage.program();
    let mut waiting = Waiting::start(&program, "");
    let (first, second) = (step() + 119, step() + 120);
    waiting.give(first);
    waiting.give(second);
    let output = waiting.finish(0);
    assert!(!output.stderr.contains("clock of the device"), "the device is right: {}", output.stderr);

    let mut waiting = Waiting::start(&program, "--totp-from-stdin");
    let before = step();
    waiting.run.send(&waiting.line.clone());
    let seed = waiting.seed.text().expose().to_owned();
    waiting.finish(0);
    let seed = portcullis::enroll::Seed::parse(&seed).expect("a seed");
    let calls = stage.proxy.all();
    let call = calls.iter().rfind(|call| call.action == "EnableMFADevice").expect("the call");
    let spent = call.param("AuthenticationCode2").expect("a code");
    // Each answer says the same time anew; a test may take a moment.
    let codes: Vec<String> =
        (before + 118..before + 124).map(|step| seed.code(step).expect("a code").expose().to_owned()).collect();
    assert!(codes.iter().any(|code| code == spent), "{spent} is not of {codes:?}");
}

#[test]
fn what_earlier_tries_left_over_is_deleted() {
    let stage = Stage::set();
    let mut boto = Boto::new(&stage.moto.endpoint(), &stage.user);
    for name in ["kim-20250101-0930", "kim-20250101-0930-2", "kim-phone", "kim", "kim-x-20250101-0930"] {
        boto = boto.call("iam", "create_virtual_mfa_device", &json!({ "VirtualMFADeviceName": name }));
    }
    boto.succeed();
    let denied = crate::support::proxy::On::action("iam", "DeleteVirtualMFADevice");
    stage.proxy.rule(denied.param("SerialNumber", "arn:aws:iam::123456789012:mfa/kim-20250101-0930-2").deny());
    let output = stage.program().run(["mfa", "enroll", "--codes", "123456,654321"], 0);
    assert!(
        output.stderr.contains("Deleted arn:aws:iam::123456789012:mfa/kim-20250101-0930, which"),
        "{}",
        output.stderr
    );
    assert!(
        output.stderr.contains("mfa/kim-20250101-0930-2 remains, and nobody has it (AccessDenied)"),
        "{}",
        output.stderr
    );
    let left: Vec<String> =
        stage.virtual_devices().into_iter().filter(|serial| !stage.devices().contains(serial)).collect();
    let names: Vec<&str> = left.iter().filter_map(|serial| serial.rsplit('/').next()).collect();
    assert_eq!(
        names,
        ["kim-20250101-0930-2", "kim-phone", "kim", "kim-x-20250101-0930"],
        "others' and hand-made ones stay"
    );
}

#[test]
fn a_backup_device_is_enrolled_in_a_session_that_the_first_one_opens() {
    let stage = Stage::set();
    let program = stage.program();
    let mut waiting = Waiting::start(&program, "");
    waiting.give(step() - 1);
    waiting.give(step());
    waiting.run.send("yes");
    // The code that opens the session; moto takes any.
    waiting.give(step() + 1);
    let line = loop {
        let line = waiting.run.line_with("");
        if line.starts_with(|char: char| char.is_ascii_alphanumeric()) {
            break line;
        }
    };
    waiting.seed = portcullis::enroll::Seed::parse(&line).expect("a secret");
    waiting.give(step() - 1);
    waiting.give(step());
    waiting.finish(0);
    assert_eq!(stage.devices().len(), 2);
    assert_eq!(stage.count("GetSessionToken"), 1);
    let enabled: Vec<bool> = stage
        .proxy
        .all()
        .into_iter()
        .filter(|call| call.action == "EnableMFADevice")
        .map(|call| call.access_key.is_some_and(|key| key != stage.user.key))
        .collect();
    assert_eq!(enabled, [false, true], "the second with the session");
}

#[test]
fn no_output_holds_the_secret_or_a_code_unless_it_was_asked_for() {
    let stage = Stage::set();
    let program = stage.program();
    let mut waiting = Waiting::start(&program, "-vv --ledger ledger.jsonl");
    let codes = [step() - 1, step()].map(|step| waiting.seed.code(step).expect("a code").expose().to_owned());
    for code in &codes {
        waiting.run.send(code);
    }
    let (seed, line) = (waiting.seed.text().expose().to_owned(), waiting.line.clone());
    let output = waiting.finish(0);
    let ledger = fs::read_to_string(program.dir().join("ledger.jsonl")).expect("the ledger");
    for (name, text) in [("stderr", &output.stderr), ("the ledger", &ledger)] {
        for secret in [&seed, &line, &seed.to_lowercase(), &codes[0], &codes[1]] {
            assert!(!text.contains(secret.as_str()), "{name} holds a secret");
        }
    }
    assert_eq!(output.stdout.matches(line.as_str()).count(), 1);
    let files: Vec<_> =
        fs::read_dir(program.dir()).expect("the directory").flatten().map(|file| file.file_name()).collect();
    assert!(files.iter().all(|name| name == ".home" || name == "ledger.jsonl"), "{files:?}");
}
