//! Hands the linker script to the linker, when the build is for the target.

fn main() {
    if std::env::var("CARGO_CFG_TARGET_OS").is_ok_and(|os| os == "none") {
        println!("cargo::rustc-link-arg-bins=-T{}/link.ld", env!("CARGO_MANIFEST_DIR"));
        // Linked at 0, to run anywhere: what needs its own address is listed in .rela.dyn, which
        // `start` works off.
        for argument in ["-pie", "--no-dynamic-linker", "-znotext", "-znorelro"] {
            println!("cargo::rustc-link-arg-bins={argument}");
        }
    }
    println!("cargo::rerun-if-changed=link.ld");
}
