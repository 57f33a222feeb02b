//! [`RegisterNames`]: which registers QEMU's stub shows, by its target description.

use std::collections::BTreeMap;
use std::io;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// A register, by the stub's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Register(pub(super) usize);

/// The registers of a machine, by their architectural names.
#[derive(Clone, Debug, Default)]
pub struct RegisterNames {
    numbers: BTreeMap<String, Register>,
    next: usize,
}

/// The parts of a target description, in their order: registers without a number count on from part
/// to part.
pub(super) fn parts(target: &str) -> io::Result<Vec<String>> {
    let includes = elements(target, "xi:include")?;
    Ok(includes
        .iter()
        .filter_map(|include| attribute(include, "href"))
        .collect())
}

impl RegisterNames {
    /// Adds the registers of one part.
    pub(super) fn add(&mut self, part: &str) -> io::Result<()> {
        for register in elements(part, "reg")? {
            let number = attribute(&register, "regnum").and_then(|number| number.parse().ok());
            let number = number.unwrap_or(self.next);
            self.next = number + 1;
            if let Some(name) = attribute(&register, "name") {
                self.numbers.insert(architectural(&name), Register(number));
            }
        }
        Ok(())
    }

    /// The register of this name, such as `SCR_EL3`.
    pub fn find(&self, name: &str) -> Option<Register> {
        self.numbers.get(name).copied()
    }
}

/// QEMU's name, but for two habits that its versions do not share: a register of EL1 under its name
/// of AArch32, and identification registers that were reserved once.
fn architectural(name: &str) -> String {
    match name {
        "SCTLR" => "SCTLR_EL1".into(),
        name => name.trim_end_matches("_RESERVED").into(),
    }
}

/// The elements of this name, wherever they are.
fn elements(text: &str, name: &str) -> io::Result<Vec<BytesStart<'static>>> {
    let mut reader = Reader::from_str(text);
    let mut found = Vec::new();
    loop {
        match reader.read_event().map_err(io::Error::other)? {
            Event::Eof => return Ok(found),
            Event::Start(element) | Event::Empty(element) if element.name().as_ref() == name => {
                found.push(element.into_owned());
            }
            _ => {}
        }
    }
}

fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    Some(element.try_get_attribute(name).ok()??.value.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registers_without_a_number_count_on_from_part_to_part() {
        let target = r#"<?xml version="1.0"?><!DOCTYPE target SYSTEM "gdb-target.dtd"><target>
            <architecture>aarch64</architecture><xi:include href="core.xml"/><xi:include href="system.xml"/></target>"#;
        assert_eq!(parts(target).unwrap(), ["core.xml", "system.xml"]);
        let mut names = RegisterNames::default();
        names
            .add(r#"<feature name="core"><reg name="x0" bitsize="64"/><reg name="x1"></reg></feature>"#)
            .unwrap();
        names
            .add(r#"<feature><reg name="SCTLR" regnum="86"/><reg name="ID_AA64ISAR2_EL1_RESERVED"/></feature>"#)
            .unwrap();
        let number = |name| names.find(name).map(|register| register.0);
        assert_eq!([number("x0"), number("x1")], [Some(0), Some(1)]);
        assert_eq!(number("SCTLR_EL1"), Some(86));
        assert_eq!(number("ID_AA64ISAR2_EL1"), Some(87));
        assert_eq!(number("SCR_EL3"), None);
    }

    #[test]
    fn what_is_no_xml_is_refused() {
        assert!(parts("<target><a").is_err());
    }
}
