//! The packings of a kernel: the Rust kernel must start from all of them.

use flint_cli::fit_writer::FitWriter;
use flint_cli::qemu::{Machine, StartLevel};
use hashes::Algorithm;
use phys_range::MIB;
use scenarios::flash::{Flash, Kernel};
use scenarios::{End, Scenario, Start, Tampering, payload};

use crate::expectations::{HELLO, TROUBLE, WAITING};

/// A function that packs a kernel.
type Pack = fn(&[u8]) -> Vec<u8>;

/// All of them.
pub fn scenarios() -> Vec<Scenario> {
    let zboots: [(&str, Pack); 3] = [
        ("gzip", |kernel| payload::zboot("gzip", &payload::gzip(kernel))),
        ("lz4", |kernel| payload::zboot("lz4", &lz4_legacy(kernel))),
        ("zstd", |kernel| payload::zboot("zstd", &payload::zstd(kernel))),
    ];
    let zboots = zboots.map(|(kind, pack)| {
        starts(
            &format!("a_zboot_kernel_in_{kind}"),
            pack,
            "EFI zboot (*) in flash at 0x100000, ",
        )
    });
    let others = [
        starts("a_kernel_in_gzip", payload::gzip, "gzip in flash at 0x100000, "),
        starts("a_kernel_in_lz4", payload::lz4, "lz4 in flash at 0x100000, "),
        starts("a_kernel_in_zstd", payload::zstd, "zstd in flash at 0x100000, "),
        starts(
            "a_fit_with_a_command_line",
            fit_with_a_command_line,
            "FIT in flash at 0x100000",
        )
        .lines(["cmdline    from the fit poweroff$"]),
    ];
    let mut all: Vec<_> = zboots.into_iter().chain(others).collect();
    all.extend(without_a_record());
    all.push(with_a_bare_tree());
    all.push(by_fw_cfg());
    all.extend(with_hashes());
    all
}

/// QEMU hands over an empty command line where there is no `-append`: the FIT's own counts.
fn by_fw_cfg() -> Scenario {
    let start = Start::FwCfg(fit_with_a_command_line);
    Scenario::new("starts_a_fit_with_a_command_line_by_fw_cfg", Machine::default(), start)
        .lines([
            " ms] payload  FIT from fw_cfg by DMA, * bytes; the flash is not looked at$",
            " ms] cmdline  from the FIT: from the fit poweroff$",
            HELLO,
            "cmdline    from the fit poweroff$",
        ])
        .never(TROUBLE)
}

/// FITs with each hash, on CPUs with instructions for some of them, for all, and for none.
fn with_hashes() -> Vec<Scenario> {
    fn fit(kernel: &[u8], algorithm: Algorithm) -> Vec<u8> {
        let fit = FitWriter {
            hashes: &[algorithm],
            ..payload::fit(kernel)
        };
        fit.write().bytes
    }
    let hashes: [(Algorithm, Pack); 6] = [
        (Algorithm::Crc32, |kernel| fit(kernel, Algorithm::Crc32)),
        (Algorithm::Md5, |kernel| fit(kernel, Algorithm::Md5)),
        (Algorithm::Sha1, |kernel| fit(kernel, Algorithm::Sha1)),
        (Algorithm::Sha256, |kernel| fit(kernel, Algorithm::Sha256)),
        (Algorithm::Sha384, |kernel| fit(kernel, Algorithm::Sha384)),
        (Algorithm::Sha512, |kernel| fit(kernel, Algorithm::Sha512)),
    ];
    let boot = |(algorithm, pack): (Algorithm, Pack), how: &str, cpu: &str| {
        let machine = Machine {
            cpu: cpu.into(),
            ..Machine::default()
        };
        let name = format!("starts_a_fit_with_{}_{how}", algorithm.name());
        let flash = Flash::new(Kernel::Packed(pack), "poweroff");
        Scenario::new(name, machine, Start::Flash(flash))
            .lines([" ms] fit      conf-1: raw Image; 1 hashes$", " ms] load ", HELLO])
            .never(TROUBLE)
    };
    let on_each_cpu = |hash| {
        [
            boot(hash, "on_cortex_a53", "cortex-a53"),
            boot(hash, "on_max", "max"),
            boot(hash, "in_software", "cortex-a53").tampered(Tampering::NoHashInstructions),
        ]
    };
    hashes.into_iter().flat_map(on_each_cpu).collect()
}

