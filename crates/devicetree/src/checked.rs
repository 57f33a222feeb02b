//! Is this a tree? [`Checked`]: a blob that keeps the rules of its format.

use crate::facts::Facts;
use crate::fault::Fault;
use crate::header::Header;
use crate::structure::Structure;
use crate::walk::Walk;
use crate::{Defect, TreeError, reservations};

/// A blob that keeps the rules of its format, and its parts.
#[derive(Clone, Copy)]
pub(crate) struct Checked<'a> {
    pub(crate) blob: &'a [u8],
    pub(crate) header: Header,
    pub(crate) structure: Structure<'a>,
    /// The offset in the structure block of the token that ends the root node.
    pub(crate) root_end: usize,
}

impl<'a> Checked<'a> {
    /// Checks the blob at the start of `memory`. Where facts are wanted, it is to be a device tree,
    /// with reservations and with strings that an edit can add one to.
    #[inline(never)]
    pub(crate) fn read(memory: &'a [u8], limit_bytes: u64, facts: Option<&mut Facts<'a>>) -> Result<Self, TreeError> {
        let (header, blob) = Header::read(memory, limit_bytes)?;
        let structure = Structure::new(&header, blob);
        let mut checked = Self {
            blob,
            header,
            structure,
            root_end: 0,
        };
        match checked.walk(facts) {
            Ok(()) => Ok(checked),
            Err(fault) => Err(fault.into()),
        }
    }

    fn walk(&mut self, mut facts: Option<&mut Facts<'a>>) -> Result<(), Fault> {
        let header = &self.header;
        if let Some(facts) = &mut facts {
            if self.structure.strings.last().is_some_and(|byte| *byte != 0) {
                return Err(Fault::Corrupt(Defect::Strings, header.strings_offset));
            }
            reservations::read(self.blob, header, &mut facts.reservations)?;
        }
        let mut walk = Walk::new(self.structure, header.structure_offset);
        while walk.next_node()? {
            if let Some(facts) = &mut facts {
                facts.note(&walk);
            }
        }
        self.root_end = walk.root_end;
        Ok(())
    }
}
