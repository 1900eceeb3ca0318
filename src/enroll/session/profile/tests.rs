//! What of a credentials file is replaced, and that nothing else is.

use proptest::prelude::*;

use super::super::tests::session;
use super::*;

const OURS_NOW: &str = "aws_access_key_id = ASIANEW\naws_secret_access_key = n3w/s\naws_session_token = n3wt==\n";

fn put_text(file: &str, name: &str) -> Result<String, Untouchable> {
    let session = session("ASIANEW", "n3w/s", "n3wt==").unwrap();
    put(file.as_bytes(), name, &session).map(|out| String::from_utf8(out.to_vec()).unwrap())
}

#[test]
fn a_new_profile_comes_last() {
    assert_eq!(put_text("", "mfa").unwrap(), format!("[mfa]\n{OURS_NOW}"));
    let file = "[default]\naws_access_key_id=AKIA\naws_secret_access_key=x";
    assert_eq!(put_text(file, "mfa").unwrap(), format!("{file}\n\n[mfa]\n{OURS_NOW}"));
    assert_eq!(put_text("# mine\n\n", "mfa").unwrap(), format!("# mine\n\n[mfa]\n{OURS_NOW}"));
    let windows = OURS_NOW.replace('\n', "\r\n");
    assert_eq!(put_text("[a]\r\nx=1\r\n", "mfa").unwrap(), format!("[a]\r\nx=1\r\n\r\n[mfa]\r\n{windows}"));
}

#[test]
fn a_session_is_replaced_where_it_stands() {
    let file = "; top\n[mfa] # of kim\nregion = eu-west-1\n# before\nAWS_Session_Token : old\n  and more\n\n\
                aws_access_key_id=ASIAOLD\n# between\naws_secret_access_key = olds\naws_security_token = older\n\
                output=json\n\n[z]\naws_session_token = z\n";
    let expected = format!(
        "; top\n[mfa] # of kim\nregion = eu-west-1\n# before\n{OURS_NOW}\n# between\noutput=json\n\n[z]\n\
         aws_session_token = z\n"
    );
    assert_eq!(put_text(file, "mfa").unwrap(), expected);
    assert_eq!(put_text(&expected, "mfa").unwrap(), expected, "a second time changes nothing");
}

#[test]
fn a_profile_without_keys_gets_them_below_its_head() {
    assert_eq!(put_text("[mfa]\nregion=x\n[b]\n", "mfa").unwrap(), format!("[mfa]\n{OURS_NOW}region=x\n[b]\n"));
    assert_eq!(put_text("[b]\n[mfa]", "mfa").unwrap(), format!("[b]\n[mfa]\n{OURS_NOW}"));
    // Less indented than the next line, the token would go on there.
    let indented = format!("  {}\n", OURS_NOW.trim_end().replace('\n', "\n  "));
    assert_eq!(put_text("[mfa]\n  region=x\n", "mfa").unwrap(), format!("[mfa]\n{indented}  region=x\n"));
    let nested = "[mfa]\ns3 =\n  aws_access_key_id = not ours\n";
    assert_eq!(put_text(nested, "mfa").unwrap(), nested.replace("[mfa]\n", &format!("[mfa]\n{OURS_NOW}")));
}

#[test]
fn long_term_keys_are_not_overwritten() {
    for file in [
        "[mfa]\naws_access_key_id = AKIA\naws_secret_access_key = s\n",
        "[mfa]\naws_secret_access_key = s\n",
        "[mfa]\naws_access_key_id = AKIA\naws_secret_access_key = s\naws_session_token =\n",
        "[mfa]\n  aws_access_key_id = AKIA\n  aws_secret_access_key = s\n",
        "\u{feff}[mfa]\naws_access_key_id: AKIA\n#aws_session_token = x\n",
        "[ mfa ]\nAWS_ACCESS_KEY_ID = AKIA\n[b]\naws_session_token = x\n",
    ] {
        assert_eq!(put_text(file, "mfa"), Err(Untouchable::LongTerm), "{file}");
        assert_eq!(check(file.as_bytes(), "mfa"), Err(Untouchable::LongTerm), "{file}");
    }
}

#[test]
fn profiles_that_cannot_be_understood_are_left_alone() {
    assert_eq!(put_text("[mfa]\n[b]\n[mfa]\n", "mfa"), Err(Untouchable::Twice));
    assert_eq!(put_text("[mfa]\nrole_arn = arn:x\n", "mfa"), Err(Untouchable::Elsewhere("role_arn")));
    assert_eq!(put_text("[b]\nrole_arn = arn:x\n", "mfa").map(drop), Ok(()));
    assert_eq!(put_text("[\0m\0f\0a\0]\0", "mfa"), Err(Untouchable::NoText));
    let latin = put(b"[caf\xe9]\nx = \xff\n", "mfa", &session("A", "b", "c").unwrap()).unwrap();
    assert!(latin.starts_with(b"[caf\xe9]\nx = \xff\n\n[mfa]\n"));
}

