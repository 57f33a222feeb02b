//! What a kernel can be packed in: ours must start from all of it.

use flint_cli::qemu::{Machine, StartLevel};
use scenarios::flash::{Flash, Kernel};
use scenarios::{Scenario, Start, payload};

use crate::expectations::{HELLO, TROUBLE};

/// All of them.
pub fn scenarios() -> Vec<Scenario> {
    let zboots: [(&str, fn(&[u8]) -> Vec<u8>); 3] = [
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
            |kernel| {
                let fit = payload::fit(kernel);
                let with = fit_with_command_line(&fit, "from the fit poweroff");
                with.write().bytes
            },
            "FIT in flash at 0x100000",
        )
        .lines(["cmdline    from the fit poweroff$"]),
    ];
    let mut all: Vec<_> = zboots.into_iter().chain(others).collect();
    all.extend(without_a_record());
    all
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

fn fit_with_command_line<'a>(
    fit: &flint_cli::fit_writer::FitWriter<'a>,
    text: &'a str,
) -> flint_cli::fit_writer::FitWriter<'a> {
    flint_cli::fit_writer::FitWriter {
        command_line: Some(text),
        ..*fit
    }
}

/// On flash that was written by `dd`, nothing says where the payload ends.
fn without_a_record() -> [Scenario; 3] {
    let packings: [(&str, fn(&[u8]) -> Vec<u8>); 3] = [
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
        .lines([" in flash at 0x100000$", HELLO])
        .never(TROUBLE)
        .ends(scenarios::End::LastLine)
    })
}

fn starts(what: &str, pack: fn(&[u8]) -> Vec<u8>, described: &str) -> Scenario {
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
