//! Changes to answers, for [`super::fault::On::change`]: what AWS says and the emulators do not.

use data_encoding::BASE64;

use super::call::{Call, between};
use super::paging::set_inner;

/// Change the text of a credential report (its CSV). Moto's has no row for root.
pub(crate) fn report(
    change: impl Fn(&Call, String) -> String + Send + Sync + 'static,
) -> impl Fn(&Call, String) -> String {
    move |call, body| {
        let content = between(&body, "<Content>", "</Content>").expect("a credential report");
        let csv = BASE64.decode(content.trim().as_bytes()).expect("base64");
        let csv = change(call, String::from_utf8(csv).expect("UTF-8"));
        set_inner(&body, "Content", &BASE64.encode(csv.as_bytes()))
    }
}

/// Insert the row of root, as the first after the header. `fields` are those from `password_enabled` on, with commas.
pub(crate) fn root_row(fields: &str) -> impl Fn(&Call, String) -> String + use<> {
    let fields = fields.to_owned();
    report(move |call, csv| {
        let account = call.account.as_deref().expect("a report is read with a known key");
        let root = format!("<root_account>,arn:aws:iam::{account}:root,2020-01-01T00:00:00+00:00,{fields}");
        let (header, users) = csv.split_once('\n').expect("a header");
        format!("{header}\n{root}\n{users}")
    })
}

/// Set the text of an element that occurs once, such as `GeneratedTime`, which moto puts in 2015.
pub(crate) fn element(tag: &str, text: &str) -> impl Fn(&Call, String) -> String + use<> {
    let (tag, text) = (tag.to_owned(), text.to_owned());
    move |_, body| set_inner(&body, &tag, &text)
}

/// Set an entry of `GetAccountSummary`, such as `AccountPasswordPresent`, which the emulators lack.
pub(crate) fn summary(key: &str, value: u32) -> impl Fn(&Call, String) -> String + use<> {
    let key = key.to_owned();
    move |_, body| {
        let map = between(&body, "<SummaryMap>", "</SummaryMap>").expect("a summary");
        let others = map.split_inclusive("</entry>").filter(|entry| !entry.contains(&format!("<key>{key}</key>")));
        let entry = format!("<entry><key>{key}</key><value>{value}</value></entry>");
        set_inner(&body, "SummaryMap", &format!("{}{entry}", others.collect::<String>()))
    }
}
