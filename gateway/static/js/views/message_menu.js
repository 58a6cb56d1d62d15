import { Menu } from "./menu.js";

/** @import { MessageItem } from "./items.js" */
/** @typedef {"react" | "reply" | "edit" | "copy" | "link" | "delete"} Action */

/**
 * What the menu of a message offers: of what is not in the log yet, only what concerns nobody else.
 * @param {MessageItem} item
 * @returns {Set<Action>}
 */
export function actionsFor({ own, seq, state, text }) {
  /** @type {[Action, unknown][]} */
  const all = [
    ["react", seq],
    ["reply", seq],
    ["edit", own && state !== "failed"],
    // Some browsers have no clipboard for pages that came without encryption.
    ["copy", text && navigator.clipboard],
    ["link", seq && navigator.clipboard],
    ["delete", own],
  ];
  return new Set(all.filter(([, may]) => may).map(([action]) => action));
}

/**
 * @param {HTMLElement} scroller
 * @param {(button: HTMLElement, action: Action) => void} onChoose
 * @returns {Menu<Action>}
 */
export const messageMenu = (scroller, onChoose) => new Menu({ id: "message-menu", scroller, onChoose });
