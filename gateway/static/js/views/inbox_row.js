import { avatar } from "../lib/avatar.js";
import { el, hidden, icon } from "../lib/dom.js";
import { plain } from "../lib/format.js";
import { isolated } from "../lib/names.js";
import { full } from "../lib/time.js";

/**
 * What a row says of its thread: about a game, or what somebody wrote (speaker: "You:", or "" for the peer).
 * @typedef {{ said: string } | { said?: undefined, speaker: string, text: string }} Preview
 */
/**
 * @typedef {object} Row
 * @property {string} username
 * @property {string} display_name
 * @property {boolean} alike another row has the same name
 * @property {boolean} online
 * @property {number} unread
 * @property {boolean} marked as unread
 * @property {boolean} muted
 * @property {Preview} preview
 * @property {"" | "failed" | "yours" | "draft"} urgent what the preview is about: yours: a game waits for me
 * @property {boolean} typing
 * @property {string} time of what happened last, "" for nothing yet
 * @property {string} when the same, short
 * @property {boolean} open
 */

const MAX_COUNT = 999;
const PREVIEW_LENGTH = 200;

/** @param {Row} row */
export const rowNode = (row) => el("li", {}, linkOf(row), optionsOf(row));

/**
 * Brings a row up to date. Its button stays: a menu may be open beside it.
 * @param {HTMLElement} node
 * @param {Row} row
 */
export function patchRow(node, row) {
  const [link, options] = node.children;
  link.replaceWith(linkOf(row));
  options.setAttribute("aria-label", optionsName(row));
  return true;
}

/** @param {Row} row */
const optionsName = ({ display_name }) => `Chat options for ${isolated(display_name)}`;

/** @param {Row} row */
function optionsOf(row) {
  const label = optionsName(row);
  /** @type {import("../lib/dom.js").Attributes} */
  const attributes = { class: "icon-button row-options", type: "button", "aria-label": label, title: "Chat options" };
  return el("button", { ...attributes, "aria-haspopup": "menu", "aria-expanded": "false" }, icon("more"));
}

/**
 * What a row says of its thread: our own words, or somebody's, in their own text direction.
 * @param {Row} row
 */
function previewNode({ preview, urgent, typing }) {
  if (typing) return el("span", { class: "row-text typing" }, "typing…");
  if (preview.said !== undefined) return el("span", { class: `row-text ${urgent}` }, preview.said);
  const { speaker } = preview;
  const text = plain(preview.text).slice(0, PREVIEW_LENGTH);
  const who = speaker && el("bdi", { class: "row-speaker" }, speaker);
  // The first line turns the row; each of the others keeps its own direction.
  const lines = text.split("\n").flatMap((line, index) => (index ? [" ", el("bdi", {}, line)] : line));
  return el("span", { class: `row-text ${urgent}`, dir: "auto" }, who, speaker && " ", ...lines);
}

/**
 * How much is unread, or only that somebody marked it so. Quiet where it is muted.
 * @param {Row} row
 */
function badge({ unread, marked, muted }) {
  const quiet = muted ? " quiet" : "";
  const count = unread >= MAX_COUNT ? `${MAX_COUNT}+` : String(unread);
  if (unread) return el("span", { class: `badge${quiet}` }, count, hidden(" unread"));
  return marked ? el("span", { class: `badge marked${quiet}` }, hidden("Marked as unread")) : null;
}

/** @param {Row} row */
function linkOf(row) {
  const { username, display_name, alike, online, unread, marked, muted, time, when, open } = row;
  const look = unread || marked ? "row unread" : "row";
  return el(
    "a",
    { class: look, href: `/messages/${username}`, "data-username": username, "aria-current": open ? "page" : null },
    el(
      "span",
      { class: "face" },
      avatar(username, display_name),
      online ? el("span", { class: "dot" }, hidden("online")) : null,
    ),
    el(
      "span",
      { class: "row-name" },
      el("span", { class: "name", dir: "auto" }, display_name),
      alike ? el("span", { class: "handle" }, ` @${username}`) : null,
      muted ? el("span", { class: "row-muted" }, icon("mute", "icon small"), hidden("muted")) : null,
    ),
    el("time", { class: "row-time", datetime: time, title: time && full(time) }, when),
    previewNode(row),
    badge(row),
  );
}
