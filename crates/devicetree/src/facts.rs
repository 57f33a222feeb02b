//! What does the tree say about the machine? [`Facts`], collected node by node in one walk.

use core::ops::Range;

use crate::firmware::{GicKind, PsciConduit};
use crate::memory::Purpose;
use crate::node::{Node, Place};
use crate::properties::Known;
use crate::{Ranges, TreeError, memory, value};

/// What the accessors of [`crate::Devicetree`] answer.
#[derive(Debug)]
pub(crate) struct Facts<'a> {
    pub(crate) model: Option<&'a str>,
    pub(crate) compatible: Option<&'a str>,
    pub(crate) ram: Result<Ranges, TreeError>,
    pub(crate) reservations: Result<Ranges, TreeError>,
    pub(crate) bootargs: Option<&'a [u8]>,
    /// Where `bootargs` is in the structure block, or the empty place where it would go; `None` without `/chosen`.
    pub(crate) bootargs_place: Option<Range<usize>>,
    pub(crate) stdout_path: Option<&'a [u8]>,
    pub(crate) cpu_count: usize,
    pub(crate) psci: Option<PsciConduit>,
    pub(crate) gic: Option<GicKind>,
}

impl<'a> Facts<'a> {
    /// Knows the entries of the memory reservation block (Devicetree Specification v0.4, 5.3), and no node yet.
    pub(crate) fn new(reservations: Result<Ranges, TreeError>) -> Self {
        Self {
            model: None,
            compatible: None,
            ram: Ok(Ranges::new_const()),
            reservations,
            bootargs: None,
            bootargs_place: None,
            stdout_path: None,
            cpu_count: 0,
            psci: None,
            gic: None,
        }
    }

    /// Takes what one node says. What is wrong with it is remembered, and told to whoever asks for it.
    pub(crate) fn note(&mut self, node: &Node<'_, 'a>) {
        match node.place {
            Place::Root => self.note_root(node),
            Place::Chosen => self.note_chosen(node),
            _ => {}
        }
        match node.parent {
            Place::Root => self.note_ram(node),
            Place::ReservedMemory => self.note_reservation(node),
            Place::Cpus => self.cpu_count = self.cpu_count.saturating_add(is_cpu(node).into()),
            _ => {}
        }
        self.note_firmware(node);
    }

    fn note_root(&mut self, root: &Node<'_, 'a>) {
        self.model = root.properties.get(Known::Model).and_then(value::first_string);
        self.compatible = root.properties.get(Known::Compatible).and_then(value::first_string);
    }

    fn note_chosen(&mut self, chosen: &Node<'_, 'a>) {
        let end = chosen.properties_end;
        self.bootargs = chosen.properties.get(Known::Bootargs);
        self.bootargs_place = Some(chosen.properties.bootargs_place.clone().unwrap_or(end..end));
        self.stdout_path = chosen.properties.get(Known::StdoutPath);
    }

    /// A bank is RAM if it may be used: QEMU marks secure RAM as memory whose status is `disabled`.
    fn note_ram(&mut self, node: &Node<'_, 'a>) {
        if let Ok(banks) = &mut self.ram
            && node.properties.is_of_type("memory")
            && node.properties.is_okay()
            && let Err(error) = memory::add_all(banks, Purpose::Ram, node.properties.get(Known::Reg), node.cells)
        {
            self.ram = Err(error);
        }
    }

    /// A child without `reg` only asks the kernel for some memory somewhere (3.5.3).
    fn note_reservation(&mut self, node: &Node<'_, 'a>) {
        if let Ok(ranges) = &mut self.reservations
            && let reg @ Some(_) = node.properties.get(Known::Reg)
            && node.properties.is_okay()
            && let Err(error) = memory::add_all(ranges, Purpose::Reserved, reg, node.cells)
        {
            self.reservations = Err(error);
        }
    }

    fn note_firmware(&mut self, node: &Node<'_, 'a>) {
        let Some(compatible) = node.properties.get(Known::Compatible) else {
            return;
        };
        if let Some(method) = node.properties.get(Known::Method)
            && self.psci.is_none()
            && node.properties.is_okay()
        {
            self.psci = PsciConduit::read(compatible, method);
        }
        if node.properties.get(Known::InterruptController).is_some()
            && matches!(self.gic, None | Some(GicKind::Unknown))
            && node.properties.is_okay()
        {
            self.gic = GicKind::read(compatible).or(self.gic);
        }
    }
}

/// A CPU that can be used (Devicetree Specification v0.4, 3.8).
fn is_cpu(node: &Node<'_, '_>) -> bool {
    let named = node.name == b"cpu" || node.name.starts_with(b"cpu@");
    let unusable = |status: &[u8]| value::is(status, "disabled") || status.starts_with(b"fail");
    named && node.properties.is_of_type("cpu") && !node.properties.get(Known::Status).is_some_and(unusable)
}
