//! The flash map.

use flash_image::map;
use phys_range::PhysRange;

const PARTS: [PhysRange; 5] = [
    map::BOOTLOADER,
    map::MONITOR,
    map::SETTINGS,
    map::ROLLBACK_FLOOR,
    map::KERNEL,
];

#[test]
fn parts_follow_each_other_from_the_start_of_the_flash_to_its_end() {
    assert_eq!(PARTS[0].start(), 0);
    assert!(PARTS.is_sorted_by(|low, high| low.end() == high.start()));
    assert_eq!(PARTS[4].end(), map::FLASH_SIZE_BYTES);
}

#[test]
fn parts_are_made_of_whole_sectors() {
    assert!(PARTS.iter().all(|part| part.start() % map::SECTOR_SIZE_BYTES == 0));
    assert_eq!(map::FLASH_SIZE_BYTES % map::SECTOR_SIZE_BYTES, 0);
}

#[test]
fn parts_lie_where_the_manual_says() {
    let starts = PARTS.map(|part| part.start());
    assert_eq!(starts, [0, 0x0004_0000, 0x0008_0000, 0x000c_0000, 0x0010_0000]);
}