#[test]
fn names_are_those_that_all_tools_read() {
    assert!(["mfa", "a-b_c.d", "team/kim@example:1+%"].into_iter().all(is_name));
    assert!(!["", "a b", "a]", "[a", "a\nb", "é", "a#b"].into_iter().any(is_name));
}

/// Lines that make up files: what is ours, what is not, and what is odd.
fn a_line() -> impl Strategy<Value = String> {
    let text = prop_oneof![
        Just("[mfa]".to_owned()),
        Just("[ other ]".to_owned()),
        Just("[mfa-2] ; x".to_owned()),
        Just("[".to_owned()),
        Just(String::new()),
        Just("# aws_session_token = c".to_owned()),
        Just("region = eu-west-1".to_owned()),
        Just("nonsense".to_owned()),
        "(aws_access_key_id|aws_secret_access_key|AWS_SESSION_TOKEN|aws_security_token|s3)[ ]?[=:][ ]?[a-z]{0,3}",
        "[ -~é]{0,12}",
    ];
    let indent = prop_oneof![4 => Just(""), 1 => Just("  "), 1 => Just("\t")];
    let end = prop_oneof![4 => Just("\n"), 1 => Just("\r\n")];
    (indent, text, end).prop_map(|(indent, text, end)| format!("{indent}{text}{end}"))
}

proptest! {
    #[test]
    fn every_other_byte_stays(lines in prop::collection::vec(a_line(), 0..24), is_cut in any::<bool>()) {
        let mut file = lines.concat();
        if is_cut {
            file.truncate(file.trim_end().len());
        }
        let Ok(out) = put_text(&file, "mfa") else {
            prop_assert!(check(file.as_bytes(), "mfa").is_err());
            return Ok(());
        };
        // Take what was written out again, and what was ours before: the rest is the same.
        let values = ["ASIANEW", "n3w/s", "n3wt=="];
        let written: Vec<String> =
            OURS.into_iter().zip(values).map(|(key, value)| format!("{key} = {value}")).collect();
        let is_written = |line: &str| written.iter().any(|known| line.trim() == known);
        prop_assert_eq!(out.lines().filter(|line| is_written(line)).count(), 3);
        let rest: String = out.split_inclusive('\n').filter(|line| !is_written(line)).collect();
        let all = read(file.as_bytes()).unwrap();
        let section = Section::find(&all, "mfa").unwrap();
        let kept: Vec<u8> = all
            .iter()
            .enumerate()
            .filter(|(at, _)| !section.ours.contains(at))
            .flat_map(|(_, line)| line.bytes.iter().copied())
            .collect();
        let kept = String::from_utf8(kept).unwrap();
        prop_assert!(rest.starts_with(&kept), "{:?} does not begin with {:?}", rest, kept);
        let added = rest[kept.len()..].replace('\r', "");
        let is_new = section.header.is_none();
        let known = if is_new { ["[mfa]\n", "\n[mfa]\n", "\n\n[mfa]\n"].as_slice() } else { ["", "\n"].as_slice() };
        prop_assert!(known.contains(&added.as_str()), "{:?} was added", added);
        for at in &section.ours {
            let line = String::from_utf8_lossy(all[*at].bytes).to_lowercase();
            let is_key = OURS.iter().any(|key| line.trim().starts_with(key));
            prop_assert!(is_key || line.starts_with([' ', '\t']), "{:?} was taken out", line);
        }
        prop_assert_eq!(put_text(&out, "mfa").unwrap(), out);
    }
}

#[test]
fn a_profile_that_the_config_file_sends_elsewhere_would_not_be_used() {
    for head in ["[profile mfa]", "[profile\tmfa ]", "[profile \"mfa\"]", "[ profile 'mfa' ] # mine"] {
        let file = format!(
            "[default]\nrole_arn = x\n{head}\nregion = eu-west-1\nRole_ARN = arn:aws:iam::111122223333:role/r\n"
        );
        assert_eq!(check_config(file.as_bytes(), "mfa"), Err(Untouchable::Elsewhere("role_arn")), "{head}");
        assert_eq!(check_config(file.as_bytes(), "default"), Err(Untouchable::Elsewhere("role_arn")));
        assert_eq!(check_config(file.as_bytes(), "mf"), Ok(()));
    }
    for file in ["", "[mfa]\nrole_arn = x\n", "[profilemfa]\nrole_arn = x\n", "[profile mfa]\nrole_arn =\nregion = x\n"]
    {
        assert_eq!(check_config(file.as_bytes(), "mfa"), Ok(()), "{file}");
    }
}
