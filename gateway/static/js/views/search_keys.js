import { byId } from "../lib/dom.js";

/** @import { Part } from "../lib/part.js" */
/** @import { Finder } from "./finder.js" */

/**
 * The buttons and the keys with which people begin to search.
 * @param {Part<Finder>} finder
 */
export function runSearchKeys(finder) {
  finder.openedBy(byId("search-all", HTMLButtonElement), (one) => one.show(false));
  finder.openedBy(byId("search-here", HTMLButtonElement), (one) => one.show(true));
  addEventListener("keydown", (event) => {
    const { key, ctrlKey, metaKey, altKey, target } = event;
    const writes = target instanceof HTMLElement && target.matches("input, textarea, select");
    const chord = key.toLowerCase() === "k" && (ctrlKey || metaKey) && !altKey;
    const slash = key === "/" && !ctrlKey && !metaKey && !altKey && !writes;
    if (!(chord || slash) || event.defaultPrevented || document.querySelector("dialog:modal")) return;
    event.preventDefault();
    finder.want((one) => one.show(false));
  });
}
