//! The functions of include/ferrite.h, in its words.

#[repr(C)]
pub struct Io {
    pub request: *mut u8,
    pub request_capacity: usize,
    pub data: *mut u8,
    pub data_bytes: usize,
    pub consumed_bytes: usize,
    pub budget_bytes: usize,
}

/// One cache; lives at the start of the buffer it was made in.
#[repr(C)]
pub struct Ferrite {
    _opaque: [u8; 0],
}

// enum ferrite_status
pub const OK: u32 = 0;
pub const MORE: u32 = 1;
pub const ABSENT: u32 = 2;
pub const WRONG_TYPE: u32 = 3;
pub const NO_MEMORY: u32 = 4;
pub const TOO_LARGE: u32 = 5;
pub const PROTOCOL: u32 = 6;
pub const LOST: u32 = 8;

pub const LEAST_BYTES: usize = 262_144;
pub const MOST_BYTES: u64 = 4_294_901_760;
pub const ALIGNMENT: usize = 64;

extern "C" {
    pub fn ferrite_io(cache: *mut Ferrite) -> *mut Io;
    pub fn ferrite_init(
        cache: *mut Ferrite,
        budget_bytes: f64,
        policy: u32,
        seed0: u32,
        seed1: u32,
        seed2: u32,
        seed3: u32,
    ) -> u32;
    pub fn ferrite_request(cache: *mut Ferrite, bytes: usize, now_ms: f64) -> u32;
    pub fn ferrite_run(
        cache: *mut Ferrite,
        offset: usize,
        bytes: usize,
        form: u32,
        now_ms: f64,
    ) -> u32;
    pub fn ferrite_more(cache: *mut Ferrite) -> u32;
    pub fn ferrite_get(cache: *mut Ferrite, key_bytes: usize, now_ms: f64) -> u32;
    pub fn ferrite_set(
        cache: *mut Ferrite,
        key_bytes: usize,
        value_bytes: usize,
        flags: u32,
        expiry_ms: f64,
        now_ms: f64,
    ) -> u32;
    pub fn ferrite_reserve(
        cache: *mut Ferrite,
        key_bytes: usize,
        value_bytes: usize,
        flags: u32,
        expiry_ms: f64,
        now_ms: f64,
    ) -> u32;
    pub fn ferrite_commit(cache: *mut Ferrite, now_ms: f64) -> u32;
    pub fn ferrite_tick(cache: *mut Ferrite, now_ms: f64) -> u32;
    pub fn ferrite_changes(cache: *mut Ferrite, keep: u32) -> u32;
}
