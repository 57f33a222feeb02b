//! [`Kernel`]: an arm64 Image, raw or wrapped.

use core::fmt;

use decompress::{Hooks, Stream};
use linux_image::{ImageHeader, pe_file_size};

use crate::zboot::Zboot;
use crate::{Format, PayloadError};

/// An arm64 Image, raw or wrapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kernel<'a> {
    wrapping: Wrapping<'a>,
}

/// The wrapping of an Image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wrapping<'a> {
    Raw(&'a [u8]),
    Compressed(Stream<'a>),
    Zboot(Zboot<'a>),
}

impl<'a> Kernel<'a> {
    /// Finds out what `bytes` wrap the Image in. `end_is_known` says whether the file ends where
    /// `bytes` end, see [`Stream`].
    ///
    /// A FIT is an error here, as it may hold more than a kernel: see [`Format::detect`].
    ///
    /// # Errors
    /// The bytes are something else, a raw Image that is cut short, or a zboot file that cannot be
    /// opened. What is in a compressed stream is not looked at.
    pub fn open(bytes: &'a [u8], end_is_known: bool) -> Result<Self, PayloadError> {
        let wrapping = match Format::detect(bytes)? {
            Format::Image => Wrapping::Raw(whole(bytes)?),
            Format::Zboot => Wrapping::Zboot(Zboot::open(bytes)?),
            format => Wrapping::Compressed(Stream {
                compression: format.compression().ok_or(PayloadError::NotKernel(format))?,
                bytes,
                end_is_known,
            }),
        };
        Ok(Self { wrapping })
    }

    /// Returns what this is, in a few words: `raw Image`, `gzip`, `EFI zboot (zstd)`.
    pub const fn description(&self) -> impl fmt::Display + use<'a> {
        Description(self.wrapping)
    }

    /// The compressed stream, where there is one.
    pub const fn stream(&self) -> Option<Stream<'a>> {
        match self.wrapping {
            Wrapping::Raw(_) => None,
            Wrapping::Compressed(stream) => Some(stream),
            Wrapping::Zboot(zboot) => Some(zboot.stream),
        }
    }

    /// The bytes of a raw Image, with whatever follows it where its end is not known.
    pub const fn raw(&self) -> Option<&'a [u8]> {
        match self.wrapping {
            Wrapping::Raw(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// The Image's header, out of the compressed stream where there is one.
    ///
    /// # Errors
    /// The stream is damaged or holds something else than an arm64 Image, or an Image whose
    /// `image_size` is 0: that says how much may come out. (A raw Image may have 0 there.)
    pub fn header(&self) -> Result<ImageHeader, PayloadError> {
        let Some(stream) = self.stream() else {
            return parse(self.raw().unwrap_or_default());
        };
        let mut first = [0; ImageHeader::SIZE_BYTES];
        let count = stream.peek(&mut first)?;
        let first = first.get(..count).unwrap_or_default();
        let header = ImageHeader::parse(first).map_err(|error| match Format::detect(first) {
            Ok(format) => match format.compression() {
                Some(inner) => PayloadError::Nested {
                    outer: stream.compression,
                    inner,
                },
                None => PayloadError::Inside(format),
            },
            Err(_) => PayloadError::NotImage(error),
        })?;
        if header.image_size == 0 {
            return Err(PayloadError::ImageSizeZero);
        }
        Ok(header)
    }

    /// Decompresses the Image into `destination` and returns its size; 0 for a raw Image, which is
    /// only to be copied. See [`Stream::decompress`].
    ///
    /// A `destination` of [`ImageHeader::image_size`] bytes is what every good kernel fits into.
    ///
    /// # Errors
    /// As [`Kernel::header`]; more comes out than the destination holds or the header says, or less
    /// than the PE header says; the stream is damaged.
    pub fn decompress(&self, destination: &mut [u8], hooks: Hooks) -> Result<usize, PayloadError> {
        let Some(stream) = self.stream() else {
            return Ok(0);
        };
        let size_bytes = stream.decompress(destination, hooks)?;
        if let Wrapping::Zboot(zboot) = self.wrapping {
            zboot.check_size(size_bytes)?;
        }
        let image = destination.get(..size_bytes).unwrap_or_default();
        let header = parse(image)?;
        if header.image_size < size_bytes as u64 {
            return Err(PayloadError::Longer {
                size_bytes: size_bytes as u64,
                image_size: header.image_size,
            });
        }
        whole(image).map(<[u8]>::len)
    }
}

/// The Image, if it is no shorter than its PE header says. Nothing else tells where a legacy frame
/// of lz4 was cut between two blocks, or a kernel before it was compressed.
#[inline(never)]
fn whole(image: &[u8]) -> Result<&[u8], PayloadError> {
    let size_bytes = image.len() as u64;
    match pe_file_size(image) {
        Some(expected_bytes) if expected_bytes > size_bytes => Err(PayloadError::Truncated {
            size_bytes,
            expected_bytes,
        }),
        _ => Ok(image),
    }
}

fn parse(bytes: &[u8]) -> Result<ImageHeader, PayloadError> {
    ImageHeader::parse(bytes).map_err(PayloadError::NotImage)
}

/// See [`Kernel::description`].
struct Description<'a>(Wrapping<'a>);

impl fmt::Display for Description<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Wrapping::Raw(_) => f.write_str("raw Image"),
            Wrapping::Compressed(stream) => stream.compression.fmt(f),
            Wrapping::Zboot(zboot) => write!(f, "EFI zboot ({})", zboot.stream.compression),
        }
    }
}
