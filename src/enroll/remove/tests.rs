use super::{Last, Refusal, aftermath, refusal};
use crate::enroll::devices::Device;
use crate::enroll::whose::Acting;
use crate::model::{MfaDevice, MfaKind};

fn device(serial: &str) -> Device {
    Device::from(MfaDevice { serial: serial.to_owned(), kind: MfaKind::of_serial(serial), enabled_at: None })
}

fn refused(acting: Acting, guarded: Option<bool>, password: Option<bool>, allowed: bool) -> Option<&'static str> {
    refusal("kim", Last { acting, guarded, password, allowed }).map(|refusal| match refusal {
        Refusal::Guarded { is_certain: true, .. } => "guarded",
        Refusal::Guarded { is_certain: false, .. } => "perhaps guarded",
        Refusal::OnlyFactor { is_certain: true, .. } => "only factor",
        Refusal::OnlyFactor { is_certain: false, .. } => "perhaps only factor",
    })
}

#[test]
fn the_last_device_stays_where_it_would_lock_out() {
    use Acting::{Administrator, Oneself};
    let cases = [
        (Some(true), Some(true), Some("guarded")),
        (Some(true), Some(false), Some("guarded")),
        (None, Some(false), Some("perhaps guarded")),
        (Some(false), Some(true), Some("only factor")),
        (Some(false), None, Some("perhaps only factor")),
        (Some(false), Some(false), None),
    ];
    for (guarded, password, expected) in cases {
        for acting in [Oneself, Administrator] {
            assert_eq!(refused(acting, guarded, password, false), expected, "{acting:?} {guarded:?} {password:?}");
        }
        assert_eq!(refused(Administrator, guarded, password, true), None, "allowed: {guarded:?} {password:?}");
        let oneself = expected.filter(|_| guarded != Some(false));
        assert_eq!(refused(Oneself, guarded, password, true), oneself, "oneself: {guarded:?} {password:?}");
    }
}

#[test]
fn a_refusal_says_what_to_do_instead() {
    let last = Last { acting: Acting::Administrator, guarded: None, password: None, allowed: false };
    let perhaps = refusal("kim", last).unwrap();
    assert_eq!(
        perhaps.to_string(),
        "this is the last device of user kim, who may be guarded (that could not be read): everything but enrolling would \
         be denied until there is a new one; nothing was changed"
    );
    assert!(perhaps.help().ends_with("or say --allow-last"));
    let oneself = refusal("kim", Last { acting: Acting::Oneself, ..last }).unwrap();
    assert!(oneself.help().ends_with("or ask an administrator"));
    let only = refusal("kim", Last { guarded: Some(false), password: Some(true), ..last }).unwrap();
    assert_eq!(
        only.to_string(),
        "this is the last device of user kim, and the only second factor beside the console password; nothing was changed"
    );
}

#[test]
fn what_is_left_is_told() {
    let (app, key) =
        (device("arn:aws:iam::111122223333:mfa/kim"), device("arn:aws:iam::111122223333:u2f/user/kim/y-A"));
    let told = |left: &[&Device], guarded| aftermath("kim", left, guarded).unwrap_or_default();
    assert!(told(&[], true).starts_with("kim has no device now, and is denied everything else"));
    assert_eq!(told(&[], false), "kim has no device now: `portcullis mfa enroll --user kim`");
    assert!(told(&[&key, &key], false).starts_with("what is left shows no codes"));
    assert!(told(&[&app], false).starts_with("kim has one device left"));
    assert_eq!(told(&[&app, &key], true), "");
}
