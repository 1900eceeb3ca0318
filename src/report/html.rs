//! `html`: one self-contained page for a reviewer; works offline, in print and without scripts.
//!
//! The templates are in `reports/`, embedded at compile time; what they show is a [`view::View`]. Uses only
//! `crate::model`. Every value is escaped by the engine (template names end in `.html`), with [`escape`]. The page's
//! own style and script are the only ones a browser runs: a policy in the page names their hashes.

mod accounts;
mod findings;
mod view;

use std::io::{self, Write};

use data_encoding::BASE64;
use sha2::{Digest as _, Sha256};
use tera::{Context, Tera};

use super::error::ReportError;
use super::style::Style;
use crate::model::Evaluation;
use crate::model::untrusted::Untrusted;

/// The page, which includes the others.
const PAGE: &str = "report.html";
/// The templates by name.
const TEMPLATES: [(&str, &str); 5] = [
    (PAGE, include_str!("../../reports/report.html")),
    ("summary.html", include_str!("../../reports/summary.html")),
    ("accounts.html", include_str!("../../reports/accounts.html")),
    ("findings.html", include_str!("../../reports/findings.html")),
    ("appendix.html", include_str!("../../reports/appendix.html")),
];
/// The style sheet.
const CSS: &str = include_str!("../../reports/report.css");
/// The script: filters. Without it everything is visible.
const SCRIPT: &str = include_str!("../../reports/report.js");

/// Writes `evaluation` as a page.
pub(super) fn write(evaluation: &Evaluation, _: Style, out: &mut dyn Write) -> Result<(), ReportError> {
    let page = page(evaluation).map_err(|error| ReportError::Template { template: PAGE, source: Box::new(error) })?;
    out.write_all(page.as_bytes())?;
    Ok(())
}

/// The page.
fn page(evaluation: &Evaluation) -> tera::TeraResult<String> {
    let mut tera = Tera::default();
    tera.set_escape_fn(escape);
    tera.add_raw_templates(TEMPLATES)?;
    let mut context = Context::from_serialize(&view::View::of(evaluation))?;
    context.insert("css", CSS);
    context.insert("script", SCRIPT);
    context.insert("policy", &content_policy());
    tera.render(PAGE, &context)
}

/// The content security policy: nothing is loaded from anywhere, and only our own style and script run.
fn content_policy() -> String {
    let hash = |text: &str| BASE64.encode(&Sha256::digest(text));
    format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
        hash(CSS),
        hash(SCRIPT)
    )
}

/// Escapes `text` for HTML text and quoted attributes, and shows what could hide or reorder text as its code.
fn escape(text: &str, out: &mut dyn Write) -> io::Result<()> {
    let text = Untrusted(text).to_string();
    for piece in text.split_inclusive(['&', '<', '>', '"', '\'', '`']) {
        let plain = piece.trim_end_matches(['&', '<', '>', '"', '\'', '`']);
        out.write_all(plain.as_bytes())?;
        match piece.chars().next_back() {
            Some('&') => out.write_all(b"&amp;")?,
            Some('<') => out.write_all(b"&lt;")?,
            Some('>') => out.write_all(b"&gt;")?,
            Some('"') => out.write_all(b"&quot;")?,
            Some('\'') => out.write_all(b"&#39;")?,
            Some('`') => out.write_all(b"&#96;")?,
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::{Format, fixture, tests::render};
    use super::*;
    use serde_json::json;

    fn escaped(text: &str) -> String {
        let mut out = Vec::new();
        escape(text, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_small_page() {
        let page = render(Format::Html, &fixture::small());
        insta::assert_snapshot!(
            page.replace(CSS, "").replace(SCRIPT, "").replace(&escaped(&content_policy()), "POLICY")
        );
    }

    #[test]
    fn text_is_escaped() {
        assert_eq!(escaped("a<b>&\"'`c"), "a&lt;b&gt;&amp;&quot;&#39;&#96;c");
        assert_eq!(escaped("Zoë 🗝\u{202e}"), "Zoë 🗝\\u{202e}");
        assert_eq!(escaped(""), "");
    }

    #[test]
    fn no_text_from_outside_becomes_markup() {
        let evil = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>";
        let mut evaluation = fixture::organization();
        evaluation.run_id = evil.to_owned();
        evaluation.tool.version = evil.to_owned();
        evaluation.accounts[0].name = evil.to_owned();
        evaluation.accounts[0].ou_path = Some(evil.to_owned());
        evaluation.accounts[10].reason = Some(evil.to_owned());
        evaluation.notices[0].message = evil.to_owned();
        evaluation.notices[0].account = Some(evil.to_owned());
        evaluation.controls[0].framework = evil.to_owned();
        evaluation.controls[0].control = evil.to_owned();
        evaluation.rules[2].title = evil.to_owned();
        evaluation.rules[2].rationale = evil.to_owned();
        evaluation.rules[2].pack = evil.to_owned();
        evaluation.rules[2].controls = [(evil.to_owned(), vec![evil.to_owned()])].into_iter().collect();
        evaluation.fixed[0].message = evil.to_owned();
        for finding in &mut evaluation.findings {
            for field in [&mut finding.message, &mut finding.resource, &mut finding.remediation, &mut finding.id] {
                *field = evil.to_owned();
            }
            finding.evidence[0].value = json!({ "tags": [{ "key": evil, "value": evil }] });
            finding.evidence[0].source = Some(evil.to_owned());
            finding.evidence[0].unknown = Some(evil.to_owned());
            if let Some(waiver) = &mut finding.waived {
                (waiver.owner, waiver.reason, waiver.ticket) =
                    (evil.to_owned(), evil.to_owned(), Some(evil.to_owned()));
            }
        }
        let page = render(Format::Html, &evaluation);
        assert_eq!(page.matches("<script").count(), 1, "our own");
        assert!(!page.contains("<img") && !page.contains("\"'>"));
        assert!(page.matches("&lt;script&gt;alert(1)").count() > 60);
    }

    #[test]
    fn the_page_loads_nothing_and_runs_only_what_its_policy_names() {
        let page = render(Format::Html, &fixture::organization());
        let between = |from: &str, to: &str| {
            let start = page.find(from).unwrap() + from.len();
            page[start..].split(to).next().unwrap().to_owned()
        };
        let policy = between("http-equiv=\"Content-Security-Policy\" content=\"", "\">").replace("&#39;", "'");
        for text in [between("<style>", "</style>"), between("<script>", "</script>")] {
            let hash = format!("'sha256-{}'", BASE64.encode(&Sha256::digest(&text)));
            assert!(policy.contains(&hash), "{hash} is not in {policy}");
        }
        for forbidden in ["http://", "https://", "@import", "url(", " style=", " src=", "onclick", "<link"] {
            assert!(!page.contains(forbidden), "{forbidden}");
        }
    }

    #[test]
    fn who_is_outside_is_said_even_where_it_is_nobody() {
        let page = render(Format::Html, &fixture::clean());
        for words in ["Identity Center", "SAML", "OIDC", "identity provider"] {
            assert!(page.contains(words), "{words}");
        }
    }

    #[test]
    fn twenty_thousand_findings_stay_small() {
        let page = render(Format::Html, &fixture::large(20_000));
        assert_eq!(page.matches("<details class=\"f\"").count(), 20_000);
        assert!(page.len() < 24_000_000, "{} bytes", page.len());
    }
}
