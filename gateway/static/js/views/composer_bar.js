import { byId, one, setText } from "../lib/dom.js";
import { isolated } from "../lib/names.js";
import { DELETED, excerpt } from "./message_parts.js";

/** @import { Quoted } from "../models/quotations.js" */

/** The bar above the field: which message is answered or edited, and a way out of that. */
export class ComposerBar {
  /** @param {() => void} onCancel */
  constructor(onCancel) {
    this.bar = byId("composer-bar");
    this.icon = one(this.bar, "use", /** @type {any} */ (SVGUseElement));
    this.doing = byId("composer-doing");
    this.excerpt = byId("composer-excerpt");
    byId("composer-cancel").addEventListener("click", onCancel);
  }

  /**
   * @param {"reply" | "edit" | null} kind
   * @param {Quoted | null} quoted
   */
  draw(kind, quoted) {
    this.bar.hidden = kind === null;
    const doing = { edit: "Editing", reply: `Replying to ${isolated(quoted?.name ?? "")}` };
    setText(this.doing, kind ? doing[kind] : "");
    setText(this.excerpt, kind ? excerpt(quoted && quoted.text !== null ? quoted.said : DELETED) : "");
    if (kind) this.icon.setAttribute("href", `#icon-${kind}`);
  }
}
