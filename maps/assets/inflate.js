"use strict";
// Deflate (RFC 1951) undone: for Leaflet at once, for data where there is no DecompressionStream.
const inflate = (() => {
  const ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
  const ladder = (bits, first) => {
    const base = new Uint16Array(bits.length);
    let at = first;
    bits.forEach((extra, i) => { base[i] = at; at += 1 << extra; });
    return base;
  };
  const LENGTH_BITS = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
  const APART_BITS = [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13];
  const LENGTH = ladder(LENGTH_BITS, 3), APART = ladder(APART_BITS, 1);
  LENGTH[28] = 258;

  // canonical Huffman code: number of symbols of each length, and the symbols in order
  const code = (lengths) => {
    const count = new Uint16Array(16), at = new Uint16Array(16), symbols = new Uint16Array(lengths.length);
    for (const length of lengths) count[length]++;
    count[0] = 0;
    for (let i = 1; i < 16; i++) at[i] = at[i - 1] + count[i - 1];
    lengths.forEach((length, symbol) => { if (length) symbols[at[length]++] = symbol; });
    return { count, symbols };
  };
  const FIXED = code([...Array(288).keys()].map((i) => (i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8)));
  const FIXED_APART = code(new Array(30).fill(5));

  return (source) => {
    let at = 0, held = 0, have = 0, out = new Uint8Array(Math.max(1024, source.length * 4)), size = 0;
    const bits = (count) => {
      while (have < count) { held |= source[at++] << have; have += 8; }
      const value = held & ((1 << count) - 1);
      held >>>= count;
      have -= count;
      return value;
    };
    const symbol = ({ count, symbols }) => {
      let value = 0, first = 0, index = 0;
      for (let length = 1; length < 16; length++) {
        value |= bits(1);
        if (value - count[length] < first) return symbols[index + value - first];
        index += count[length];
        first = (first + count[length]) << 1;
        value <<= 1;
      }
      throw new Error("not deflated");
    };
    const room = (more) => {
      if (size + more <= out.length) return;
      const wider = new Uint8Array(Math.max(out.length * 2, size + more));
      wider.set(out);
      out = wider;
    };
    const codes = () => {
      const literals = bits(5) + 257, aparts = bits(5) + 1, given = new Array(19).fill(0), lengths = [];
      for (let i = 0, n = bits(4) + 4; i < n; i++) given[ORDER[i]] = bits(3);
      const short = code(given);
      while (lengths.length < literals + aparts) {
        const next = symbol(short);
        if (next < 16) lengths.push(next);
        else {
          const value = next === 16 ? lengths[lengths.length - 1] : 0;
          const times = next === 16 ? 3 + bits(2) : next === 17 ? 3 + bits(3) : 11 + bits(7);
          for (let i = 0; i < times; i++) lengths.push(value);
        }
      }
      return [code(lengths.slice(0, literals)), code(lengths.slice(literals))];
    };
    for (let last = 0; !last; ) {
      last = bits(1);
      const kind = bits(2);
      if (kind === 0) {
        held = have = 0;
        const length = source[at] | (source[at + 1] << 8);
        room(length);
        out.set(source.subarray(at + 4, at + 4 + length), size);
        at += 4 + length;
        size += length;
        continue;
      }
      const [literal, apart] = kind === 1 ? [FIXED, FIXED_APART] : codes();
      for (;;) {
        const next = symbol(literal);
        if (next === 256) break;
        if (next < 256) { room(1); out[size++] = next; continue; }
        const length = LENGTH[next - 257] + bits(LENGTH_BITS[next - 257]), far = symbol(apart);
        const back = APART[far] + bits(APART_BITS[far]);
        room(length);
        for (let i = 0; i < length; i++, size++) out[size] = out[size - back];
      }
    }
    return out.subarray(0, size);
  };
})();
