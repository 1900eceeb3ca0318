//! Where `portcullis mfa session` puts a session, and where it puts none.

use std::fs;
use std::os::unix::fs::symlink;

use super::Stage;

#[test]
fn a_link_in_place_of_the_kept_session_is_not_followed() {
    let stage = Stage::moto();
    stage.app("kim");
    let kim = stage.kim();
    let keep = || super::mfa(&kim, "session --code 123456 --cache", 0);
    keep();
    let kept = kim.dir().join(".home/.cache/portcullis");
    let path = fs::read_dir(&kept).unwrap().next().expect("a kept session").unwrap().path();
    fs::remove_file(&path).unwrap();
    let victim = kim.dir().join("victim");
    fs::write(&victim, "theirs").unwrap();
    symlink(&victim, &path).unwrap();
    let told = keep().stderr;
    assert!(told.contains("is not used: it is no file of ours"), "{told}");
    assert_eq!(fs::read_to_string(&victim).unwrap(), "theirs");
    assert!(fs::symlink_metadata(&path).unwrap().is_file());
    assert_eq!(keep().stderr, "", "it is kept again");
}

#[test]
fn a_profile_that_the_config_file_sends_elsewhere_is_refused_before_a_code_is_spent() {
    let stage = Stage::moto();
    stage.app("kim");
    let kim = stage.kim();
    let aws = kim.dir().join(".home/.aws");
    fs::create_dir(&aws).unwrap();
    fs::write(aws.join("config"), "[profile work]\nregion = eu-west-1\ncredential_process = /bin/true\n").unwrap();
    let refused = super::mfa(&kim, "session --code 123456 --write-profile work", 1);
    assert!(refused.stderr.contains("by `credential_process`, which would count over"), "{}", refused.stderr);
    assert!(refused.stderr.contains(".aws/config"), "{}", refused.stderr);
    assert!(!aws.join("credentials").exists());
    assert!(!stage.proxy.all().iter().any(|call| call.action == "GetSessionToken"));
    super::mfa(&kim, "session --code 123456 --write-profile other", 0);
    assert!(fs::read_to_string(aws.join("credentials")).unwrap().starts_with("[other]\n"));
}
