//! Real paging in front of emulators that answer everything at once.
//!
//! The whole list is read from the server on the first page's request and kept, so that pages fit together. Requests
//! for later pages and, if the server itself pages, the proxy's own requests to it are no longer what was signed: this
//! is for servers that do not check signatures.

use std::io::Result;

use serde_json::{Value, json};

use super::call::{Call, between};
use super::http::Message;

/// How to page an action.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Paging {
    /// Members in a page, whatever the request asks for.
    pub(crate) size: usize,
    /// Begin with a page without members that says that there is more.
    pub(crate) empty_first: bool,
}

/// A whole list, kept while its pages are read.
#[derive(Debug)]
pub(crate) struct Whole {
    template: Message,
    lists: &'static [&'static str],
    /// Index of the list, and the member.
    members: Vec<(usize, String)>,
}

/// The lists in an action's answer, in AWS's order.
fn lists_of(action: &str) -> &'static [&'static str] {
    match action {
        "GetAccountAuthorizationDetails" => &["UserDetailList", "RoleDetailList", "GroupDetailList", "Policies"],
        "ListVirtualMFADevices" => &["VirtualMFADevices"],
        "ListUsers" => &["Users"],
        "ListAccounts" | "ListAccountsForParent" => &["Accounts"],
        "ListOrganizationalUnitsForParent" => &["OrganizationalUnits"],
        other => panic!("the proxy does not know how to page {other}"),
    }
}

impl Whole {
    /// Read the list to its end through `ask`. `Err` holds an answer that is not a list, to be passed on.
    pub(crate) fn read(
        call: &Call,
        request: &Message,
        ask: impl Fn(&Message) -> Result<Message>,
    ) -> Result<std::result::Result<Self, Message>> {
        let lists = lists_of(&call.action);
        let mut marker = None;
        let mut whole: Option<Self> = None;
        loop {
            let page = ask(&request.with_body(body_for(call, request, marker.as_deref())))?;
            if page.status() != 200 {
                return Ok(Err(page));
            }
            let text = page.text();
            let whole = whole.get_or_insert_with(|| Self { template: page, lists, members: Vec::new() });
            marker = if call.is_json() { whole.take_json(&text) } else { whole.take_xml(&text) };
            if marker.is_none() {
                break;
            }
        }
        let mut whole = whole.expect("at least one page was read");
        whole.members.sort_by_key(|(list, _)| *list);
        Ok(Ok(whole))
    }

    fn take_xml(&mut self, text: &str) -> Option<String> {
        for (index, list) in self.lists.iter().enumerate() {
            let inner = between(text, &format!("<{list}>"), &format!("</{list}>")).unwrap_or_default();
            self.members.extend(split_members(inner).into_iter().map(|member| (index, member.to_owned())));
        }
        let truncated = between(text, "<IsTruncated>", "</IsTruncated>") == Some("true");
        truncated.then(|| between(text, "<Marker>", "</Marker>").expect("a marker").to_owned())
    }

    fn take_json(&mut self, text: &str) -> Option<String> {
        let page: Value = serde_json::from_str(text).expect("a list in JSON");
        let members = page[self.lists[0]].as_array().expect("a list").iter();
        self.members.extend(members.map(|member| (0, member.to_string())));
        page["NextToken"].as_str().map(str::to_owned)
    }

    /// The page from `offset`, with `next` as the marker to the following one.
    pub(crate) fn page(&self, call: &Call, range: std::ops::Range<usize>, next: Option<&str>) -> Message {
        let members = &self.members[range];
        let text = self.template.text();
        let body = if call.is_json() { self.json_page(members, next) } else { self.xml_page(text, members, next) };
        self.template.with_body(body)
    }

    fn json_page(&self, members: &[(usize, String)], next: Option<&str>) -> String {
        let members: Vec<Value> = members.iter().map(|(_, text)| serde_json::from_str(text).expect("JSON")).collect();
        let mut page = json!({ self.lists[0]: members });
        if let Some(next) = next {
            page["NextToken"] = json!(next);
        }
        page.to_string()
    }

    fn xml_page(&self, mut text: String, members: &[(usize, String)], next: Option<&str>) -> String {
        for (index, list) in self.lists.iter().enumerate() {
            let inner = members.iter().filter(|(of, _)| *of == index).map(|(_, member)| member.as_str());
            text = set_inner(&text, list, &inner.collect::<String>());
        }
        for tag in ["IsTruncated", "Marker"] {
            text = cut(&text, tag);
        }
        // The Rust SDK follows Marker even where IsTruncated is false: the last page has none.
        let marker = next.map(|next| format!("<Marker>{next}</Marker>")).unwrap_or_default();
        let end = text.rfind("Result>").expect("a result");
        let end = text[..end].rfind("</").expect("the end of the result");
        text.insert_str(end, &format!("<IsTruncated>{}</IsTruncated>{marker}", next.is_some()));
        text
    }

    /// How many members there are.
    pub(crate) fn len(&self) -> usize {
        self.members.len()
    }
}

/// The request's body without its own paging, or with that of the server's next page.
fn body_for(call: &Call, request: &Message, marker: Option<&str>) -> String {
    if call.is_json() {
        let mut body: Value = serde_json::from_str(&request.text()).expect("a request in JSON");
        body.as_object_mut().expect("an object").retain(|name, _| name != "MaxResults" && name != "NextToken");
        if let Some(marker) = marker {
            body["NextToken"] = json!(marker);
        }
        return body.to_string();
    }
    let text = request.text();
    let ours = |pair: &&str| !pair.starts_with("MaxItems=") && !pair.starts_with("Marker=");
    let mut pairs: Vec<String> = text.split('&').filter(ours).map(str::to_owned).collect();
    pairs.extend(marker.map(|marker| format!("Marker={marker}")));
    pairs.join("&")
}

/// The `<member>` elements directly inside a list, whole. Text has no `<` of its own, being escaped.
fn split_members(inner: &str) -> Vec<&str> {
    let (mut members, mut depth, mut start, mut at) = (Vec::new(), 0_usize, 0, 0);
    while let Some(found) = inner[at..].find('<') {
        let tag = at + found;
        at = tag + inner[tag..].find('>').expect("the end of a tag") + 1;
        match &inner[tag..at] {
            "<member>" => {
                if depth == 0 {
                    start = tag;
                }
                depth += 1;
            }
            "</member>" => {
                depth -= 1;
                if depth == 0 {
                    members.push(&inner[start..at]);
                }
            }
            _ => {}
        }
    }
    members
}

/// Replace what the first `tag` element holds.
pub(crate) fn set_inner(xml: &str, tag: &str, inner: &str) -> String {
    let (open, close, empty) = (format!("<{tag}>"), format!("</{tag}>"), format!("<{tag}/>"));
    if let (Some(start), Some(end)) = (xml.find(&open), xml.find(&close)) {
        return format!("{}{open}{inner}{}", &xml[..start], &xml[end..]);
    }
    xml.replacen(&empty, &format!("{open}{inner}{close}"), 1)
}

/// Remove the first `tag` element.
fn cut(xml: &str, tag: &str) -> String {
    let close = format!("</{tag}>");
    match (xml.find(&format!("<{tag}>")), xml.find(&close)) {
        (Some(start), Some(end)) => format!("{}{}", &xml[..start], &xml[end + close.len()..]),
        _ => xml.to_owned(),
    }
}
