use super::*;

fn hand_out(partition: &Partition) -> HandOut<'_> {
    HandOut {
        user: "kim",
        account: "111122223333",
        partition,
        alias: Some("acme-dev"),
        console: true,
        reset: false,
        may_change: true,
        keys_too: true,
        owner: Some("sec@example.org"),
    }
}

#[test]
fn each_partition_has_its_sign_in_page() {
    let of = |partition: &str, alias| sign_in_url(&Partition::new(partition), "111122223333", alias);
    let page = |text: &str| Some(text.to_owned());
    assert_eq!(of("aws", None), page("https://111122223333.signin.aws.amazon.com/console"));
    assert_eq!(of("aws", Some("acme")), page("https://acme.signin.aws.amazon.com/console"));
    assert_eq!(of("aws-cn", Some("acme")), page("https://acme.signin.amazonaws.cn/console"));
    assert_eq!(of("aws-us-gov", None), page("https://111122223333.signin.amazonaws-us-gov.com/console"));
    assert_eq!(of("aws-eusc", Some("acme")), page("https://eusc-de-east-1.signin.amazonaws-eusc.eu/"));
    assert_eq!(of("aws-iso", None), None);
    for odd in ["a", "evil.example/", "-acme", "acme-", "ACME", "a\u{1b}b"] {
        assert_eq!(of("aws", Some(odd)), page("https://111122223333.signin.aws.amazon.com/console"), "{odd}");
    }
}

#[test]
fn the_steps_are_in_order() {
    let partition = Partition::default();
    let text = hand_out(&partition).write(Format::Text);
    let parts = [
        "Your AWS user kim\n",
        "- Account: 111122223333\n- Sign-in page: https://acme-dev.signin.aws.amazon.com/console\n- User name: kim\n",
        "1. Open the sign-in page (account 111122223333), and sign in",
        "2. Open the menu under your name at the top right, choose \"Security credentials\", then \"Assign MFA device\"",
        "`portcullis mfa enroll`",
        "3. Sign out, and sign in again",
        "4. Change your password",
        "Not before step 3",
        "Ask sec@example.org.",
    ];
    let mut rest = text.as_str();
    for part in parts {
        let at = rest.find(part).unwrap_or_else(|| panic!("`{part}` is not in its place:\n{text}"));
        rest = &rest[at + part.len()..];
    }
    assert!(!text.contains("5. "), "{text}");
}

#[test]
fn what_does_not_hold_is_not_said() {
    let partition = Partition::new("aws-iso");
    let handed = HandOut { may_change: false, reset: true, owner: None, ..hand_out(&partition) };
    let text = handed.write(Format::Text);
    assert!(!text.contains("Update console password") && !text.contains("https://"), "{text}");
    assert!(text.contains("1. Open the sign-in page of your AWS console (account 111122223333)"), "{text}");
    assert!(text.contains("2. If AWS asks you for a new password and then refuses it, ask whoever gave you this"));
    assert!(text.contains("5. Somebody else has seen your password, and you may not change it yourself"), "{text}");
    let keys = HandOut { console: false, ..hand_out(&partition) }.write(Format::Text);
    assert!(keys.contains("2. Run `portcullis mfa enroll`") && keys.contains("3. Your key alone is denied"), "{keys}");
    assert!(!keys.contains("Sign-in") && !keys.contains("sign in with your user name"), "{keys}");
    let console_only = HandOut { console: false, keys_too: false, ..hand_out(&partition) }.write(Format::Text);
    assert!(!console_only.contains("mfa session"), "{console_only}");
}

#[test]
fn hostile_owners_are_no_markup() {
    let partition = Partition::default();
    let plain = hand_out(&partition).write(Format::Markdown);
    assert!(plain.starts_with("# Your AWS user `kim`\n\n- Account: 111122223333\n"), "{plain}");
    assert!(plain.contains("Ask `sec@example.org`.") && plain.contains("<https://acme-dev.signin."), "{plain}");
    let lines = plain.lines().count();
    for hostile in [
        "[x](javascript:alert(1))",
        "<img src=x onerror=alert(1)>",
        "a\n# b\n- c",
        "`x` ``y`` ```z",
        "`",
        "@everyone https://evil.example",
        "**b** | c |\u{202e}\u{1b}[31m",
    ] {
        let handed = HandOut { owner: Some(hostile), ..hand_out(&partition) };
        let markdown = handed.write(Format::Markdown);
        assert_eq!(markdown.lines().count(), lines, "{markdown}");
        assert!(markdown.chars().all(|char| char == '\n' || !char.is_control()), "{markdown}");
        // The owner is in one code span, whose fence is longer than any in it, before the full stop.
        let (_, span) = markdown.trim_end().rsplit_once("Ask ").unwrap();
        let span = span.strip_suffix('.').unwrap();
        let fence: String = span.chars().take_while(|char| *char == '`').collect();
        let inner = span.strip_prefix(fence.as_str()).and_then(|rest| rest.strip_suffix(fence.as_str())).unwrap();
        assert!(!fence.is_empty() && inner.split(|char| char != '`').all(|run| run.len() < fence.len()), "{span}");
        assert!(!inner.starts_with('`') && !inner.ends_with('`'), "{span}");
        assert_eq!(handed.write(Format::Text).lines().count(), lines);
    }
}
