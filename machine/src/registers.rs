//! Enumerations of registers by name, for the lists of values that an exception level is set up
//! with.

/// Defines an enumeration of registers, and how they are written on the target.
macro_rules! registers {
    ($(#[$enum_doc:meta])* pub enum $enum:ident { $($(#[$doc:meta])* $name:ident = $encoding:literal,)* }) => {
        $(#[$enum_doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $enum {
            $($(#[$doc])* $name,)*
        }

        impl $enum {
            /// Writes `value` to the register of the CPU that runs.
            ///
            /// # Safety
            /// The CPU is at a level that may write the register, has the register, and can go on
            /// with this value in it.
            #[cfg(target_arch = "aarch64")]
            pub unsafe fn write(self, value: u64) {
                match self {
                    $(Self::$name => {
                        // SAFETY: the caller vouches for the level, the register and the value.
                        unsafe {
                            core::arch::asm!(concat!("msr ", $encoding, ", {}"), in(reg) value, options(nostack, preserves_flags));
                        }
                    })*
                }
            }
        }
    };
}

pub(crate) use registers;
