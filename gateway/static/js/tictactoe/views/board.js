// The board: a button a cell, one tab stop, arrow keys. Shows what it is given; decides nothing.

import { el } from "../../lib/dom.js";
import { cellName } from "../models/places.js";
import { LONGEST_LINE, worth } from "../models/worth.js";
import { Aim } from "./aim.js";
import { stone } from "./stones.js";
import { Zones } from "./zones.js";

const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const DENSE_FROM = 6; // columns or rows: words no longer fit a cell
const MANY = 25;
const MOST_DRAWN = 12;
const LOST = -1;

export class BoardView {
  /** onTake(cell): a free cell was chosen; onAim(cell): it waits for a second tap; onPage(by): PageUp, PageDown. */
  constructor(root, { onTake, onAim, onPage }) {
    this.root = root;
    this.onPage = onPage;
    this.aim = new Aim(root, onTake, onAim);
    this.cells = [...root.querySelectorAll(".cell")];
    root.addEventListener("click", (event) => {
      const cell = event.target.closest(".cell");
      if (cell && cell.getAttribute("aria-disabled") !== "true") this.aim.choose(event, cell, this.rules, this.side);
      else this.aim.clear();
    });
    root.addEventListener("keydown", (event) => this.#move(event));
    root.addEventListener("focusin", (event) => this.#makeTabStop(event.target));
  }

  /**
   * line: the cells that decided; allowed: those that may be taken; advice: null, or {side, best, moves, line};
   * over: the game ended by other means than the board.
   */
  render({ rules, position, line, side, allowed, advice, over = false }) {
    if (rules !== this.rules) this.#lay(rules);
    this.side = side;
    this.aim.clear();
    this.zones?.render(rules, position, over);
    this.root.classList.toggle("open", allowed.size > 0);
    this.root.classList.toggle("misere", rules.misere);
    const { board, last } = position;
    const telling = this.#telling(advice);
    this.cells.forEach((button, cell) => {
      button.setAttribute("aria-label", cellName(rules, board, cell));
      button.setAttribute("aria-disabled", String(!allowed.has(cell)));
      button.classList.toggle("won", Boolean(line?.includes(cell)));
      button.classList.toggle("faded", Boolean(line && !line.includes(cell)));
      button.classList.toggle("last", last === cell);
      this.#stone(button, board[cell]);
      this.#advise(button, cell, advice, telling);
    });
  }

  /** As many cells as the rules want; the nine that came with the page serve as they are. */
  #lay(rules) {
    const { columns, rows } = rules;
    const relaid = columns * rows !== this.cells.length || Boolean(this.zones) || Boolean(rules.ultimate);
    this.rules = rules;
    this.root.style.setProperty("--columns", columns);
    this.root.style.setProperty("--rows", rows);
    this.root.classList.toggle("dense", Math.max(columns, rows) >= DENSE_FROM);
    this.root.classList.toggle("ultimate", Boolean(rules.ultimate));
    if (!relaid) return;
    this.cells = Array.from({ length: columns * rows }, (_, cell) =>
      el("button", {
        type: "button",
        class: "cell",
        "data-cell": cell,
        tabindex: cell === 0 ? 0 : -1,
      }),
    );
    this.root.replaceChildren(...this.cells);
    this.zones = rules.ultimate ? new Zones(this.root, this.cells) : null;
  }

  #stone(button, held) {
    if (button.dataset.stone === held) return;
    button.dataset.stone = held;
    button.replaceChildren(...(held === "." ? [] : [stone(held)]));
  }

  /** The moves by cell. Of many, only the best are drawn: a board full of losses says nothing. */
  #telling(advice) {
    const moves = [...(advice?.moves ?? [])].sort((a, b) => b.value - a.value);
    const few = moves.length <= MANY;
    const telling = ({ cell, value }, rank) => few || (rank < MOST_DRAWN && value > LOST) || cell === advice.best;
    return new Map(moves.map((move, rank) => [move.cell, { move, drawn: telling(move, rank) }]));
  }

  #advise(button, cell, advice, telling) {
    button.querySelector(".worth")?.remove();
    button.removeAttribute("aria-description");
    delete button.dataset.worth;
    const label = el("span", { class: "worth" });
    const told = telling.get(cell);
    if (told) this.#value(button, label, told, advice);
    const ply = advice ? advice.line.indexOf(cell) : -1;
    if (ply > 0 && ply < LONGEST_LINE) label.dataset.ply = ply + 1;
    if (label.dataset.ply || label.hasChildNodes()) button.append(label);
  }

  #value(button, label, { move, drawn }, { side, best }) {
    const { kind, word, detail, mark } = worth(move, side);
    button.setAttribute("aria-description", `${word} ${detail}`.trim() + (move.cell === best ? ", best" : ""));
    if (!drawn) return;
    button.dataset.worth = kind;
    label.dataset.mark = mark;
    label.append(el("strong", {}, word), el("span", {}, detail));
    if (move.cell === best) label.append(el("span", { class: "best" }, "Best"));
  }

  #move(event) {
    const from = this.cells.indexOf(event.target);
    if (from < 0 || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "PageUp" || event.key === "PageDown") {
      event.preventDefault();
      this.onPage(event.key === "PageUp" ? -1 : 1);
      return;
    }
    const to = this.#neighbour(from, event.key);
    if (to === null) return;
    event.preventDefault();
    this.cells[to].focus();
  }

  #neighbour(from, key) {
    if (key === "Home") return 0;
    if (key === "End") return this.cells.length - 1;
    const step = STEPS[key];
    if (!step) return null;
    const { columns, rows } = this.rules;
    const column = ((from % columns) + step[0] + columns) % columns;
    const row = (Math.floor(from / columns) + step[1] + rows) % rows;
    return row * columns + column;
  }

  #makeTabStop(target) {
    if (!this.cells.includes(target)) return;
    for (const cell of this.cells) cell.tabIndex = cell === target ? 0 : -1;
  }
}
