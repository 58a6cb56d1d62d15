import { gameSignature } from "../games/models/items.js";
import { drawGame, patchGame } from "../games/views/item_node.js";
import { el, icon, setAttributes, setText } from "../lib/dom.js";
import { linkify } from "../lib/linkify.js";
import { isOnlyEmoji } from "../lib/text.js";
import { clock, day, full, zone } from "../lib/time.js";

/** @import { Actions, Context as GameContext } from "../games/views/card.js" */
/** @import { Item, MessageItem } from "./items.js" */

/**
 * What the nodes need beside their items. names: display names by username.
 * @typedef {object} Does
 * @property {(clientId: string) => void} retry
 * @property {(clientId: string) => void} edit
 * @property {Actions & { changed: (node: HTMLElement) => void }} games changed: its buttons are others now
 *
 * @typedef {GameContext & Does} Context
 */

/** @type {Record<"sending" | "sent" | "read", [icon: string, word: string]>} */
const STATES = {
  sending: ["clock", "Sending"],
  sent: ["tick", "Sent"],
  read: ["ticks", "Read"],
};
const OFFLINE = "You are offline; this will be sent when you are back.";

/**
 * Equal as long as what is drawn of `item` stays the same.
 * @param {Item} item
 * @param {Context} context
 */
export function signature(item, { offline, names }) {
  if (item.kind === "day") return day(item.time);
  if (item.kind === "unread") return "";
  if (item.kind === "game") return gameSignature(item, { offline, names });
  const { seq, first, state, reason, time, sender, text } = item;
  return [seq, first, state, state === "sending" && offline, reason, time, zone(), names[sender], text].join("\n");
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
  const node = el("li", {}, meta, el("p", { class: "bubble", dir: "auto" }, ...linkify(item.text)));
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
  const [meta, bubble, state] = node.children;
  if (bubble.textContent !== item.text) bubble.replaceChildren(...linkify(item.text));
  const kinds = ["message", item.own ? "own" : "peer", item.first && "first", isOnlyEmoji(item.text) && "emoji"];
  setAttributes(node, { class: kinds.filter(Boolean).join(" "), "data-seq": item.seq });
  setAttributes(meta, { class: item.first ? "meta" : "meta visually-hidden" });
  const [sender, time] = meta.children;
  setText(sender, context.names[item.sender] ?? item.sender);
  setAttributes(time, { datetime: item.time, title: full(item.time) });
  setText(time, clock(item.time));
  state?.remove();
  if (item.state) node.append(stateNode(item, context));
  return true;
}

/**
 * @param {MessageItem} item
 * @param {Context} context
 */
function stateNode(item, { offline, retry, edit }) {
  if (item.state && item.state !== "failed") {
    const [name, word] = STATES[item.state];
    const words = item.state === "sending" && offline ? OFFLINE : word;
    return el("p", { class: `state ${item.state}`, "aria-live": "off" }, icon(name, "icon tiny"), words);
  }
  const action = (/** @type {string} */ word, /** @type {(clientId: string) => void} */ run) => {
    const button = el("button", { type: "button", class: "link-button" }, word);
    button.addEventListener("click", () => run(item.client_id));
    return button;
  };
  return el(
    "p",
    { class: "state failed" },
    icon("alert", "icon tiny"),
    el("span", {}, "Not sent"),
    " · ",
    action("Retry", retry),
    " · ",
    action("Edit", edit),
    el("span", { class: "reason" }, item.reason),
  );
}