fn fit_with_a_command_line(kernel: &[u8]) -> Vec<u8> {
    let fit = FitWriter {
        command_line: Some("from the fit poweroff"),
        ..payload::fit(kernel)
    };
    fit.write().bytes
}

/// Returns what the FIT's device tree does not say about the machine, the machine's own says.
fn with_a_bare_tree() -> Scenario {
    let machine = Machine {
        smp: 2,
        memory_bytes: 512 * MIB,
        ..Machine::default()
    };
    let pack = |kernel: &[u8]| {
        let tree = payload::bare_tree();
        let fit = FitWriter {
            fdt: Some(&tree),
            ..payload::fit(kernel)
        };
        fit.write().bytes
    };
    let start = Start::Flash(Flash::new(Kernel::Packed(pack), "poweroff"));
    Scenario::new("starts_a_fit_with_a_tree_that_has_neither_ram_nor_cpus", machine, start)
        .lines([" ms] fit      conf-1: raw Image, device tree; 2 hashes$"])
        .lines([
            HELLO.into(),
            format!("tree       * bytes, model {}$", payload::BARE_TREE_MODEL),
            "memory     0x40000000..0x60000000 (512 MiB)$".into(),
            "cpus       2$".into(),
            "psci       SMC$".into(),
            "cmdline    poweroff$".into(),
        ])
        .never(TROUBLE)
}

/// A legacy frame of one block, all literals: what the kernel's own build makes is one, too.
fn lz4_legacy(kernel: &[u8]) -> Vec<u8> {
    let more = kernel.len() - 15;
    let mut block = vec![0xf0];
    block.extend(std::iter::repeat_n(255, more / 255));
    block.push((more % 255) as u8);
    block.extend_from_slice(kernel);
    let mut frame = b"\x02\x21\x4c\x18".to_vec();
    frame.extend((block.len() as u32).to_le_bytes());
    frame.extend(block);
    frame
}

/// On flash that was written by `dd`, nothing says where the payload ends.
fn without_a_record() -> [Scenario; 3] {
    let packings: [(&str, Pack); 3] = [
        ("gzip", payload::gzip),
        ("lz4_legacy", lz4_legacy),
        ("zstd", payload::zstd),
    ];
    packings.map(|(name, pack)| {
        let flash = Flash::new(Kernel::Packed(pack), "").without_settings();
        let flash = if name == "gzip" {
            flash.padded_with_zeros()
        } else {
            flash
        };
        Scenario::new(
            format!("starts_{name}_that_nothing_tells_the_end_of"),
            Machine::default(),
            Start::Flash(flash),
        )
        .lines([" in flash at 0x100000$", HELLO, WAITING])
        .never(TROUBLE)
        .ends(End::LastLine)
    })
}

fn starts(what: &str, pack: Pack, described: &str) -> Scenario {
    let machine = Machine {
        el: StartLevel::El1,
        ..Machine::default()
    };
    let flash = Flash::new(Kernel::Packed(pack), "");
    let flash = if what.contains("command_line") {
        flash
    } else {
        Flash::new(Kernel::Packed(pack), "poweroff")
    };
    Scenario::new(format!("starts_{what}"), machine, Start::Flash(flash))
        .lines([format!(" ms] payload  {described}")])
        .lines([" ms] plan ", " ms] load ", HELLO])
        .never(TROUBLE)
}
