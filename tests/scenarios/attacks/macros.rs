//! Parts of device tree source, put together when the tests are compiled.

/// The GIC's node with other properties.
macro_rules! gic {
    ($($properties:literal)+) => { concat!("/ { intc@8000000 { ", $($properties,)+ " }; };") };
}

/// The GIC's node with another `reg`.
macro_rules! reg {
    ($($reg:literal)+) => { gic!("reg = <" $($reg)+ ">;") };
}

/// Another node in the place of the GIC's, at the end of the tree.
macro_rules! instead {
    ($($nodes:literal)+) => { concat!("/ { /delete-node/ intc@8000000; ", $($nodes,)+ " };") };
}

/// A GICv2 below a bus, with addresses and sizes of one cell.
macro_rules! on_bus {
    ($ranges:literal, $reg:literal) => {
        instead!(
            "bus { compatible = \"simple-bus\"; #address-cells = <1>; #size-cells = <1>; " $ranges
            " intc { compatible = \"arm,cortex-a15-gic\"; interrupt-controller;"
            " #interrupt-cells = <3>; reg = <" $reg ">; }; };"
        )
    };
}
