//! Every form that breaks a rule of its specification is refused, with the code of the refusal and
//! the place of the damage.

mod support;

use decompress::DecompressError;
use support::{Broken, broken_gzip, broken_lz4, broken_zstd, refusal};

/// The room for what comes out: more than any of the forms fills.
const ROOM: usize = 17 << 20;

fn all() -> impl Iterator<Item = Broken> {
    let forms = [broken_gzip::forms(), broken_lz4::forms(), broken_zstd::forms()];
    forms.into_iter().flatten()
}

fn position(error: &DecompressError) -> Option<u64> {
    match *error {
        DecompressError::Truncated { position, .. }
        | DecompressError::Corrupt { position, .. }
        | DecompressError::Trailing { position, .. } => Some(position),
        _ => None,
    }
}

#[test]
fn every_form_is_refused() {
    for form in all() {
        let name = form.name;
        let error = refusal(&form.bytes, ROOM);
        assert_eq!(error.code(), form.code, "{name}: {error}");
        if form.position.is_some() {
            assert_eq!(position(&error), form.position, "{name}: {error}");
        }
    }
}
