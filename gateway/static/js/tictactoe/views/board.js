// The board: a button a cell, one tab stop, arrow keys. Shows what it is given; decides nothing.

import { el } from "../../lib/dom.js";
import { cellName } from "../models/places.js";
import { held } from "../models/position.js";
import { LONGEST_LINE, worth } from "../models/worth.js";
import { Aim } from "./aim.js";
import { stone } from "./stones.js";
import { Zones } from "./zones.js";

/** @import { Advice } from "../api.js" */
/** @import { Held, Position } from "../models/position.js" */
/** @import { Rules } from "../models/variants.js" */
/** @typedef {Map<number, { move: Wire.MoveAnalysed, drawn: boolean }>} Telling the moves by cell */

/**
 * @typedef {object} Shown
 * @property {Rules} rules
 * @property {Position} position
 * @property {number[] | null} line the cells that decided
 * @property {Wire.Side} side whose stone a tap would place
 * @property {Set<number>} allowed the cells that may be taken
 * @property {Advice | null} advice
 * @property {boolean} [over] the game ended by other means than the board
 */

/** @type {Record<string, [dx: number, dy: number]>} */
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const DENSE_FROM = 6; // columns or rows: words no longer fit a cell
const MANY = 25;
const MOST_DRAWN = 12;
const LOST = -1;

export class BoardView {
  /** @type {Rules | null} */
  #rules = null;
  /** @type {Wire.Side} */
  #side = "X";
  /** @type {Zones | null} */
  #zones = null;

  /**
   * @param {HTMLElement} root
   * @param {object} does
   * @param {(cell: number) => void} does.onTake a free cell was chosen
   * @param {(cell: number) => void} does.onAim it waits for a second tap
   * @param {(by: number) => void} does.onPage PageUp, PageDown
   */
  constructor(root, { onTake, onAim, onPage }) {
    this.root = root;
    this.onPage = onPage;
    this.aim = new Aim(root, onTake, onAim);
    this.cells = /** @type {HTMLElement[]} */ ([...root.querySelectorAll(".cell")]);
    root.addEventListener("click", (event) => {
      const cell = this.#cellOf(event);
      if (!this.#rules || cell?.getAttribute("aria-disabled") !== "false") this.aim.clear();
      else this.aim.choose(event, cell, this.#rules, this.#side);
    });
    root.addEventListener("keydown", (event) => this.#move(event));
    root.addEventListener("focusin", (event) => this.#makeTabStop(this.#cellOf(event)));
  }

  /** @param {Shown} shown */
  render({ rules, position, line, side, allowed, advice, over = false }) {
    if (rules !== this.#rules) this.#lay(rules);
    this.#side = side;
    this.aim.clear();
    if (rules.ultimate) this.#zones?.render(rules, position, over);
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
      this.#stone(button, held(board, cell));
      this.#advise(button, cell, advice, telling);
    });
  }

  /**
   * As many cells as the rules want; the nine that came with the page serve as they are.
   * @param {Rules} rules
   */
  #lay(rules) {
    const { columns, rows } = rules;
    const relaid = columns * rows !== this.cells.length || this.#zones !== null || rules.ultimate;
    this.#rules = rules;
    this.root.style.setProperty("--columns", String(columns));
    this.root.style.setProperty("--rows", String(rows));
    this.root.classList.toggle("dense", Math.max(columns, rows) >= DENSE_FROM);
    this.root.classList.toggle("ultimate", rules.ultimate);
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
    this.#zones = rules.ultimate ? new Zones(this.root, this.cells) : null;
  }

  /**
   * @param {HTMLElement} button
   * @param {Held} side
   */
  #stone(button, side) {
    if (button.dataset.stone === side) return;
    button.dataset.stone = side;
    button.replaceChildren(...(side === "." ? [] : [stone(side)]));
  }

  /**
   * Of many moves, only the best are drawn: a board full of losses says nothing.
   * @param {Advice | null} advice
   * @returns {Telling}
   */
  #telling(advice) {
    const moves = [...(advice?.moves ?? [])].sort((a, b) => b.value - a.value);
    const few = moves.length <= MANY;
    return new Map(
      moves.map((move, rank) => {
        const drawn = few || (rank < MOST_DRAWN && move.value > LOST) || move.cell === advice?.best;
        return [move.cell, { move, drawn }];
      }),
    );
  }

  /**
   * @param {HTMLElement} button
   * @param {number} cell
   * @param {Advice | null} advice
   * @param {Telling} telling
   */
  #advise(button, cell, advice, telling) {
    button.querySelector(".worth")?.remove();
    button.removeAttribute("aria-description");
    delete button.dataset.worth;
    const label = el("span", { class: "worth" });
    const told = telling.get(cell);
    if (told && advice) this.#value(button, label, told, advice);
    const ply = advice ? advice.line.indexOf(cell) : -1;
    if (ply > 0 && ply < LONGEST_LINE) label.dataset.ply = String(ply + 1);
    if (label.dataset.ply || label.hasChildNodes()) button.append(label);
  }

  /**
   * @param {HTMLElement} button
   * @param {HTMLElement} label
   * @param {{ move: Wire.MoveAnalysed, drawn: boolean }} told
   * @param {Advice} advice
   */
  #value(button, label, { move, drawn }, { side, best }) {
    const { kind, word, detail, mark } = worth(move, side);
    button.setAttribute("aria-description", `${word} ${detail}`.trim() + (move.cell === best ? ", best" : ""));
    if (!drawn) return;
    button.dataset.worth = kind;
    label.dataset.mark = mark;
    label.append(el("strong", {}, word), el("span", {}, detail));
    if (move.cell === best) label.append(el("span", { class: "best" }, "Best"));
  }

  /** @param {KeyboardEvent} event */
  #move(event) {
    const cell = this.#cellOf(event);
    if (!cell || !this.#rules || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "PageUp" || event.key === "PageDown") {
      event.preventDefault();
      this.onPage(event.key === "PageUp" ? -1 : 1);
      return;
    }
    const to = neighbour(this.#rules, this.cells.indexOf(cell), event.key);
    if (to === null) return;
    event.preventDefault();
    this.cells[to].focus();
  }

  /** @param {Event} event */
  #cellOf({ target }) {
    return this.cells.find((cell) => target instanceof Node && cell.contains(target)) ?? null;
  }

  /** @param {HTMLElement | null} chosen */
  #makeTabStop(chosen) {
    if (chosen) for (const cell of this.cells) cell.tabIndex = cell === chosen ? 0 : -1;
  }
}

/**
 * The cell to which a key leads, around the edges; null for every other key.
 * @param {Rules} rules
 * @param {number} from
 * @param {string} key
 */
function neighbour({ columns, rows }, from, key) {
  if (key === "Home") return 0;
  if (key === "End") return columns * rows - 1;
  if (!Object.hasOwn(STEPS, key)) return null;
  const [dx, dy] = STEPS[key];
  const column = ((from % columns) + dx + columns) % columns;
  const row = (Math.floor(from / columns) + dy + rows) % rows;
  return row * columns + column;
}
