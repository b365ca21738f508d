//! Blocks of ChaCha8 in many streams side by side: the words that draws are made of.

use crate::internal::internal_error;

/// Words of one ChaCha block.
pub const BLOCK: usize = 16;

/// A quarter round in `L` streams. The state stays in memory, in rows longer than any register; from
/// an array of registers the compiler would vectorise along the wrong axis.
#[inline(always)]
fn quarter<const L: usize>(s: &mut [[u32; L]; 16], rows: [usize; 4]) {
    let Ok([a, b, c, d]) = s.get_disjoint_mut(rows) else {
        internal_error("a quarter round needs four different rows")
    };
    for i in 0..L {
        let (mut x, mut y, mut z, mut w) = (a[i], b[i], c[i], d[i]);
        x = x.wrapping_add(y);
        w = (w ^ x).rotate_left(16);
        z = z.wrapping_add(w);
        y = (y ^ z).rotate_left(12);
        x = x.wrapping_add(y);
        w = (w ^ x).rotate_left(8);
        z = z.wrapping_add(w);
        y = (y ^ z).rotate_left(7);
        (a[i], b[i], c[i], d[i]) = (x, y, z, w);
    }
}

const CONSTANTS: [u32; 4] = [0x6170_7865, 0x3320_646e, 0x7962_2d32, 0x6b20_6574];

/// One ChaCha8 block in `L` streams at once.
#[inline(always)]
pub fn chacha8<const L: usize>(
    key: &[u32; 8],
    block: u64,
    streams: &[u64; L],
    s: &mut [[u32; L]; BLOCK],
) {
    let counter = [block as u32, (block >> 32) as u32];
    let start = |i: usize| match i {
        0..4 => CONSTANTS[i],
        4..12 => key[i - 4],
        _ => counter[i - 12],
    };
    for (i, row) in s[..14].iter_mut().enumerate() {
        row.fill(start(i));
    }
    for i in 0..L {
        s[14][i] = streams[i] as u32;
        s[15][i] = (streams[i] >> 32) as u32;
    }
    eight_rounds(s);
    for (i, row) in s[..14].iter_mut().enumerate() {
        let first = start(i);
        for word in row {
            *word = word.wrapping_add(first);
        }
    }
    for i in 0..L {
        s[14][i] = s[14][i].wrapping_add(streams[i] as u32);
        s[15][i] = s[15][i].wrapping_add((streams[i] >> 32) as u32);
    }
}

#[inline(always)]
fn eight_rounds<const L: usize>(s: &mut [[u32; L]; BLOCK]) {
    for _ in 0..4 {
        quarter(s, [0, 4, 8, 12]);
        quarter(s, [1, 5, 9, 13]);
        quarter(s, [2, 6, 10, 14]);
        quarter(s, [3, 7, 11, 15]);
        quarter(s, [0, 5, 10, 15]);
        quarter(s, [1, 6, 11, 12]);
        quarter(s, [2, 7, 8, 13]);
        quarter(s, [3, 4, 9, 14]);
    }
}
