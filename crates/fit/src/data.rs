//! [`Data`]: the bytes of an image (FIT specification, "External data" and "'/images'
//! node").

use crate::node::Node;
use crate::refusal::Refused;
use crate::{FitError, Parts};

/// The bytes of an image, and where they end in the FIT.
#[derive(Clone, Copy)]
pub(crate) struct Data<'a> {
    pub(crate) bytes: &'a [u8],
    /// Counts from the start of the FIT; 0 for data inside the tree.
    pub(crate) end: u64,
}

const DATA: &str = "data";
const SIZE: &str = "data-size";

impl<'a> Data<'a> {
    /// The bytes of an image that is to be used: there has to be one.
    pub(crate) fn some(parts: &Parts<'a>, image: Node<'a, '_>) -> Result<&'a [u8], Refused> {
        let bytes = Self::read(parts, image)?.bytes;
        if bytes.is_empty() {
            return Err(image.missing(DATA));
        }
        Ok(bytes)
    }

    /// Returns where the data of an image end that may be nobody's; 0 for data inside the tree, and
    /// for none. Data that should be outside and are not there are an error: the FIT was cut short.
    pub(crate) fn end(parts: &Parts<'a>, image: Node<'a, '_>) -> Result<u64, Refused> {
        if !image.has(SIZE) {
            return Ok(0);
        }
        Ok(Self::read(parts, image)?.end)
    }

    fn read(parts: &Parts<'a>, image: Node<'a, '_>) -> Result<Self, Refused> {
        let offset = image.number("data-offset")?;
        let position = image.number("data-position")?;
        match (image.inner.property(DATA), offset, position) {
            (Some(bytes), None, None) => Ok(Self { bytes, end: 0 }),
            (None, Some(offset), None) => {
                // The specification and mkimage mean the next multiple of 4.
                let base = parts.tree.total_size().saturating_add(3) & !3;
                Self::outside(parts, image, base.saturating_add(offset))
            }
            (None, None, Some(position)) => Self::outside(parts, image, position),
            (None, None, None) => Err(image.missing(DATA)),
            (Some(_), ..) => Err(image.malformed(DATA, "stands beside data-offset or data-position")),
            _ => Err(image.malformed("data-offset", "stands beside data-position")),
        }
    }

    fn outside(parts: &Parts<'a>, image: Node<'a, '_>, start: u64) -> Result<Self, Refused> {
        let size_bytes = image.number(SIZE)?.ok_or_else(|| image.missing(SIZE))?;
        let end = start.saturating_add(size_bytes);
        let range = usize::try_from(start).ok().zip(usize::try_from(end).ok());
        let bytes = range.and_then(|(start, end)| parts.bytes.get(start..end));
        match bytes {
            Some(bytes) if start >= parts.tree.total_size() => Ok(Self { bytes, end }),
            _ => Err(image.refuse(FitError::DataOutside {
                node: image.name(),
                start,
                size_bytes,
                tree_bytes: parts.tree.total_size(),
                available_bytes: parts.bytes.len() as u64,
            })),
        }
    }
}
