//! The page of the manual that the table is printed as, in Markdown.

use super::{Check, Clause, GROUPS, all};

const START: &str = "\
<!-- Made of cli/src/clause: cargo run -q -p flint-cli --example boot_protocol > docs/boot-protocol.md -->

# The boot protocol, clause by clause

A kernel for 64-bit Arm expects much of who starts it. Linux writes it down in
[booting.rst](https://docs.kernel.org/arch/arm64/booting.html); this is what that file says in Linux v7.1.8, taken apart into clauses that can be
met and checked one by one, in words of our own. Group Z is what booting.rst implies, or what Linux needs all the same.

The ids are those that the code cites. `flint explain M18` shows a clause in the terminal, `flint explain --clauses` lists them. When a CPU traps
to EL3 that should not have, Flint's monitor names the clause.

`flint conformance` checks a loader against all of it, Flint or another one, and shows the evidence.

**How Flint meets a clause** depends on the level that the machine starts at. At an EL3 start Flint's monitor stays at EL3, and what EL3 owes the
kernel is its affair, on every CPU. At an EL2 or EL1 start there is no EL3, or it belongs to other firmware; that firmware or QEMU starts the
other CPUs. Where Flint falls short, it says *Gap*.

**How a clause is checked** is one of three:

* *seen on QEMU*: a payload at the kernel's place sees it on QEMU's `virt`, by its own registers or by a probe whose exception it catches in its own
  vectors; or the host sees it, by QEMU's debugger at the first instruction of a CPU or by what is in memory. A probe that traps to EL3 cannot be
  caught, so the monitor reports it. Where QEMU resets a register to the right value, a loader that forgot it
  would pass. So Flint's tests poison machines: before the first instruction of the bootloader, all that the architecture calls UNKNOWN at reset is
  filled with garbage, of each CPU another.
* *not on QEMU*: QEMU has not got what the clause is about. It says what was reviewed or tested instead.
* *void*: the clause does not arise for Flint, most often because it is about entry at EL1 below an EL2: Flint enters at EL2 wherever there is
  EL2. It says how other loaders are judged.

What is said of registers and traps on QEMU 7.2 and 10.0 was seen there (7.2.22, 10.0.13); what is said of 10.2 is from its source, and what is
said of entry at EL1 below an EL2 from the architecture. The payload was run on 11.1, too. Documents of Arm: DDI0487 is the architecture,
IHI0048 the GICv2, IHI0069 the GICv3, ARM-AES-0070 the GICv5, DEN0022 PSCI, DEN0137 Realms, DDI0500 Cortex-A53.
";

/// The whole page.
pub fn page() -> String {
    let mut page = String::from(START);
    page += &overview();
    page += &short_lists();
    for group in GROUPS {
        page += &format!("\n## {}. {}\n", group.letter, group.title);
        for clause in group.clauses() {
            page += &section(clause);
        }
    }
    page
}

fn overview() -> String {
    let mut table = String::from("\n## Overview\n\n| clause | | force | check |\n| --- | --- | --- | --- |\n");
    for clause in all() {
        let Clause {
            title, force, check, ..
        } = clause;
        table += &format!("| {} | {title} | {force} | {} |\n", link(clause), check.name());
    }
    table
}

/// Returns what a reader may look for: what cannot be seen, and what is missing.
fn short_lists() -> String {
    let count = |is_of_kind: fn(&Check) -> bool| all().filter(|clause| is_of_kind(&clause.check)).count();
    format!(
        "\nOf {} clauses, {} are seen on QEMU, {} are not, and {} are void.\n\n\
         **What QEMU cannot show**: {}.\n\n\
         **Where Flint falls short**: {}.\n",
        all().count(),
        count(|check| matches!(check, Check::Observed(_))),
        count(|check| matches!(check, Check::NotOnQemu(_))),
        count(|check| matches!(check, Check::Void(_))),
        links(|clause| matches!(clause.check, Check::NotOnQemu(_))),
        links(|clause| clause.met.contains("Gap:")),
    )
}

fn links(is_wanted: fn(&Clause) -> bool) -> String {
    let links: Vec<String> = all().filter(|clause| is_wanted(clause)).map(link).collect();
    links.join(", ")
}

/// The id as a link to its section: GitHub names a heading by its text.
fn link(clause: &Clause) -> String {
    let Clause { id, title, .. } = clause;
    format!("[{id}](#{})", anchor(&format!("{id}: {title}")))
}

/// Returns what GitHub makes of a heading: small letters, digits, `-` and `_`, with a hyphen for
/// each space.
fn anchor(heading: &str) -> String {
    let kept = heading
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c.to_ascii_lowercase() })
        .collect()
}

fn section(clause: &Clause) -> String {
    let Clause {
        id,
        title,
        asks,
        source,
        force,
        met,
        code,
        check,
    } = clause;
    let links: Vec<String> = code.iter().map(|path| format!("[{path}](../{path})")).collect();
    let links = match links.len() {
        0 => String::new(),
        _ => format!("<br>Code: {}", links.join(", ")),
    };
    format!(
        "\n### {id}: {title}\n\n\
         **Asks** ({force}). {asks}<br>*{source}*\n\n\
         **Flint.** {}{links}\n\n\
         **Check** ({}). {}\n",
        met.replace("Gap:", "*Gap:*"),
        check.name(),
        check.text()
    )
}
