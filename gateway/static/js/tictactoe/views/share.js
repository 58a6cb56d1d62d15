// The link to a position: copied, and shown for those whose browser does not let pages copy.

import { onPress } from "../../lib/buttons.js";
import { byId } from "../../lib/dom.js";

export class Share {
  /**
   * @param {() => string} linkNow the address of what is shown
   * @param {(copied: boolean) => void} onShared after a press
   */
  constructor(linkNow, onShared) {
    this.field = byId("share-link", HTMLInputElement);
    this.box = byId("share-box");
    onPress(byId("share"), async () => {
      this.field.value = linkNow();
      this.box.hidden = false;
      const copied = await this.#copy();
      if (!copied) this.field.select();
      onShared(copied);
    });
  }

  /** The link shown is no longer that of the board. */
  forget() {
    this.box.hidden = true;
  }

  async #copy() {
    try {
      await navigator.clipboard.writeText(this.field.value);
      return true;
    } catch {
      return false; // no secure context, or not allowed
    }
  }
}
