//! Tests of `flash-image`.

mod codes;
mod fixtures;
mod flash;
mod flash_errors;
mod map;
mod messages;
mod properties;
mod settings;
mod settings_errors;
