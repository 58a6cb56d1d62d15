// The card of a message's first link: what our server read of the page. It leads there, and loads nothing from there.

import { el, setAttributes, setText } from "../lib/dom.js";

const SEPARATOR = " · ";

/**
 * Patches `card` where there is one; null: there is no preview.
 * @param {HTMLElement | null} card
 * @param {Wire.LinkPreview | null} preview
 */
export function drawPreview(card, preview) {
  const host = preview && hostOf(preview.url);
  if (!preview || !host) return null;
  const lines = ["preview-site", "preview-title", "preview-words"].map((name) =>
    el("span", { class: name, dir: "auto" }),
  );
  const node = card ?? el("a", { class: "preview", target: "_blank", rel: "noopener noreferrer" }, ...lines);
  const { url, title, site, description = "" } = preview;
  // The site may call itself anything; where the link leads, the host says.
  const where = site && site !== host ? `${site}${SEPARATOR}${host}` : host;
  const label = `Preview of the link: ${title}, ${where}`;
  setAttributes(node, { href: url, "aria-label": label, "aria-description": description || null, "aria-live": "off" });
  const [first, second, third] = /** @type {HTMLCollectionOf<HTMLElement>} */ (node.children);
  setText(first, where);
  setText(second, title);
  setText(third, description);
  third.hidden = !description;
  return node;
}

/**
 * The host that a link leads to, as the browser reads it; null for what is no address of the web.
 * @param {string} link
 */
function hostOf(link) {
  if (!URL.canParse(link)) return null;
  const { protocol, host } = new URL(link);
  return /^https?:$/.test(protocol) ? host : null;
}
