//! An inspection as people read it.

use std::fmt;

use flash_image::map;
use phys_range::{PhysRange, Size};

use super::{
    FitChoiceFacts, FitFacts, FitImageFacts, FlashFacts, Inspection, KernelFacts, Kind, PlanFacts, RangeFacts,
    TreeFacts,
};
use crate::size::grouped;
use crate::table::Table;

/// The findings, in two columns.
#[derive(Default)]
struct Facts(Table);

impl Facts {
    /// The second column may hold what is in the file.
    fn add(&mut self, name: &str, text: &str) {
        self.0.row([name, &printable(text)]);
    }
}

impl fmt::Display for Facts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Returns what comes from a file stays in its line and tells the terminal nothing: what cannot be
/// seen is written as Rust would.
fn printable(text: &str) -> String {
    let mut printable = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '"' | '\'' | '\\' => printable.push(character),
            _ => printable.extend(character.escape_debug()),
        }
    }
    printable
}

impl fmt::Display for Inspection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (file, size) = (printable(&self.file), grouped(self.size_bytes));
        writeln!(f, "{file}: {}, {size} bytes", self.kind)?;
        let mut contents = Facts::default();
        if let Some(flash) = &self.flash {
            flash.add_to(&mut contents);
        }
        let payload_at = self.flash.as_ref().map(|_| map::KERNEL.start());
        if let Some(fit) = &self.fit {
            fit.add_to(&mut contents, payload_at);
        }
        if let Some(kernel) = &self.kernel {
            kernel.add_to(&mut contents, payload_at.filter(|_| self.fit.is_none()));
        }
        if let Some(tree) = &self.devicetree {
            tree.add_to(&mut contents);
        }
        write!(f, "{contents}")?;
        if let Some(plan) = &self.plan {
            writeln!(
                f,
                "on {}, RAM {}:\n{}",
                printable(&plan.machine),
                plan.ram,
                plan.table().to_string().trim_end()
            )?;
        }
        self.notes
            .iter()
            .try_for_each(|note| writeln!(f, "note: {}", printable(note)))
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::FlashImage => "flash image",
            Self::Image => "raw arm64 Image",
            Self::CompressedImage => "compressed arm64 Image",
            Self::Zboot => "EFI zboot kernel",
            Self::Fit => "FIT",
            Self::Devicetree => "device tree",
            Self::Unknown => "unknown",
        })
    }
}

impl fmt::Display for RangeFacts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match PhysRange::from_bounds(self.start, self.end) {
            Some(range) => range.fmt(f),
            None => write!(f, "{:#x}", self.start),
        }
    }
}

impl FlashFacts {
    fn add_to(&self, table: &mut Facts) {
        table.add(
            "bootloader",
            &format!(
                "at {:#x}: {}",
                map::BOOTLOADER.start(),
                used(self.bootloader_size_bytes)
            ),
        );
        table.add(
            "monitor",
            &format!("at {:#x}: {}", map::MONITOR.start(), used(self.monitor_size_bytes)),
        );
        let at = map::SETTINGS.start();
        let Some(settings) = &self.settings else {
            let what = if self.settings_are_damaged { "damaged" } else { "none" };
            return table.add("settings", &format!("at {at:#x}: {what}"));
        };
        let command_line = settings
            .command_line
            .as_ref()
            .map_or("none".into(), |text| format!("\"{text}\""));
        table.add("settings", &format!("at {at:#x}: command line {command_line}"));
        if let (Some(size), Some(crc)) = (settings.payload_size_bytes, settings.payload_tail_crc32) {
            let size = grouped(size);
            table.add(
                "",
                &format!("kernel written with {size} bytes, CRC-32 of its end {crc:#010x}"),
            );
        }
    }
}

fn used(size_bytes: u64) -> String {
    if size_bytes == 0 {
        "empty".into()
    } else {
        format!("{} bytes", grouped(size_bytes))
    }
}

impl FitFacts {
    /// With its place in the flash, if it is in one.
    fn add_to(&self, table: &mut Facts, at: Option<u64>) {
        let description = self.description.as_ref().map(|text| format!(", \"{text}\""));
        let (size, description) = (grouped(self.size_bytes), description.unwrap_or_default());
        let at = at.map(|at| format!("at {at:#x}: ")).unwrap_or_default();
        table.add("FIT", &format!("{at}{size} bytes{description}"));
        for choice in &self.choices {
            table.add("", &choice.text(&self.default));
        }
        for image in &self.images {
            table.add("", &image.text());
        }
    }
}

