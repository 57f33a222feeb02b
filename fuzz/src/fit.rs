//! FITs: every image and configuration read and verified, and the parts of a boot found in them.

use boot_parts::{Offer, Parts};
use fit::{Fit, FitError, FitImage};
use hashes::Backend;

use crate::work::{self, Limit};
use crate::{devicetree as trees, sound};

/// Besides reading its tree, a FIT takes nine hashes at most, three for each part of a boot, and
/// some look-ups.
const LIMIT: Limit = Limit {
    per_byte_read: trees::LIMIT.per_byte_read + 64,
    ..trees::LIMIT
};

/// The input is the FIT, and whatever follows it.
pub fn check(bytes: &[u8]) {
    let read = read_everything(bytes).inspect_err(sound_error);
    for end_is_known in [true, false] {
        let offer = Offer::Payload { bytes, end_is_known };
        match work::bounded(LIMIT, bytes.len(), || Parts::of(&offer, &Backend::SOFTWARE), |_| 0) {
            Ok(parts) => assert!(parts.fit.is_none() || read.is_ok()),
            Err(error) => {
                let codes = [boot_parts::CODES, fit::CODES, payload::CODES, decompress::CODES];
                let more = [linux_image::CODES, devicetree::CODES];
                sound::error(&error, error.code(), &[&codes[..], &more].concat());
            }
        }
    }
}

/// Reads all there is, and checks what must be true of any FIT that is accepted.
fn read_everything(bytes: &[u8]) -> Result<(), FitError> {
    let fit = Fit::parse(bytes)?;
    let inside = &bytes[..usize::try_from(fit.size_bytes()).unwrap()];
    for (_, image) in fit.images() {
        match image {
            Ok(image) => read_image(inside, &image),
            // The size is known without the images that have no data.
            Err(error) => sound_error(&error),
        }
    }
    for (name, configuration) in fit.configurations() {
        assert!(configuration.inspect_err(sound_error).is_ok_and(|it| it.name == name) || !name.is_empty());
    }
    let configuration = fit.configuration();
    let parts = [Some(configuration.kernel), configuration.ramdisk, configuration.fdt];
    parts.iter().flatten().for_each(|image| read_image(inside, image));
    assert!(
        fit.configurations()
            .any(|(name, it)| name == configuration.name && it.is_ok())
    );
    // What is not counted does not matter.
    let again = Fit::parse(inside).unwrap();
    assert_eq!(again.size_bytes(), fit.size_bytes());
    assert_eq!(again.configuration().kernel.data, configuration.kernel.data);
    let _ = (
        fit.description(),
        configuration.description(),
        configuration.has_signature(),
    );
    Ok(())
}

fn read_image(fit: &[u8], image: &FitImage<'_>) {
    assert!(!image.data.is_empty());
    let (fit, data) = (fit.as_ptr_range(), image.data.as_ptr_range());
    assert!(fit.start <= data.start && data.end <= fit.end);
    if let Ok(count) = image.verify(&Backend::SOFTWARE).inspect_err(sound_error) {
        assert_eq!(count, image.hash_algorithms().count());
    }
    let _ = (image.description(), image.kind(), image.arch(), image.os());
    let _ = (image.compression_name(), image.has_signature());
}

fn sound_error(error: &FitError) {
    sound::error(error, error.code(), &[fit::CODES, devicetree::CODES]);
}
