let lastMs = 0;
let counter = 0;

/** A UUIDv7 (RFC 9562): sorts by time, and within a millisecond of one page by a counter. */
export function uuid7(now = Date.now()) {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  if (now > lastMs) {
    lastMs = now;
    counter = bytes[6] & 0x07;
  } else {
    counter += 1;
  }
  const ms = lastMs + Math.floor(counter / 4096);
  new DataView(bytes.buffer).setUint32(0, Math.floor(ms / 65536));
  bytes[4] = (ms >> 8) & 0xff;
  bytes[5] = ms & 0xff;
  bytes[6] = 0x70 | ((counter >> 8) & 0x0f);
  bytes[7] = counter & 0xff;
  bytes[8] = 0x80 | (bytes[8] & 0x3f);
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
