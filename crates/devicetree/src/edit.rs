//! [`Edits`], which tell the kernel of its machine, and [`EditedTree`], the packed tree with them
//! applied.
//!
//! The edits are made twice: without room, for the size, and while the tree is copied, so that
//! nothing is moved afterwards and no gap is left.

use core::fmt;

use phys_range::PhysRange;
use zerocopy::IntoBytes;

use crate::facts::Facts;
use crate::graft::{DEVICE_TYPE, Lacking};
use crate::output::{Action, Change, Names, Output, Value};
use crate::seeds::{KASLR_SEED, RNG_SEED};
use crate::structure::Structure;
use crate::{Devicetree, MAX_SIZE_BYTES, PsciConduit, Seeds, TreeError};

/// The changes to a device tree. Unless this list says to leave them, `enable-method = "psci"`
/// is added to every CPU that has no `enable-method`, where there is PSCI (boot-protocol O2): QEMU
/// leaves it out with one CPU.
#[derive(Clone, Copy, Debug, Default)]
pub struct Edits<'a> {
    /// The kernel's command line (`/chosen/bootargs`), without a NUL byte; `None` leaves it as it
    /// is.
    pub bootargs: Option<&'a str>,
    /// The place where the initial RAM disk is (`linux,initrd-start` and `linux,initrd-end` of
    /// `/chosen`). `None` takes what the tree says about one out: nobody has put it there, and
    /// nothing keeps the kernel off its place.
    pub initrd: Option<PhysRange>,
    /// For the seeds that [`Devicetree::lacks_seeds`] misses. Without them, an empty or zeroed seed
    /// is taken out.
    pub fresh_seeds: Option<&'a Seeds>,
    /// The hardware's own tree, where the one to edit replaces it. The edited tree gets its RAM,
    /// `/psci` and `/cpus` where it has none itself, its reservations, and its seeds in any case:
    /// those of a stored tree would be the same at every boot.
    pub machine: Option<&'a Devicetree<'a>>,
    /// True if a monitor answers PSCI by `smc`, which the machine's own tree does not know: the
    /// tree gets a node `/psci` that says so (boot-protocol Q3), where it has none, and one that
    /// says `hvc` is corrected. Memory that is not to be used is the monitor's: its `device_type`
    /// is taken out, since Linux before 5.19 takes it for RAM whatever its `status` is.
    pub serves_psci: bool,
    /// What the memory reservation block keeps from the kernel besides what it does already
    /// (Devicetree Specification v0.4, 5.3).
    pub reserved: &'a [PhysRange],
    /// True if CPUs without an `enable-method` stay so.
    pub leaves_cpus: bool,
}

const BOOTARGS: &[u8] = b"bootargs";
const INITRD_START: &[u8] = b"linux,initrd-start";
const INITRD_END: &[u8] = b"linux,initrd-end";

/// The default way of starting the other CPUs.
pub(crate) const PSCI_METHOD: Change<'_> = Change {
    name: b"enable-method",
    action: Action::Add,
    value: Value::text("psci"),
};

/// A device tree with edits whose size is known: what the tree lacks is found, and the edits are
/// counted.
pub struct EditedTree<'e> {
    tree: &'e Devicetree<'e>,
    edits: Edits<'e>,
    lacking: Lacking<'e>,
    /// The names of the properties that are put in.
    names: Names,
    size_bytes: u64,
}

/// Without the tree and the seeds.
impl fmt::Debug for EditedTree<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EditedTree")
            .field("size_bytes", &self.size_bytes)
            .finish_non_exhaustive()
    }
}

impl<'t> Devicetree<'t> {
    /// Finds out what it takes to write the tree with these edits.
    ///
    /// # Errors
    /// [`TreeError::BootargsNul`], those of [`Self::edited_ram`] and [`Self::reservations`] where
    /// there is a [`Edits::machine`] or something [`Edits::reserved`], [`TreeError::Reg`] where the
    /// tree cannot express that machine's RAM, and [`TreeError::Corrupt`] where something else has
    /// the name of its memory node.
    pub fn edited<'e>(&'e self, edits: &Edits<'e>) -> Result<EditedTree<'e>, TreeError> {
        if let Some(offset_bytes) = edits.bootargs.and_then(|text| text.bytes().position(|byte| byte == 0)) {
            return Err(TreeError::BootargsNul { offset_bytes });
        }
        let mut edited = EditedTree {
            tree: self,
            edits: *edits,
            lacking: Lacking::NOTHING,
            names: Names::new(&self.checked),
            size_bytes: 0,
        };
        edited.lacking.find(self, edits)?;
        edited.size_bytes = self.edit(edits, &edited.lacking, &mut edited.names, &mut []) as u64;
        Ok(edited)
    }

    /// The number of bytes that [`Self::write_edited`] needs and, if it succeeds, writes.
    pub fn edited_size_max(&self, edits: &Edits<'_>) -> u64 {
        self.edited(edits).map_or(self.used_size(), |edited| edited.size_bytes)
    }

    /// Writes the tree with these edits as [`EditedTree::write`] does.
    ///
    /// # Errors
    /// Those of [`Self::edited`] and of [`EditedTree::write`]. Nothing is written then.
    pub fn write_edited(&self, edits: &Edits<'_>, destination: &mut [u8]) -> Result<usize, TreeError> {
        self.edited(edits)?.write(destination)
    }

