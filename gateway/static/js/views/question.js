import { byId } from "../lib/dom.js";

/** A dialog that asks before something is done. */
export class Question {
  /** @type {() => void} */
  #go = () => {};

  /**
   * @param {string} id of the dialog
   * @param {string} yes the value of the button that goes on
   */
  constructor(id, yes) {
    this.dialog = byId(id, HTMLDialogElement);
    for (const choice of this.dialog.querySelectorAll("button")) {
      choice.addEventListener("click", () => this.dialog.close(choice.value));
    }
    this.dialog.addEventListener("close", () => this.dialog.returnValue === yes && this.#go());
  }

  /** @param {() => void} go */
  ask(go) {
    this.#go = go;
    this.dialog.returnValue = "";
    this.dialog.showModal();
  }
}
