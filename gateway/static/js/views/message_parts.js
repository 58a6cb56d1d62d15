// What may stand around a message's bubble: the quote above it, the reactions below it, and its state.

import { el, icon, setAttributes, setText } from "../lib/dom.js";
import { plain } from "../lib/format.js";
import { isolated } from "../lib/names.js";
import { reconcile } from "./reconcile.js";

/** @import { MessageItem } from "./items.js" */
/** @import { Context } from "./message.js" */
/** @typedef {MessageItem["reactions"][number]} Reaction */
/** @typedef {Record<string, string>} Names display names, by username */

const EXCERPT = 160;
export const DELETED = "Message deleted";
const OFFLINE = "You are offline; this will be sent when you are back.";
/** @type {Record<"sending" | "sent" | "delivered" | "read", [icon: string, word: string]>} */
const STATES = {
  sending: ["clock", "Sending"],
  sent: ["tick", "Sent"],
  delivered: ["ticks", "Delivered"],
  read: ["ticks", "Read"],
};

/**
 * A text in one line, as far as a quote goes.
 * @param {string} text
 */
export const excerpt = (text) => plain(text).slice(0, EXCERPT).replace(/\s+/g, " ").trim();

/**
 * A button of a message; what it does, MessageActions says by its `data-do`.
 * @param {string} does
 * @param {string} word
 */
const link = (does, word) => el("button", { type: "button", class: "link-button", "data-do": does }, word);

/**
 * The message that this one answers; patches `quote` where there is one.
 * @param {HTMLElement | null} quote
 * @param {MessageItem} item
 * @param {Names} names
 */
export function drawQuote(quote, { replyTo, reply }, names) {
  if (replyTo === null) return null;
  const lines = [el("span", { class: "quote-name", dir: "auto" }), el("span", { class: "quote-text", dir: "auto" })];
  const node = quote ?? el("button", { type: "button", class: "quote", "data-do": "quote" }, ...lines);
  const name = reply ? (names[reply.sender] ?? reply.sender) : "…";
  const text = reply?.deleted ? DELETED : excerpt(reply?.text ?? "…");
  const said = reply ? `Go to the message from ${isolated(name)}: ${isolated(text)}` : "Go to the message";
  // A new answer is read with its quote; a quote that follows an edit is not: that was read where it was made.
  setAttributes(node, { "aria-label": said, "data-target": replyTo, "aria-live": quote && "off" });
  node.classList.toggle("stub", reply?.deleted === true);
  setText(node.children[0], name);
  setText(node.children[1], text);
  return node;
}

/**
 * "edited", and what people said with one emoji; patches `foot` where there is one.
 * @param {HTMLElement | null} foot
 * @param {MessageItem} item
 * @param {Names} names
 */
export function drawFoot(foot, { edited, reactions }, names) {
  if (!edited && !reactions.length) return null;
  const node = foot ?? el("div", { class: "foot", "aria-live": "off" });
  const list = node.querySelector("ul") ?? el("ul", { class: "chips", "aria-label": "Reactions" });
  reconcile(list, reactions, {
    key: ({ emoji }) => emoji,
    signature: ({ by, own }) => `${own} ${namesOf(by, names)}`,
    node: (reaction) =>
      chip(el("li", {}, el("button", { type: "button", class: "chip", "data-do": "chip" })), reaction, names),
    patch: (item, reaction) => Boolean(chip(item, reaction, names)),
  });
  const mark = node.querySelector(":scope > .link-button");
  if (edited && !mark) {
    const button = link("versions", "edited");
    button.setAttribute("aria-haspopup", "dialog");
    node.prepend(button);
  }
  if (!edited) mark?.remove();
  if (reactions.length) node.append(list);
  else list.remove();
  return node;
}

/**
 * @param {string[]} by usernames
 * @param {Names} names
 */
const namesOf = (by, names) => by.map((username) => names[username] ?? username).join(", ");

/**
 * @param {HTMLElement} node
 * @param {Reaction} reaction
 * @param {Names} names
 */
function chip(node, { emoji, by, own }, names) {
  const who = namesOf(by, names);
  const button = /** @type {HTMLElement} */ (node.firstElementChild);
  setAttributes(button, { "aria-label": `${emoji}, ${who}`, "aria-pressed": String(own), "data-emoji": emoji });
  button.replaceChildren(
    el("span", { class: "chip-emoji" }, emoji),
    ...(by.length > 1 ? [String(by.length)] : []),
    el("span", { class: "chip-names", dir: "auto", "aria-hidden": "true" }, who),
  );
  return node;
}

/**
 * How far it has come, or what went wrong.
 * @param {MessageItem} item
 * @param {Context} context
 */
export function stateNode(item, { offline, retry, edit, deleting, files }) {
  if (item.changeFailed)
    return failedNode(
      item.failedKind === "delete" ? "Not deleted" : "Edit not saved",
      item.changeFailed,
      item.deleted ? link("keep-edit", "Keep as draft") : link("retry-edit", "Retry"),
      link("discard-edit", "Discard"),
    );
  if (item.changing && offline) {
    const what = item.deleted ? "deleted" : "saved";
    return waitingNode("clock", `You are offline; this will be ${what} when you are back.`, "sending");
  }
  if (item.state === null) return null;
  if (item.state !== "failed") {
    if (deleting(item)) return null;
    const [name, word] = STATES[item.state];
    if (item.state !== "sending" || !item.files.length)
      return waitingNode(name, item.state === "sending" && offline ? OFFLINE : word, item.state);
    const part =
      item.files.reduce((sum, { upload = "" }) => sum + (files.progress(upload) ?? 0), 0) / item.files.length;
    const cancel = el("button", { type: "button", class: "link-button" }, "Cancel");
    cancel.addEventListener("click", () => edit(item.client_id));
    const words = offline ? OFFLINE : `Sending, ${Math.floor(part * 100)} %`;
    return waitingNode(name, words, item.state, " · ", cancel);
  }
  const action = (/** @type {string} */ word, /** @type {(clientId: string) => void} */ run) => {
    const button = el("button", { type: "button", class: "link-button" }, word);
    button.addEventListener("click", () => run(item.client_id));
    return button;
  };
  return failedNode("Not sent", item.reason, action("Retry", retry), action("Edit", edit));
}

/**
 * @param {string} name of the icon
 * @param {string} words
 * @param {string} state
 * @param {(Node | string)[]} more
 */
const waitingNode = (name, words, state, ...more) =>
  el("p", { class: `state ${state}`, "aria-live": "off" }, icon(name, "icon tiny"), words, ...more);

/**
 * @param {string} what
 * @param {string | null} reason
 * @param {HTMLElement[]} actions
 */
function failedNode(what, reason, ...actions) {
  return el(
    "p",
    { class: "state failed" },
    icon("alert", "icon tiny"),
    el("span", {}, what),
    ...actions.flatMap((action) => [" · ", action]),
    el("span", { class: "reason" }, reason),
  );
}
