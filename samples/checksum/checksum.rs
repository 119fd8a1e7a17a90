//! checksum: answers with the SHA-256 and the CRC-32 (the one of gzip and PNG) of the payload, in hexadecimal, one a
//! line. Written without the standard library, so the module holds nothing but the two sums.

#![no_std]
#![no_main]

use core::arch::wasm32;
use core::ptr::{addr_of, addr_of_mut};

const PAGE_BYTES: usize = 65536;
const RESPONSE_BYTES: usize = "sha256 ".len() + 64 + 1 + "crc32 ".len() + 8 + 1;

extern "C" {
    /// The linker puts this symbol at the first byte that neither the stack nor static data uses.
    static __heap_base: u8;
}

/// The next free byte; 0 before the first allocation. The guest has one thread and gets one call.
static mut HEAP_NEXT: usize = 0;
static mut RESPONSE: [u8; RESPONSE_BYTES] = [0; RESPONSE_BYTES];

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    wasm32::unreachable()
}

/// Places a payload; null when linear memory may not grow any further. An instance answers one call and is dropped
/// with all its memory, so a bump allocator is enough.
#[no_mangle]
pub extern "C" fn __wasm_allocate(size: i32) -> *mut u8 {
    // SAFETY: one thread; HEAP_NEXT is only touched here.
    unsafe {
        let start = if HEAP_NEXT == 0 { (addr_of!(__heap_base) as usize + 15) & !15 } else { HEAP_NEXT };
        let end = match start.checked_add((size as u32 as usize).max(1)).and_then(|end| end.checked_add(15)) {
            Some(end) => end & !15,
            None => return core::ptr::null_mut(),
        };
        let pages = wasm32::memory_size(0);
        let needed = (end + (PAGE_BYTES - 1)) / PAGE_BYTES;
        if needed > pages && wasm32::memory_grow(0, needed - pages) == usize::MAX {
            return core::ptr::null_mut();
        }

        HEAP_NEXT = end;
        start as *mut u8
    }
}

/// Nothing to give back: see `__wasm_allocate`.
#[no_mangle]
pub extern "C" fn __wasm_deallocate(_pointer: *mut u8, _size: i32) {}

/// The round constants of FIPS 180-4, section 4.2.2.
const ROUND: [u32; 64] = [
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98,
    0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
    0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8,
    0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
    0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819,
    0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
    0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
    0xc67178f2,
];

fn sha256_block(state: &mut [u32; 8], block: &[u8; 64]) {
    let mut schedule = [0u32; 64];
    for i in 0..16 {
        schedule[i] = u32::from_be_bytes([block[4 * i], block[4 * i + 1], block[4 * i + 2], block[4 * i + 3]]);
    }

    for i in 16..64 {
        let a = schedule[i - 15];
        let b = schedule[i - 2];
        let small0 = a.rotate_right(7) ^ a.rotate_right(18) ^ (a >> 3);
        let small1 = b.rotate_right(17) ^ b.rotate_right(19) ^ (b >> 10);
        schedule[i] = schedule[i - 16].wrapping_add(small0).wrapping_add(schedule[i - 7]).wrapping_add(small1);
    }

    let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = *state;
    for i in 0..64 {
        let big1 = e.rotate_right(6) ^ e.rotate_right(11) ^ e.rotate_right(25);
        let choice = (e & f) ^ (!e & g);
        let t1 = h.wrapping_add(big1).wrapping_add(choice).wrapping_add(ROUND[i]).wrapping_add(schedule[i]);
        let big0 = a.rotate_right(2) ^ a.rotate_right(13) ^ a.rotate_right(22);
        let majority = (a & b) ^ (a & c) ^ (b & c);
        h = g;
        g = f;
        f = e;
        e = d.wrapping_add(t1);
        d = c;
        c = b;
        b = a;
        a = t1.wrapping_add(big0).wrapping_add(majority);
    }

    for (word, value) in state.iter_mut().zip([a, b, c, d, e, f, g, h]) {
        *word = word.wrapping_add(value);
    }
}

fn sha256(payload: &[u8]) -> [u32; 8] {
    let mut state = [
        0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
    ];
    let mut block = [0u8; 64];
    let mut chunks = payload.chunks_exact(64);
    for chunk in &mut chunks {
        block.copy_from_slice(chunk);
        sha256_block(&mut state, &block);
    }

    let rest = chunks.remainder();
    block = [0; 64];
    block[..rest.len()].copy_from_slice(rest);
    block[rest.len()] = 0x80;
    if rest.len() >= 56 {
        sha256_block(&mut state, &block);
        block = [0; 64];
    }

    block[56..].copy_from_slice(&(payload.len() as u64 * 8).to_be_bytes());
    sha256_block(&mut state, &block);
    state
}

const fn crc32_table() -> [u32; 256] {
    let mut table = [0u32; 256];
    let mut i = 0;
    while i < 256 {
        let mut value = i as u32;
        let mut bit = 0;
        while bit < 8 {
            value = if value & 1 != 0 { value >> 1 ^ 0xedb8_8320 } else { value >> 1 };
            bit += 1;
        }

        table[i] = value;
        i += 1;
    }

    table
}

static CRC32: [u32; 256] = crc32_table();

fn crc32(payload: &[u8]) -> u32 {
    !payload.iter().fold(!0u32, |crc, byte| crc >> 8 ^ CRC32[((crc ^ *byte as u32) & 0xff) as usize])
}

struct Writer<'a> {
    bytes: &'a mut [u8; RESPONSE_BYTES],
    length: usize,
}

impl Writer<'_> {
    fn text(&mut self, text: &str) {
        for byte in text.bytes() {
            self.bytes[self.length] = byte;
            self.length += 1;
        }
    }

    fn hex(&mut self, value: u32) {
        for shift in (0..8).rev() {
            self.bytes[self.length] = b"0123456789abcdef"[(value >> (4 * shift) & 15) as usize];
            self.length += 1;
        }
    }
}

#[no_mangle]
pub extern "C" fn handle(pointer: *const u8, length: i32) -> u64 {
    // An empty payload may come with any address, the null pointer included, which a slice must not have.
    let payload = if length == 0 {
        &[]
    } else {
        // SAFETY: the host passes the address and the length of a payload that it placed with __wasm_allocate.
        unsafe { core::slice::from_raw_parts(pointer, length as u32 as usize) }
    };
    // SAFETY: one thread; RESPONSE is only touched here.
    let mut out = Writer { bytes: unsafe { &mut *addr_of_mut!(RESPONSE) }, length: 0 };
    out.text("sha256 ");
    for word in sha256(payload) {
        out.hex(word);
    }

    out.text("\ncrc32 ");
    out.hex(crc32(payload));
    out.text("\n");
    (out.bytes.as_ptr() as u64) << 32 | out.length as u64
}
