//! What does this node say? [`Node`]: properties as text and numbers, children without doubt.

use devicetree::BlobNode;

use crate::{FitError, NodeName};

/// A node of a FIT.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Node<'a>(pub(crate) BlobNode<'a>);

impl<'a> Node<'a> {
    /// How errors call the node.
    pub(crate) fn name(&self) -> NodeName {
        NodeName::new(match self.0.name() {
            "" => "/",
            name => name,
        })
    }

    /// The error for a property or a child that must be there.
    #[cold]
    pub(crate) fn missing(&self, what: &'static str) -> FitError {
        FitError::Missing {
            node: self.name(),
            what,
        }
    }

    /// The error for a property that is not written as it should be.
    #[cold]
    pub(crate) fn malformed(&self, property: &'static str, rule: &'static str) -> FitError {
        let length_bytes = self.0.property(property).unwrap_or_default().len() as u64;
        FitError::Property {
            node: self.name(),
            property,
            rule,
            length_bytes,
        }
    }

    /// The error for something that is understood, but not supported.
    #[cold]
    pub(crate) fn unsupported(&self, property: &'static str, rule: &'static str) -> FitError {
        let Some(value) = self.0.property(property) else {
            return self.missing(property);
        };
        FitError::Unsupported {
            node: self.name(),
            property,
            found: NodeName::of_bytes(value.strip_suffix(&[0]).unwrap_or(value)),
            rule,
        }
    }

    /// Whether there is a property of this name.
    pub(crate) fn has(&self, property: &str) -> bool {
        self.0.property(property).is_some()
    }

    /// Whether a property is this string.
    pub(crate) fn is(&self, property: &str, text: &str) -> bool {
        let value = self.0.property(property).and_then(|value| value.strip_suffix(&[0]));
        value == Some(text.as_bytes())
    }

    /// Whether it has a signature.
    pub(crate) fn has_signature(&self) -> bool {
        self.children("signature").next().is_some()
    }

    /// The children whose names begin like this: `hash`, `hash-1` and `hash@1` are hashes.
    pub(crate) fn children(&self, start: &'static str) -> impl Iterator<Item = Self> + use<'a> {
        let children = self.0.children();
        children.filter(move |child| child.name().starts_with(start)).map(Self)
    }

    /// The child of this name. A loader that reads FITs with libfdt takes `kernel@1` for `kernel` where it comes first, so that one and
    /// the same FIT would mean different things.
    pub(crate) fn child(&self, name: &str) -> Result<Option<Self>, FitError> {
        let mut found = None;
        for child in self.0.children() {
            match child.name().strip_prefix(name) {
                Some("") => found = Some(Self(child)),
                Some(rest) if rest.starts_with('@') => {
                    return Err(FitError::Ambiguous {
                        name: NodeName::new(name),
                        other: NodeName::new(child.name()),
                    });
                }
                _ => {}
            }
        }
        Ok(found)
    }

    /// The property, which must be one string if it is there.
    pub(crate) fn text(&self, property: &'static str) -> Result<Option<&'a str>, FitError> {
        match self.0.property(property).map(one_string) {
            None => Ok(None),
            Some(text @ Some(_)) => Ok(text),
            Some(None) => Err(self.malformed(property, "is not one NUL-terminated UTF-8 string")),
        }
    }

    /// The property, if it is one string.
    pub(crate) fn text_or_none(&self, property: &str) -> Option<&'a str> {
        self.0.property(property).and_then(one_string)
    }

    /// The property, which must be one big-endian number of one or two cells if it is there.
    pub(crate) fn number(&self, property: &'static str) -> Result<Option<u64>, FitError> {
        match self.0.property(property) {
            None => Ok(None),
            Some(&[a, b, c, d]) => Ok(Some(u32::from_be_bytes([a, b, c, d]).into())),
            Some(&[a, b, c, d, e, f, g, h]) => Ok(Some(u64::from_be_bytes([a, b, c, d, e, f, g, h]))),
            Some(_) => Err(self.malformed(property, "is not a number of 4 or 8 bytes")),
        }
    }
}

fn one_string(value: &[u8]) -> Option<&str> {
    let text = value.strip_suffix(&[0]).filter(|text| !text.contains(&0))?;
    core::str::from_utf8(text).ok()
}
