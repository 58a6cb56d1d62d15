import { gameSignature } from "../games/models/items.js";
import { drawGame, patchGame } from "../games/views/item.js";
import { el, icon, setAttributes, setText } from "../lib/dom.js";
import { formatted, sourceOf } from "../lib/format_nodes.js";
import { isolated } from "../lib/names.js";
import { isOnlyEmoji } from "../lib/text.js";
import { clock, day, full, zone } from "../lib/time.js";
import { drawFiles, filesSignature } from "./attachments.js";
import { DELETED, drawFoot, drawQuote, stateNode } from "./message_parts.js";
import { drawPreview } from "./preview.js";

/** @import { Actions, Context as GameContext } from "../games/views/card.js" */
/** @import { Drawing } from "../games/views/item.js" */
/** @import { Part } from "../lib/part.js" */
/** @import { Files } from "./attachments.js" */
/** @import { Item, MessageItem } from "./items.js" */

/**
 * What the nodes need beside their items. names: display names by username.
 * @typedef {object} Does
 * @property {(clientId: string) => void} retry
 * @property {(clientId: string) => void} edit
 * @property {Files} files
 * @property {(item: MessageItem) => boolean} deleting whether it is deleted in a moment, unless somebody undoes it
 * @property {Actions & GameDoes} games
 *
 * @typedef {object} GameDoes
 * @property {(node: HTMLElement) => void} changed its buttons are others now
 * @property {Part<Drawing>} drawing what draws games
 * @property {() => void} draw loads that once more
 *
 * @typedef {GameContext & Does} Context
 */

/**
 * Equal as long as what is drawn of `item` stays the same.
 * @param {Item} item
 * @param {Context} context
 */
export function signature(item, { offline, names, deleting, files, games }) {
  if (item.kind === "day") return day(item.time);
  if (item.kind === "unread") return "";
  if (item.kind === "game") {
    const { made, failed } = games.drawing;
    return [gameSignature(item, { offline, names }), made !== null, failed].join();
  }
  const { seq, first, state, reason, time, sender, text, edited, deleted, changing, changeFailed, failedKind } = item;
  const waits = (state === "sending" || changing) && offline;
  const said = [names[sender], deleted, deleting(item), text, edited, changeFailed, failedKind];
  const around = [item.replyTo, ...[item.reply, item.reactions, item.preview].map((part) => JSON.stringify(part))];
  const shown = item.files.length ? filesSignature(item.files, files) : "";
  return [seq, first, state, waits, reason, time, zone(), ...said, ...around, shown].join("\n");
}

/**
 * The <li> of an item.
 * @param {Item} item
 * @param {Context} context
 */
export function itemNode(item, context) {
  if (item.kind === "day") return el("li", { class: "day" }, el("span", {}, day(item.time)));
  if (item.kind === "unread") return el("li", { class: "unread-divider" }, el("span", {}, "Unread messages"));
  if (item.kind === "game") {
    const node = el("li", { class: "game-item", "aria-live": "off" });
    drawGame(node, item, context);
    return node;
  }
  const meta = el("p", {}, el("span", { class: "sender", dir: "auto" }), " ", el("time"));
  const named = { "aria-label": "Message actions", "aria-haspopup": "menu", "aria-expanded": "false" };
  const button = { type: "button", class: "icon-button message-actions", "data-do": "menu", tabindex: -1, ...named };
  const bubble = el("div", { class: "bubble", dir: "auto" });
  const body = el("div", { class: "body" }, bubble);
  const said = el("div", { class: "said" }, body, el("button", button, icon("more", "icon small")));
  const node = el("li", {}, meta, said);
  patchItem(node, item, context);
  return node;
}

/**
 * Brings the <li> of a message or a game up to date. False for other items, which are drawn again.
 * @param {HTMLElement} node
 * @param {Item} item
 * @param {Context} context
 */
export function patchItem(node, item, context) {
  if (item.kind === "game") {
    for (const changed of patchGame(node, item, context)) context.games.changed(changed);
    return true;
  }
  if (item.kind !== "message") return false;
  const { names } = context;
  const gone = item.deleted || context.deleting(item);
  const large = !gone && !item.files.length && isOnlyEmoji(item.text);
  const kinds = ["message", item.own ? "own" : "peer", item.first && "first", large && "emoji", gone && "gone"];
  setAttributes(node, { class: kinds.filter(Boolean).join(" "), "data-seq": item.seq, "data-key": item.key });
  drawMeta(/** @type {HTMLElement} */ (node.firstElementChild), item, names);
  const said = /** @type {HTMLElement} */ (part(node, "said"));
  drawSaid(said, item, context);
  const quote = gone ? null : drawQuote(part(node, "quote"), item, names);
  const preview = gone ? null : drawPreview(part(node, "preview"), item.preview);
  const foot = gone ? null : drawFoot(part(node, "foot"), item, names);
  put(node, "quote", quote, said);
  put(node, "preview", preview, said.nextSibling);
  put(node, "foot", foot, (preview ?? said).nextSibling);
  part(node, "state")?.remove();
  const state = stateNode(item, context);
  if (state) node.append(state);
  return true;
}

/**
 * @param {HTMLElement} node
 * @param {string} name
 * @returns {HTMLElement | null}
 */
const part = (node, name) => node.querySelector(`:scope > .${name}`);

/**
 * Makes `wanted` the part of that name; null: there is none.
 * @param {HTMLElement} node
 * @param {string} name
 * @param {HTMLElement | null} wanted
 * @param {Node | null} before
 */
function put(node, name, wanted, before) {
  if (!wanted) part(node, name)?.remove();
  else if (wanted.parentElement !== node) node.insertBefore(wanted, before);
}

/**
 * @param {HTMLElement} meta
 * @param {MessageItem} item
 * @param {Record<string, string>} names
 */
function drawMeta(meta, item, names) {
  setAttributes(meta, { class: item.first ? "meta" : "meta visually-hidden" });
  const [sender, time] = meta.children;
  setText(sender, names[item.sender] ?? item.sender);
  setAttributes(time, { datetime: item.time, title: full(item.time) });
  setText(time, clock(item.time));
}

/**
 * The files, the bubble and their button: the text, or that it is gone.
 * @param {HTMLElement} said
 * @param {MessageItem} item
 * @param {Context} context
 */
function drawSaid(said, item, { names, deleting, files }) {
  const [body, actions] = /** @type {HTMLCollectionOf<HTMLElement>} */ (said.children);
  const bubble = /** @type {HTMLElement} */ (part(body, "bubble"));
  const going = !item.deleted && deleting(item);
  const look = item.deleted ? "deleted" : going ? "going" : "text";
  const stub = item.own ? DELETED : `${isolated(names[item.sender] ?? item.sender)} deleted this message`;
  const words = item.deleted ? stub : item.text;
  actions.hidden = item.deleted || going;
  put(body, "files", going ? null : drawFiles(part(body, "files"), item, files), bubble);
  bubble.hidden = look === "text" && !item.text && item.files.length > 0;
  if (bubble.dataset.look === look && (going || sourceOf(bubble) === words)) return;
  bubble.dataset.look = look;
  const undo = going && el("button", { type: "button", class: "link-button", "data-do": "undo" }, "Undo");
  bubble.replaceChildren(...(undo ? ["Deleted · ", undo] : item.deleted ? [stub] : formatted(item.text)));
}
