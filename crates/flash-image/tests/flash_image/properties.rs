//! Properties that hold for any bytes.

use std::cell::RefCell;

use flash_image::{FlashError, FlashImage, PayloadRecord, Settings, map};
use linux_image::{ImageHeader, pe_file_size};
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::TestRunner;

use crate::fixtures::{EFI_HEADER, Flash, block, efi_kernel, to_usize};

/// As much of the settings sector, and of the kernel's part, as the properties write to.
const WINDOW_BYTES: usize = PayloadRecord::TAIL_MAX_BYTES;

type Changes = Vec<(Index, u8)>;

fn changes() -> impl Strategy<Value = Changes> {
    prop::collection::vec(any::<(Index, u8)>(), 0..8)
}

fn change(bytes: &mut [u8], changes: &Changes) {
    for (place, value) in changes {
        *place.get_mut(bytes) = *value;
    }
}

fn command_line() -> impl Strategy<Value = Option<String>> {
    prop::option::of("[^\0]{0,100}")
}

prop_compose! {
    fn record()(size_bytes in prop_oneof![any::<u64>(), 0..=map::KERNEL.len()], tail_crc32: u32) -> PayloadRecord {
        PayloadRecord { size_bytes, tail_crc32 }
    }
}

proptest! {
    #[test]
    fn settings_survive_the_way_to_a_sector_and_back(line in command_line(), payload in prop::option::of(record())) {
        let settings = Settings { command_line: line.as_deref(), payload };
        let mut sector = vec![0xff; WINDOW_BYTES];
        let size = settings.write(&mut sector).unwrap();
        prop_assert_eq!(Settings::parse(&sector), Ok(Some(settings)));
        prop_assert_eq!(Settings::parse(&sector[..size]), Ok(Some(settings)));
        prop_assert!(Settings::parse(&sector[..size - 1]).is_err());
    }

    #[test]
    fn no_sector_causes_a_panic(sector in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Settings::parse(&sector);
    }

    #[test]
    fn no_damage_to_a_settings_block_causes_a_panic(line in command_line(), payload in record(), changes in changes()) {
        let settings = Settings { command_line: line.as_deref(), payload: Some(payload) };
        let mut sector = vec![0xff; WINDOW_BYTES];
        let size = settings.write(&mut sector).unwrap();
        change(&mut sector[..size], &changes);
        let _ = Settings::parse(&sector);
    }

    #[test]
    fn no_body_with_a_good_checksum_causes_a_panic(
        words in prop::collection::vec(0..20_u32, 0..40),
        changes in changes(),
    ) {
        let mut body = words.into_iter().flat_map(u32::to_le_bytes).collect::<Vec<_>>();
        body.extend([0; 4]);
        change(&mut body, &changes);
        let _ = Settings::parse(&block(&body)).map_err(|error| error.to_string());
    }
}

/// The bytes that one case of the flash properties writes.
#[derive(Clone, Debug)]
struct Case {
    image_size: u64,
    pe_file_size: u32,
    kernel_changes: Changes,
    record: Option<PayloadRecord>,
    settings_changes: Changes,
}

prop_compose! {
    fn case()(
        image_size in prop_oneof![any::<u64>(), 0..=map::KERNEL.len() + 8, (0..0x1_0000_u64).prop_map(|n| n * 8)],
        pe_file_size in prop_oneof![0x80..=u32::MAX, 0x80..0x1_0000_u32],
        kernel_changes in changes(),
        record in prop::option::of(record()),
        settings_changes in prop_oneof![Just(vec![]), changes()],
    ) -> Case {
        Case { image_size, pe_file_size, kernel_changes, record, settings_changes }
    }
}

impl Case {
    fn write(&self, flash: &mut Flash) {
        let settings = Settings {
            payload: self.record,
            ..Settings::default()
        };
        let window = &mut flash.part(map::SETTINGS)[..WINDOW_BYTES];
        window.fill(0);
        let size = settings.write(window).unwrap();
        change(&mut window[..size], &self.settings_changes);

        let header = ImageHeader {
            image_size: self.image_size,
            ..EFI_HEADER
        };
        let window = &mut flash.part(map::KERNEL)[..WINDOW_BYTES];
        window.copy_from_slice(&efi_kernel(header, self.pe_file_size, WINDOW_BYTES));
        change(&mut window[..256], &self.kernel_changes);
    }
}

/// Returns whether what was taken is what the rules say: at the kernel's place, and as long as the
/// shorter of file and kernel.
fn is_as_the_rules_say(image: &FlashImage<'_>, flash: &[u8]) -> bool {
    let area = &flash[to_usize(map::KERNEL.start())..];
    let record = image.settings.and_then(|settings| settings.payload);
    let recorded = record.map(|record| record.size_bytes);
    let written = &area[..to_usize(recorded.unwrap_or(u64::MAX)).min(area.len())];
    let size = match ImageHeader::parse(written) {
        Ok(header) => recorded
            .or(pe_file_size(area))
            .unwrap_or(u64::MAX)
            .min(header.image_size),
        Err(_) => recorded.unwrap_or(area.len() as u64),
    };
    std::ptr::eq(image.payload.bytes, &area[..to_usize(size)])
}

#[test]
fn any_flash_is_taken_by_the_rules_or_refused_with_a_message() {
    let flash = RefCell::new(Flash::new());
    let property = |case: Case| {
        let mut flash = flash.borrow_mut();
        case.write(&mut flash);
        match FlashImage::parse(&flash.0) {
            Ok(image) => prop_assert!(is_as_the_rules_say(&image, &flash.0)),
            Err(error) => prop_assert!(!error.to_string().is_empty() && !error.code().is_empty()),
        }
        Ok(())
    };
    TestRunner::default().run(&case(), property).unwrap();
}

#[test]
fn any_kernel_that_flint_records_is_taken_and_any_other_end_is_not() {
    let flash = RefCell::new(Flash::new());
    let input = (64..WINDOW_BYTES, any::<Index>(), 1..=u8::MAX);
    let property = |(size, place, flip): (usize, Index, u8)| {
        let mut flash = flash.borrow_mut();
        let header = ImageHeader {
            image_size: 1 << 20,
            ..EFI_HEADER
        };
        let file = &efi_kernel(header, 0x1000, WINDOW_BYTES)[..size];
        let record = PayloadRecord::of(file);
        let settings = Settings {
            payload: Some(record),
            ..Settings::default()
        };
        settings.write(flash.part(map::SETTINGS)).unwrap();

        flash.part(map::KERNEL)[..size].copy_from_slice(file);
        prop_assert_eq!(FlashImage::parse(&flash.0).unwrap().payload.bytes, file);
        flash.part(map::KERNEL)[64 + place.index(WINDOW_BYTES - 64)] ^= flip;
        let changed = flash.part(map::KERNEL)[..size] != *file;
        let truncated = matches!(FlashImage::parse(&flash.0), Err(FlashError::TailCrc { .. }));
        prop_assert_eq!(truncated, changed);
        Ok(())
    };
    TestRunner::default().run(&input, property).unwrap();
}
