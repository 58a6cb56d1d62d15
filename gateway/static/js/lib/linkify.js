import { el } from "./dom.js";

const LINK = /https?:\/\/[^\s<>"'`\u0000-\u001f\u202a-\u202e\u2066-\u2069]+/giu;
const TRAILING = /[.,;:!?…"'*_~]+$/u;
const PAIRS = [["(", ")"], ["[", "]"], ["{", "}"]];

/** Where a link in running text ends: not with a full stop, nor with a bracket it did not open. */
function trim(candidate) {
  let link = candidate;
  for (;;) {
    const before = link;
    link = link.replace(TRAILING, "");
    for (const [open, close] of PAIRS) {
      if (link.endsWith(close) && link.split(open).length < link.split(close).length) link = link.slice(0, -1);
    }
    if (link === before) return link;
  }
}

function isWeb(link) {
  if (!URL.canParse(link)) return false;
  const url = new URL(link);
  return (url.protocol === "https:" || url.protocol === "http:") && url.hostname !== "";
}

/** Text as nodes: strings, and anchors for http and https addresses only. */
export function linkify(text) {
  const nodes = [];
  let end = 0;
  for (const match of text.matchAll(LINK)) {
    const link = trim(match[0]);
    if (!isWeb(link)) continue;
    if (match.index > end) nodes.push(text.slice(end, match.index));
    nodes.push(el("a", { href: link, target: "_blank", rel: "noopener noreferrer" }, link));
    end = match.index + link.length;
  }
  if (end < text.length) nodes.push(text.slice(end));
  return nodes;
}
