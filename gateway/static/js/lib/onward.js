/**
 * Where to go after logging in: the page asked for, if it is one of ours; else the inbox.
 * @param {string} search
 * @param {string} origin
 */
export function onward(search, origin) {
  const next = new URLSearchParams(search).get("next") ?? "";
  if (!next.startsWith("/") || !URL.canParse(next, origin)) return "/messages";
  const url = new URL(next, origin);
  // Without its dots, `/.//host` is a path that leads to another host.
  return url.origin === origin && !url.pathname.startsWith("//") ? url.pathname + url.search : "/messages";
}
