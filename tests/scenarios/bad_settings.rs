//! Settings blocks that cannot be read: the bootloader must not boot with half of
//! what was asked for.

use scenarios::{Scenario, settings};

use crate::bad_flash::{ours, refuses};

/// All of them.
pub fn scenarios() -> Vec<Scenario> {
    let with = |block: Vec<u8>| ours().raw_settings(block);
    vec![
        refuses(
            "damaged_settings",
            with(settings::with_damage()),
            "flash: settings block at flash offset 0x80000: damaged: *[flash-settings-crc]",
        ),
        refuses(
            "settings_of_a_later_version",
            with(settings::of_version(2)),
            "flash: settings block at flash offset 0x80000: *version 2 *[flash-settings-version]",
        ),
        refuses(
            "settings_with_an_unknown_tag",
            with(settings::with_tag(99)),
            "flash: settings block at flash offset 0x80000: *tag 99*[flash-settings-entry]",
        ),
        refuses(
            "a_command_line_with_a_nul_byte",
            with(settings::with_nul_in_the_command_line()),
            "flash: settings block at flash offset 0x80000: *after 4 bytes [flash-settings-cmdline-text]",
        ),
        refuses(
            "settings_that_are_something_else",
            with(b"something else, as long as a header".to_vec()),
            "flash: settings block at flash offset 0x80000: it opens with *[flash-settings-magic]",
        ),
    ]
}
