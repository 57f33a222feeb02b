//! Prints the page of the manual about the boot protocol:
//! `cargo run -q -p flint-cli --example boot_protocol > docs/boot-protocol.md`.

fn main() {
    print!("{}", flint_cli::clause::page());
}
