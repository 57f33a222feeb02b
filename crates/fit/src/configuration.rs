//! [`Configuration`]: the images that belong together (FIT specification, "'/configurations' node"
//! and "Configuration nodes").

use devicetree::BlobNode;

use crate::node::{self, Node};
use crate::refusal::Refused;
use crate::role::{FDT, KERNEL, RAMDISK, Role};
use crate::{CONFIGURATIONS, FitError, FitImage, IMAGES, NodeName, Parts};

/// A kernel, and what it is started with.
#[derive(Clone, Copy, Debug)]
pub struct Configuration<'a> {
    /// The name of its node.
    pub name: &'a str,
    /// The kernel.
    pub kernel: FitImage<'a>,
    /// The ramdisk, to be loaded as it is.
    pub ramdisk: Option<FitImage<'a>>,
    /// The device tree that replaces the machine's, not compressed.
    pub fdt: Option<FitImage<'a>>,
    /// The kernel's command line; `None` where the FIT has none, which is not the same as an empty
    /// one.
    pub command_line: Option<&'a str>,
    node: BlobNode<'a>,
}

/// The name of the property in `/configurations`.
const DEFAULT: &str = "default";

impl<'a> Configuration<'a> {
    /// Reads the one that is meant if nobody chooses. Without `default` there is none, even if
    /// there is only one: U-Boot does not start such a FIT either.
    pub(crate) fn default_of(parts: &Parts<'a>, all: Node<'a, '_>) -> Result<Self, Refused> {
        let mut children = all.inner.children();
        let first = children.next().ok_or_else(|| all.missing("configuration"))?;
        let no_default = FitError::NoDefault {
            first: NodeName::new(first.name()),
        };
        let name = all.text(DEFAULT)?.ok_or_else(|| all.refuse(no_default))?;
        Self::read(parts, find(all, DEFAULT, (CONFIGURATIONS, all), name)?)
    }

    pub(crate) fn read(parts: &Parts<'a>, node: Node<'a, '_>) -> Result<Self, Refused> {
        check_understood(node)?;
        Ok(Self {
            name: node.inner.name(),
            kernel: image(parts, node, &KERNEL)?.ok_or_else(|| node.missing(KERNEL.property))?,
            ramdisk: image(parts, node, &RAMDISK)?,
            fdt: image(parts, node, &FDT)?,
            command_line: node.text("cmdline")?,
            node: node.inner,
        })
    }

    /// Returns what the FIT says about it.
    pub fn description(&self) -> Option<&'a str> {
        node::text(self.node, "description")
    }

    /// Returns whether it has a signature, which nobody has verified (FIT specification,
    /// "Configuration-signature nodes").
    pub fn has_signature(&self) -> bool {
        node::has_signature(self.node)
    }
}

/// Refuses what would start something else than the parts of a [`Configuration`].
fn check_understood(node: Node<'_, '_>) -> Result<(), Refused> {
    let refused = [
        // "If both are specified, control is passed to the firmware image."
        ("firmware", "only a kernel can be started"),
        // A name that many would guess. Starting without the command line would be worse than not
        // starting.
        ("bootargs", "a FIT has its command line in cmdline"),
    ];
    if let Some((property, rule)) = refused.into_iter().find(|(property, _)| node.has(property)) {
        return Err(node.unsupported(property, rule));
    }
    // Strings after the first one are overlays.
    let fdt = node
        .inner
        .property(FDT.property)
        .and_then(|value| value.strip_suffix(&[0]));
    if fdt.is_some_and(|list| list.split(|byte| *byte == 0).nth(1).is_some()) {
        return Err(node.unsupported(FDT.property, "overlays cannot be applied"));
    }
    Ok(())
}

/// The image in this role; `None` where the configuration has none.
fn image<'a>(parts: &Parts<'a>, node: Node<'a, '_>, role: &Role) -> Result<Option<FitImage<'a>>, Refused> {
    let Some(name) = node.text(role.property)? else {
        return Ok(None);
    };
    let images = (IMAGES, node.at(parts.images));
    let child = find(node, role.property, images, name)?;
    role.check(child)?;
    FitImage::read(parts, child).map(Some)
}

/// The node that a property of another node names; it is to be found in `parent`.
fn find<'a, 'r>(
    by: Node<'a, 'r>,
    property: &'static str,
    (parent, nodes): (&'static str, Node<'a, 'r>),
    name: &str,
) -> Result<Node<'a, 'r>, Refused> {
    let found = nodes.child(name)?;
    found.ok_or_else(|| {
        by.refuse(FitError::NoNode {
            by: by.name(),
            property,
            name: NodeName::new(name),
            parent,
        })
    })
}
