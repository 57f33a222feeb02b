//! Hands the linker script to the linker, when the build is for the target, and the C libraries
//! that are in the folder `FLINT_C_LIBRARIES`, if it is set; `setup/bench-libraries` fetches them.

const LIBRARIES: [&str; 4] = ["libdeflate.a", "liblz4.a", "libz.a", "libzstd.a"];

fn main() {
    println!("cargo::rustc-check-cfg=cfg(c_libraries)");
    println!("cargo::rerun-if-env-changed=FLINT_C_LIBRARIES");
    println!("cargo::rerun-if-changed=link.ld");
    if !std::env::var("CARGO_CFG_TARGET_OS").is_ok_and(|os| os == "none") {
        return;
    }
    println!("cargo::rustc-link-arg-bins=-T{}/link.ld", env!("CARGO_MANIFEST_DIR"));
    if let Ok(folder) = std::env::var("FLINT_C_LIBRARIES") {
        println!("cargo::rustc-cfg=c_libraries");
        for library in LIBRARIES {
            println!("cargo::rustc-link-arg-bins={folder}/{library}");
            println!("cargo::rerun-if-changed={folder}/{library}");
        }
    }
}
