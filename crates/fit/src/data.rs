//! Where are the bytes of an image? [`Data`] (FIT specification, "External data" and "'/images' node").

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

impl<'a> Data<'a> {
    pub(crate) fn read(parts: &Parts<'a>, image: Node<'a, '_>) -> Result<Self, Refused> {
        let offset = image.number("data-offset")?;
        let position = image.number("data-position")?;
        let data = match (image.inner.property("data"), offset, position) {
            (Some(bytes), None, None) => Self { bytes, end: 0 },
            (None, Some(offset), None) => {
                // The specification and mkimage mean the next multiple of 4.
                let base = parts.tree.total_size().saturating_add(3) & !3;
                Self::outside(parts, image, base.saturating_add(offset))?
            }
            (None, None, Some(position)) => Self::outside(parts, image, position)?,
            (None, None, None) => return Err(image.missing("data")),
            (Some(_), ..) => return Err(image.malformed("data", "stands beside data-offset or data-position")),
            _ => return Err(image.malformed("data-offset", "stands beside data-position")),
        };
        if data.bytes.is_empty() {
            return Err(image.missing("data"));
        }
        Ok(data)
    }

    fn outside(parts: &Parts<'a>, image: Node<'a, '_>, start: u64) -> Result<Self, Refused> {
        let size_bytes = image.number("data-size")?.ok_or_else(|| image.missing("data-size"))?;
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
