//! [`Preparation`]: all that is decided before a byte of the kernel is loaded.

use core::fmt;

use boot_plan::{InitrdRequest, Machine, MemoryMap, Plan, PlanError, Request};
use devicetree::edit::{EditedTree, Edits};
use devicetree::{Devicetree, PsciConduit, Seeds, TreeError};
use hashes::Backend;
use linux_image::ImageHeader;

use crate::{Candidates, CommandLine, KernelPart, Origin, Parts, PartsError};

/// The inputs of a preparation besides the parts.
#[derive(Clone, Copy, Debug)]
pub struct Given<'m, 'a> {
    /// The machine; what the kernel is told about its memory is found out here.
    pub machine: Machine<'m>,
    /// The machine's own device tree.
    pub hardware_tree: &'a Devicetree<'a>,
    /// The device tree that came with the kernel and replaces the machine's, read.
    pub kernel_tree: Option<&'a Devicetree<'a>>,
    /// The kernel's header: of a packed kernel, what comes out first.
    pub header: &'a ImageHeader,
    /// The command line that fw_cfg has.
    pub fw_cfg_command_line: Option<&'a [u8]>,
    /// The command line that the settings block has.
    pub settings_command_line: Option<&'a str>,
    /// The size of the initrd that fw_cfg has; it goes before that of a FIT.
    pub fw_cfg_initrd_bytes: Option<u64>,
    /// Random numbers for a tree that lacks them.
    pub fresh_seeds: Option<&'a Seeds>,
    /// True if our monitor answers PSCI.
    pub serves_psci: bool,
    /// The functions that compute hashes.
    pub backend: &'m Backend,
}

/// All that is decided before a byte of the kernel is loaded.
#[derive(Debug)]
pub struct Preparation<'a> {
    /// The kernel's command line.
    pub command_line: Option<CommandLine<'a>>,
    /// The place where everything goes.
    pub plan: Plan,
    /// The tree that the kernel gets.
    pub tree: EditedTree<'a>,
}

/// The reason why nothing can be loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PreparationError {
    /// The parts do not do.
    Parts(PartsError),
    /// A device tree does not do.
    Tree(TreeError),
    /// There is no place for everything.
    Plan(PlanError),
}

impl<'a> Preparation<'a> {
    /// Decides.
    ///
    /// # Errors
    /// See [`PreparationError`]. Where parts are damaged whose hashes are still to be verified, it
    /// is that which is said: a damaged header may be what leads to the error.
    pub fn new(parts: &Parts<'a>, given: &Given<'_, 'a>) -> Result<Self, PreparationError> {
        Self::decide(parts, given).or_else(|error| {
            parts.verify_rest(given.backend)?;
            Err(error)
        })
    }

    fn decide(parts: &Parts<'a>, given: &Given<'_, 'a>) -> Result<Self, PreparationError> {
        if let Some(kernel_tree) = given.kernel_tree {
            let conduit = match given.serves_psci {
                true => Some(PsciConduit::Smc),
                false => given.hardware_tree.psci(),
            };
            kernel_tree.agrees_with(given.hardware_tree, conduit)?;
        }
        let tree = given.kernel_tree.unwrap_or(given.hardware_tree);
        let command_line = command_line(parts, given, tree)?;
        let replaced = command_line.filter(|line| line.origin != Origin::Devicetree);
        let initrd = initrd_request(parts, given);
        let edits = Edits {
            bootargs: replaced.map(|line| line.text),
            // Only its being there counts for the size of the tree.
            initrd: initrd.and(given.machine.hardware.ram.first().copied()),
            fresh_seeds: given.fresh_seeds,
            machine: given.kernel_tree.map(|_| given.hardware_tree),
            serves_psci: given.serves_psci,
            reserved: &[],
            leaves_cpus: false,
        };
        let told = MemoryMap {
            ram: tree.edited_ram(&edits)?,
            reserved: tree.reservations()?,
        };
        let edited = tree.edited(&edits);
        let plan = Plan::new(
            &Machine { told, ..given.machine },
            &Request {
                header: given.header,
                kernel_size_bytes: parts.kernel.size_bytes(given.header),
                kernel_address: parts.kernel_address(),
                // What is wrong with the tree is told after what is wrong with the plan.
                devicetree_size_bytes: edited.as_ref().map_or(tree.used_size(), EditedTree::size_bytes),
                initrd,
            },
        )?;
        let mut tree = edited?;
        if let Some(initrd) = plan.initrd {
            tree.place_initrd(initrd);
        }
        Ok(Self {
            command_line,
            plan,
            tree,
        })
    }
}

/// Returns what the tree holds is only looked at where nobody gives another one: it may be no text.
fn command_line<'a>(
    parts: &Parts<'a>,
    given: &Given<'_, 'a>,
    tree: &'a Devicetree<'a>,
) -> Result<Option<CommandLine<'a>>, PreparationError> {
    let mut candidates = Candidates {
        fw_cfg: given.fw_cfg_command_line,
        fit: parts.command_line,
        settings: given.settings_command_line,
        devicetree: None,
    };
    if let Some(chosen) = CommandLine::choose(&candidates)? {
        return Ok(Some(chosen));
    }
    candidates.devicetree = tree.bootargs()?;
    Ok(CommandLine::choose(&candidates)?)
}

fn initrd_request(parts: &Parts<'_>, given: &Given<'_, '_>) -> Option<InitrdRequest> {
    let of_fw_cfg = given.fw_cfg_initrd_bytes.map(|size_bytes| InitrdRequest {
        size_bytes,
        address: None,
    });
    of_fw_cfg.or(parts.ramdisk.map(|ramdisk| InitrdRequest {
        size_bytes: ramdisk.data.len() as u64,
        address: ramdisk.load,
    }))
}

impl KernelPart<'_> {
    /// Returns how many bytes are loaded: of a packed kernel, what its header reserves, since that
    /// is all that may come out.
    fn size_bytes(&self, header: &ImageHeader) -> u64 {
        match self {
            Self::Elsewhere { size_bytes, .. } => *size_bytes,
            Self::InMemory(kernel) => kernel.raw().map_or(header.image_size, |raw| raw.len() as u64),
        }
    }
}

impl PreparationError {
    /// The code that `flint explain` knows.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Parts(error) => error.code(),
            Self::Tree(error) => error.code(),
            Self::Plan(error) => error.code(),
        }
    }
}

impl fmt::Display for PreparationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Parts(error) => error.fmt(f),
            Self::Tree(error) => error.fmt(f),
            Self::Plan(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for PreparationError {}

impl From<PartsError> for PreparationError {
    fn from(error: PartsError) -> Self {
        Self::Parts(error)
    }
}

impl From<TreeError> for PreparationError {
    fn from(error: TreeError) -> Self {
        Self::Tree(error)
    }
}

impl From<PlanError> for PreparationError {
    fn from(error: PlanError) -> Self {
        Self::Plan(error)
    }
}
