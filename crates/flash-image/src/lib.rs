//! The contents of the flash: the [flash map](map), the [settings block](Settings) and the payload
//! of a [`FlashImage`].
//!
//! The bootloader reads the flash with it at every boot, and the host tool builds and inspects
//! flash images with it: both come to the same answer, down to the error text.

#![no_std]
#![forbid(unsafe_code)]
#![deny(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic
)]

mod entries;
mod error;
mod image;
pub mod map;
mod monitor;
mod payload;
mod payload_record;
mod settings;
mod settings_error;
mod settings_header;

pub use error::{CODES, FlashError};
pub use image::FlashImage;
pub use monitor::{MONITOR_MAGIC, Monitor};
pub use payload::FlashPayload;
pub use payload_record::PayloadRecord;
pub use settings::{COMMAND_LINE_MAX_BYTES, Settings};
pub use settings_error::SettingsError;
