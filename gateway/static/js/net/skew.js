// How far this machine's clock is ahead of the server's, in ms. By the time it arrives, anything the server dated is
// at least as old as it says, so the smallest difference ever seen is closest to the truth.

let least = Infinity;

/**
 * The server wrote this time just now or earlier.
 * @param {string | null} time RFC 3339 or an HTTP date
 */
export function heard(time, now = Date.now()) {
  const difference = now - Date.parse(time ?? "");
  if (difference < least) least = difference;
}

/** Now, by the server's clock. */
export const serverNow = (now = Date.now()) => (least === Infinity ? now : now - least);