impl FitChoiceFacts {
    /// `default` is the name of the one that is booted.
    fn text(&self, default: &str) -> String {
        let booted = if self.name == default { " (booted)" } else { "" };
        let named = |what, name: &Option<String>| name.as_ref().map(|name| format!("{what} {name}"));
        let parts = [
            named("kernel", &self.kernel),
            named("ramdisk", &self.ramdisk),
            named("fdt", &self.fdt),
            named("cannot be booted:", &self.problem),
        ];
        let parts: Vec<_> = parts.into_iter().flatten().collect();
        format!("configuration {}{booted}: {}", self.name, parts.join(", "))
    }
}

impl FitImageFacts {
    fn text(&self) -> String {
        let (kind, size) = (self.r#type.as_deref().unwrap_or("no type"), grouped(self.size_bytes));
        let compression = self.compression.as_ref().filter(|name| *name != "none");
        let compression = compression.map(|name| format!(", {name}")).unwrap_or_default();
        let load = self
            .load
            .map(|address| format!(", asks for {address:#x}"))
            .unwrap_or_default();
        let hashes = match (&self.problem, self.hashes.is_empty()) {
            (Some(problem), _) => format!("not verified: {problem}"),
            (None, true) => "no hash".into(),
            (None, false) => format!("{} verified", self.hashes.join(" and ")),
        };
        format!("image {}: {kind}, {size} bytes{compression}{load}; {hashes}", self.name)
    }
}

impl KernelFacts {
    /// With its place in the flash, if it is in one.
    fn add_to(&self, table: &mut Facts, at: Option<u64>) {
        let size = self
            .load_size_bytes
            .map(|size| format!("{} bytes to load", grouped(size)));
        let size = size.unwrap_or_else(|| "size unknown".into());
        let packed = self
            .packed_size_bytes
            .map(|size| format!(" ({} bytes)", grouped(size)))
            .unwrap_or_default();
        let what = format!("{}{packed}, {size}", self.packing);
        table.add("kernel", &at.map_or(what.clone(), |at| format!("at {at:#x}: {what}")));
        let needs = format!(
            "image_size {:#x} ({}), text_offset {:#x}",
            self.image_size,
            Size(self.image_size),
            self.text_offset
        );
        table.add("", &needs);
        let kind = format!(
            "{}, {}, {} (flags {:#x})",
            self.endianness, self.page_size, self.placement, self.flags
        );
        table.add("", &kind);
    }
}

impl PlanFacts {
    fn table(&self) -> Facts {
        let mut table = Facts::default();
        table.add("kernel", &format!("{}, entered at {:#x}", self.kernel, self.entry));
        if let Some(initrd) = &self.initrd {
            table.add("initrd", &initrd.to_string());
        }
        table.add(
            "device tree",
            &format!(
                "from {:#x} on, about {} bytes, {}",
                self.devicetree.start,
                self.tree_size(),
                self.devicetree_origin
            ),
        );
        table.add("work area", &format!("{}, until the kernel runs", self.work_area));
        let command_line = match (&self.command_line, &self.command_line_origin) {
            (Some(text), Some(origin)) => format!("\"{text}\", from {origin}"),
            _ => "none".into(),
        };
        table.add("command line", &command_line);
        table
    }

    fn tree_size(&self) -> String {
        grouped(self.devicetree.end - self.devicetree.start)
    }
}

impl TreeFacts {
    fn add_to(&self, table: &mut Facts) {
        let unknown = || "not described".to_string();
        let (total, used) = (grouped(self.total_size_bytes), grouped(self.used_size_bytes));
        table.add("size", &format!("{used} of {total} bytes in use"));
        table.add("model", &self.model.clone().unwrap_or_else(unknown));
        table.add("compatible", &self.compatible.clone().unwrap_or_else(unknown));
        for (name, ranges) in [("RAM", &self.ram), ("reserved", &self.reservations)] {
            ranges.iter().for_each(|range| table.add(name, &range.to_string()));
        }
        table.add("console", &self.console.clone().unwrap_or_else(unknown));
        table.add("CPUs", &self.cpu_count.to_string());
        table.add("PSCI", &self.psci.clone().unwrap_or_else(unknown));
        table.add("GIC", &self.gic.clone().unwrap_or_else(unknown));
        table.add(
            "command line",
            &self.command_line.clone().unwrap_or_else(|| "none".into()),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_file_says_tells_the_terminal_nothing() {
        assert_eq!(
            printable("\x1b]0;owned\x07\r\n\u{9b}2J\u{202e}"),
            r"\u{1b}]0;owned\u{7}\r\n\u{9b}2J\u{202e}"
        );
        assert_eq!(printable(r#"root="a b" 'ä' \"#), r#"root="a b" 'ä' \"#);
    }
}