    /// Writes the edited tree to `room` as far as it goes, and returns the number of bytes that the
    /// tree has.
    #[inline(never)]
    fn edit(&self, edits: &Edits<'_>, lacking: &Lacking<'_>, names: &mut Names, room: &mut [u8]) -> usize {
        let (start, end) = edits.initrd.map_or((0, 0), |initrd| (initrd.start(), initrd.end()));
        let (start, end) = (start.to_be(), end.to_be());
        let of_initrd = match edits.initrd {
            Some(_) => Action::Set,
            None => Action::Remove,
        };
        let seeds = edits.fresh_seeds;
        let mut changes = [
            Change {
                name: BOOTARGS,
                action: edits.bootargs.map_or(Action::Keep, |_| Action::Set),
                value: Value::text(edits.bootargs.unwrap_or_default()),
            },
            Change {
                name: INITRD_START,
                action: of_initrd,
                value: Value::bytes(start.as_bytes()),
            },
            Change {
                name: INITRD_END,
                action: of_initrd,
                value: Value::bytes(end.as_bytes()),
            },
            self.change_of_seed(edits, KASLR_SEED, seeds.map(|seeds| seeds.kaslr.as_slice())),
            self.change_of_seed(edits, RNG_SEED, seeds.map(|seeds| seeds.rng.as_slice())),
        ];
        let is_served = edits.serves_psci || edits.machine.unwrap_or(self).psci().is_some();
        let has_psci = is_served && (self.psci().is_some() || lacking.psci());
        // Below a monitor there is nobody who would answer an hvc.
        let is_wrong = edits.serves_psci && self.psci() == Some(PsciConduit::Hvc);
        let wrong_psci = is_wrong.then_some(self.facts.psci_node);
        let mut out = Output::new(&self.checked, names, room);
        out.reserve(&lacking.reservations);
        let Facts { chosen, cpus, .. } = self.facts;
        // What there is is edited in the order in which it lies in the tree. No node's properties
        // are at 0.
        let mut at = 0;
        let withheld = edits.serves_psci.then(|| self.withheld_memory());
        let mut withheld = withheld.into_iter().flatten().peekable();
        while let Some(next) = {
            while withheld.next_if(|place| *place <= at).is_some() {}
            let places = [chosen, cpus, lacking.empty_memory, wrong_psci, withheld.peek().copied()];
            let places = places.map(Option::unwrap_or_default);
            places.into_iter().filter(|place| *place > at).min()
        } {
            at = next;
            if chosen == Some(at) {
                out.change(at, &mut changes);
            } else if wrong_psci == Some(at) {
                out.change(at, &mut [Change::to(b"method", Some(Value::text("smc")))]);
            } else if cpus == Some(at) {
                if has_psci && !edits.leaves_cpus {
                    add_enable_methods(&mut out, &self.checked.structure, at);
                }
            } else if lacking.empty_memory == Some(at) {
                out.change(at, &mut [lacking.reg()]);
            } else {
                out.change(at, &mut [Change::to(DEVICE_TYPE, None)]);
            }
        }
        out.copy_to(self.checked.root_end);
        lacking.add(&mut out, has_psci);
        if chosen.is_none() && changes.iter().any(Change::puts) {
            out.begin_node(b"chosen");
            out.put_changes(&changes);
            out.end_node();
        }
        out.finish()
    }

    /// Returns what becomes of the seed of this name.
    #[inline(never)]
    fn change_of_seed<'e>(&self, edits: &Edits<'e>, name: &'static [u8], fresh: Option<&'e [u8]>) -> Change<'e> {
        let seed = match edits.machine {
            None if self.seed(name).is_some() => {
                return Change {
                    name,
                    action: Action::Keep,
                    value: Value::NONE,
                };
            }
            None => fresh,
            Some(machine) => machine.seed(name).or(fresh),
        };
        Change::to(name, seed.map(Value::bytes))
    }
}

impl<'e> EditedTree<'e> {
    /// The number of bytes that the tree has.
    pub fn size_bytes(&self) -> u64 {
        self.size_bytes
    }

    /// The tree that is edited.
    pub fn devicetree(&self) -> &'e Devicetree<'e> {
        self.tree
    }

    /// The edits.
    pub fn edits(&self) -> &Edits<'e> {
        &self.edits
    }

    /// Says where the initrd is, for a tree whose size was needed before that was known.
    pub fn place_initrd(&mut self, place: PhysRange) {
        if let Some(initrd) = &mut self.edits.initrd {
            *initrd = place;
        }
    }

    /// Writes the tree to the start of `destination`, and returns the number of bytes written: no
    /// more than a kernel accepts (boot-protocol B2), and none at the end that are not in use.
    /// Nodes and properties keep their order, and all but the edited ones their bytes
    /// (boot-protocol Z9). A property that is missing is added after the others of its node, and a
    /// missing node after the others of the root, `/chosen` last.
    ///
    /// # Errors
    /// [`TreeError::NoRoom`] if `destination` has fewer than [`Self::size_bytes`], and
    /// [`TreeError::TooLarge`]. Nothing is written then.
    pub fn write(&self, destination: &mut [u8]) -> Result<usize, TreeError> {
        let total_bytes = self.size_bytes;
        if total_bytes > MAX_SIZE_BYTES {
            return Err(TreeError::TooLarge { total_bytes });
        }
        let available_bytes = destination.len() as u64;
        let room = destination.get_mut(..total_bytes as usize).ok_or(TreeError::NoRoom {
            needed_bytes: total_bytes,
            available_bytes,
        })?;
        Ok(self
            .tree
            .edit(&self.edits, &self.lacking, &mut self.names.clone(), room))
    }
}

/// Adds an `enable-method` to each CPU that has none.
fn add_enable_methods(out: &mut Output<'_, '_>, tree: &Structure<'_>, cpus: usize) {
    for cpu in tree.children(cpus) {
        if tree.is_cpu(&cpu) {
            out.change(cpu.properties, &mut [PSCI_METHOD]);
        }
    }
}
