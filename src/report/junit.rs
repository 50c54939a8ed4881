//! Check results for CI servers: a test suite for each context, a test case for each check.

use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use super::check::{CheckRow, CheckView, ContextChecks, Verdict};

type Xml = Writer<Vec<u8>>;

/// A result as `JUnit` XML. Warnings are test cases that passed, with what they say on `system-out`.
pub(super) fn junit(view: &CheckView) -> io::Result<String> {
    let mut xml = Writer::new_with_indent(Vec::new(), b' ', 2);
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    xml.create_element("testsuites")
        .with_attribute(("name", "kubectl promfed check"))
        .write_inner_content(|xml| view.contexts.iter().try_for_each(|context| suite(xml, context)))?;
    let mut text = String::from_utf8_lossy(&xml.into_inner()).into_owned();
    text.push('\n');
    Ok(text)
}

fn suite(xml: &mut Xml, context: &ContextChecks) -> io::Result<()> {
    let count =
        |wanted: Verdict| context.checks.iter().filter(|row| row.result == wanted).count().to_string();
    let (tests, failures, skipped) =
        (context.checks.len().to_string(), count(Verdict::Failed), count(Verdict::Skipped));
    xml.create_element("testsuite")
        .with_attributes([
            ("name", context.context.as_str()),
            ("tests", &tests),
            ("failures", &failures),
            ("skipped", &skipped),
        ])
        .write_inner_content(|xml| context.checks.iter().try_for_each(|row| case(xml, context, row)))?;
    Ok(())
}

fn case(xml: &mut Xml, context: &ContextChecks, row: &CheckRow) -> io::Result<()> {
    let name = format!("{} {}", row.code, row.title);
    let element = xml
        .create_element("testcase")
        .with_attributes([("classname", context.context.as_str()), ("name", name.as_str())]);
    let text = told(row);
    match row.result {
        Verdict::Passed => element.write_empty()?,
        Verdict::Failed => element.write_inner_content(|xml| {
            let first = row.findings.iter().find_map(|finding| finding.causes.first());
            xml.create_element("failure")
                .with_attribute(("message", first.map_or("", String::as_str)))
                .write_text_content(BytesText::new(&text))?;
            Ok(())
        })?,
        Verdict::Warning => element.write_inner_content(|xml| {
            xml.create_element("system-out").write_text_content(BytesText::new(&text))?;
            Ok(())
        })?,
        Verdict::Skipped => element.write_inner_content(|xml| {
            let why = row.skipped.as_deref().unwrap_or_default();
            xml.create_element("skipped").with_attribute(("message", why)).write_empty()?;
            Ok(())
        })?,
    };
    Ok(())
}

/// Causes and fixes, a line each.
fn told(row: &CheckRow) -> String {
    let lines = row.findings.iter().flat_map(|finding| {
        let fixes = finding.fixes.iter().map(|fix| format!("fix: {}", fix.command));
        finding.causes.iter().cloned().chain(fixes)
    });
    lines.collect::<Vec<_>>().join("\n")
}
