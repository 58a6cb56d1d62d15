// The nine local boards of ultimate: which may be played, and who holds those that are decided. The cells' names say
// it too, and the status line, so these are for the eye.

import { el } from "../../lib/dom.js";
import { cellsOf } from "../models/ultimate.js";
import { stone } from "./stones.js";

/** @import { Position } from "../models/position.js" */
/** @import { Ultimate } from "../models/ultimate.js" */

export class Zones {
  /**
   * @param {HTMLElement} root
   * @param {HTMLElement[]} cells
   */
  constructor(root, cells) {
    this.cells = cells;
    this.zones = Array.from({ length: 9 }, (_, local) => {
      const zone = el("span", { class: "zone", "aria-hidden": "true" });
      zone.style.setProperty("--x", String((local % 3) * 3));
      zone.style.setProperty("--y", String(Math.floor(local / 3) * 3));
      return zone;
    });
    root.append(...this.zones);
  }

  /**
   * @param {Ultimate} rules
   * @param {Position} position
   * @param {boolean} over the game ended by other means than the board
   */
  render(rules, position, over) {
    const { status, line } = rules.result(position);
    const open = status === "playing" && !over ? rules.open(position) : [];
    rules.locals(position.board).forEach((state, local) => {
      const zone = this.zones[local];
      zone.classList.toggle("target", open.includes(local));
      zone.classList.toggle("won", Boolean(line?.includes(cellsOf(local)[0])));
      if (zone.dataset.state === state) return;
      zone.dataset.state = state;
      zone.replaceChildren(...(state === "X" || state === "O" ? [stone(state)] : []));
      for (const cell of cellsOf(local)) this.cells[cell].classList.toggle("decided", state !== "playing");
    });
  }
}
