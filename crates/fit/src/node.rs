//! [`Node`]: properties as text and numbers, children without doubt.

use devicetree::BlobNode;

use crate::refusal::{Refusal, Refused};
use crate::{FitError, NodeName};

/// A node of a FIT, and where to say what is wrong with it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Node<'a, 'r> {
    pub(crate) inner: BlobNode<'a>,
    /// The name of the image that it is in; empty for what is in no image.
    image: &'a str,
    refusal: &'r Refusal,
}

impl<'a, 'r> Node<'a, 'r> {
    pub(crate) const fn new(inner: BlobNode<'a>, refusal: &'r Refusal) -> Self {
        Self {
            inner,
            image: "",
            refusal,
        }
    }

    /// Another node of the same FIT.
    pub(crate) const fn at(&self, inner: BlobNode<'a>) -> Self {
        Self::new(inner, self.refusal)
    }

    /// Refuses the FIT.
    pub(crate) fn refuse(&self, reason: FitError) -> Refused {
        self.refusal.leave(reason)
    }

    /// A node inside this image.
    pub(crate) fn part(&self, inner: BlobNode<'a>) -> Self {
        Self {
            inner,
            image: self.inner.name(),
            refusal: self.refusal,
        }
    }

    /// Returns how errors call the node: a hash by its image as well, since every image may have a
    /// `hash-1`.
    #[cold]
    pub(crate) fn name(&self) -> NodeName {
        NodeName::new(self.image).child(self.inner.name())
    }

    /// The error for a property or a child that must be there.
    #[cold]
    pub(crate) fn missing(&self, what: &'static str) -> Refused {
        self.refuse(FitError::Missing {
            node: self.name(),
            what,
        })
    }

    /// The error for a property that is not written as it should be.
    #[cold]
    pub(crate) fn malformed(&self, property: &'static str, rule: &'static str) -> Refused {
        let length_bytes = self.inner.property(property).unwrap_or_default().len() as u64;
        self.refuse(FitError::Property {
            node: self.name(),
            property,
            rule,
            length_bytes,
        })
    }

    /// The error for something that is understood, but not supported.
    #[cold]
    pub(crate) fn unsupported(&self, property: &'static str, rule: &'static str) -> Refused {
        let Some(value) = self.inner.property(property) else {
            return self.missing(property);
        };
        self.refuse(FitError::Unsupported {
            node: self.name(),
            property,
            found: NodeName::of_bytes(value.strip_suffix(&[0]).unwrap_or(value)),
            rule,
        })
    }

    /// Returns whether there is a property of this name.
    pub(crate) fn has(&self, property: &str) -> bool {
        self.inner.property(property).is_some()
    }

    /// Returns whether a property is this string.
    pub(crate) fn is(&self, property: &str, text: &str) -> bool {
        let value = self.inner.property(property).and_then(|value| value.strip_suffix(&[0]));
        value == Some(text.as_bytes())
    }

    /// The child of this name. A loader that reads FITs with libfdt takes `kernel@1` for `kernel`
    /// where it comes first, so that one and the same FIT would mean different things.
    pub(crate) fn child(&self, name: &str) -> Result<Option<Self>, Refused> {
        let mut found = None;
        for child in self.inner.children() {
            match child.name().strip_prefix(name) {
                Some("") => found = Some(self.at(child)),
                Some(rest) if rest.starts_with('@') => {
                    return Err(self.refuse(FitError::Ambiguous {
                        name: NodeName::new(name),
                        other: NodeName::new(child.name()),
                    }));
                }
                _ => {}
            }
        }
        Ok(found)
    }

    /// The property, which must be one string if it is there.
    pub(crate) fn text(&self, property: &'static str) -> Result<Option<&'a str>, Refused> {
        match self.inner.property(property).map(one_string) {
            None => Ok(None),
            Some(text @ Some(_)) => Ok(text),
            Some(None) => Err(self.malformed(property, "is not one NUL-terminated UTF-8 string")),
        }
    }

    /// The property, which must be one big-endian number of one or two cells if it is there.
    pub(crate) fn number(&self, property: &'static str) -> Result<Option<u64>, Refused> {
        match self.inner.property(property) {
            None => Ok(None),
            Some(&[a, b, c, d]) => Ok(Some(u32::from_be_bytes([a, b, c, d]).into())),
            Some(&[a, b, c, d, e, f, g, h]) => Ok(Some(u64::from_be_bytes([a, b, c, d, e, f, g, h]))),
            Some(_) => Err(self.malformed(property, "is not a number of 4 or 8 bytes")),
        }
    }
}

/// The property, if it is one string.
pub(crate) fn text<'a>(node: BlobNode<'a>, property: &str) -> Option<&'a str> {
    node.property(property).and_then(one_string)
}

/// The children whose names begin like this: `hash`, `hash-1` and `hash@1` are hashes.
pub(crate) fn children<'a>(node: BlobNode<'a>, start: &'static str) -> impl Iterator<Item = BlobNode<'a>> + use<'a> {
    node.children().filter(move |child| child.name().starts_with(start))
}

/// Returns whether a node has a signature.
pub(crate) fn has_signature(node: BlobNode<'_>) -> bool {
    children(node, "signature").next().is_some()
}

fn one_string(value: &[u8]) -> Option<&str> {
    let text = value
        .strip_suffix(&[0])
        .filter(|text| text.iter().all(|byte| *byte != 0))?;
    core::str::from_utf8(text).ok()
}
