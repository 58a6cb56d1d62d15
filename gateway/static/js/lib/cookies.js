// Duet knows who somebody is by a cookie. Where none is kept an account could be made, and nobody would be in it.

const PROBE = "duet-probe";

/** What a form that logs somebody in must say instead of sending anything; "" where cookies are kept. */
export function cookiesNeeded() {
  return keepsCookies() ? "" : "Duet needs a cookie to keep you logged in. Allow cookies for this site and try again.";
}

function keepsCookies() {
  try {
    write(`${PROBE}=1`);
    const kept = document.cookie.split("; ").includes(`${PROBE}=1`);
    write(`${PROBE}=; Max-Age=0`);
    return kept;
  } catch {
    return false; // in some browsers even looking throws
  }
}

/** @param {string} cookie */
function write(cookie) {
  // biome-ignore lint/suspicious/noDocumentCookie: not every browser has the other way to write one
  document.cookie = `${cookie}; Path=/; SameSite=Lax`;
}
