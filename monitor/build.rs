//! Hands the linker script to the linker, when the build is for the target, and where the board's
//! secure RAM is.

use boards::QEMU_VIRT;

fn main() {
    if std::env::var("CARGO_CFG_TARGET_OS").is_ok_and(|os| os == "none") {
        println!("cargo::rustc-link-arg-bins=-T{}/link.ld", env!("CARGO_MANIFEST_DIR"));
        let secure = QEMU_VIRT.secure;
        for (symbol, range) in [("code", secure.monitor), ("data", secure.variables)] {
            println!(
                "cargo::rustc-link-arg-bins=--defsym=__{symbol}_start={:#x}",
                range.start()
            );
            println!("cargo::rustc-link-arg-bins=--defsym=__{symbol}_end={:#x}", range.end());
        }
    }
    println!("cargo::rerun-if-changed=link.ld");
}
