//! The two short documents that clients send beside the CORS one.

use std::collections::HashMap;

use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::Event;
use quick_xml::reader::Reader;

/// The texts in every element `record` right under the root, by their names. None if this is no
/// XML, or has a document type.
pub fn records(text: &[u8], record: &str) -> Option<Vec<HashMap<String, String>>> {
    let mut reader = Reader::from_str(std::str::from_utf8(text).ok()?);
    let mut path: Vec<String> = Vec::new();
    let mut records = Vec::new();
    loop {
        match reader.read_event().ok()? {
            Event::Start(tag) => {
                path.push(tag.local_name().as_ref().to_owned());
                if path.len() == 2 && path[1] == record {
                    records.push(HashMap::new());
                }
            }
            Event::End(_) => drop(path.pop()),
            Event::Text(text) => push(&mut records, &path, record, &text),
            Event::CData(text) => push(&mut records, &path, record, &text),
            Event::GeneralRef(name) => {
                let character = name.resolve_char_ref().ok()?.map(String::from);
                let text = match &character {
                    Some(text) => text,
                    None => resolve_xml_entity(&name)?,
                };
                push(&mut records, &path, record, text);
            }
            Event::DocType(_) => return None,
            Event::Eof => return path.is_empty().then_some(records),
            Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
        }
    }
}

fn push(records: &mut [HashMap<String, String>], path: &[String], record: &str, text: &str) {
    if let ([_, parent, name], Some(last)) = (path, records.last_mut())
        && parent == record
    {
        last.entry(name.clone()).or_default().push_str(text);
    }
}
