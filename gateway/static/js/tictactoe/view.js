// The board: nine buttons, one tab stop, arrow keys. Shows what it is given; decides nothing.

import { cellName, worth } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";
const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

export class BoardView {
  /** onTake(cell) is called for a click, Enter or Space on a cell that may be taken. */
  constructor(root, onTake) {
    this.cells = [...root.querySelectorAll(".cell")];
    root.addEventListener("click", (event) => {
      const cell = event.target.closest(".cell");
      if (cell && cell.getAttribute("aria-disabled") !== "true") onTake(Number(cell.dataset.cell));
    });
    root.addEventListener("keydown", (event) => this.#move(event));
    root.addEventListener("focusin", (event) => this.#makeTabStop(event.target));
  }

  /** hint: null, or {side, best, moves: [{cell, outcome, distance}]}. */
  render({ board, line, last, open, hint }) {
    this.cells.forEach((button, cell) => {
      const stone = board[cell];
      button.setAttribute("aria-label", cellName(board, cell));
      button.setAttribute("aria-disabled", String(!(open && stone === ".")));
      button.classList.toggle("won", Boolean(line?.includes(cell)));
      button.classList.toggle("faded", Boolean(line && !line.includes(cell)));
      button.classList.toggle("last", last === cell);
      this.#stone(button, stone);
      this.#hint(button, cell, hint);
    });
  }

  #stone(button, stone) {
    if (button.dataset.stone === stone) return;
    button.dataset.stone = stone;
    button.replaceChildren(...(stone === "." ? [] : [drawing(stone)]));
  }

  #hint(button, cell, hint) {
    button.querySelector(".worth")?.remove();
    button.removeAttribute("aria-description");
    delete button.dataset.worth;
    const move = hint?.moves.find((each) => each.cell === cell);
    if (!move) return;
    const word = worth(move.outcome, hint.side);
    const best = cell === hint.best;
    const label = document.createElement("span");
    label.className = "worth";
    label.append(line("strong", word), line("span", pace(word, move.distance)));
    if (best) label.append(line("span", "Best", "best"));
    button.append(label);
    button.dataset.worth = word.toLowerCase();
    button.setAttribute("aria-description", `${word} ${pace(word, move.distance)}${best ? ", best" : ""}`.trim());
  }

  #move(event) {
    const from = this.cells.indexOf(event.target);
    const step = STEPS[event.key];
    if (from < 0 || event.altKey || event.ctrlKey || event.metaKey) return;
    let to;
    if (step) to = ((Math.floor(from / 3) + step[0] + 3) % 3) * 3 + (((from % 3) + step[1] + 3) % 3);
    else if (event.key === "Home") to = 0;
    else if (event.key === "End") to = 8;
    else return;
    event.preventDefault();
    this.cells[to].focus();
  }

  #makeTabStop(target) {
    if (!this.cells.includes(target)) return;
    for (const cell of this.cells) cell.tabIndex = cell === target ? 0 : -1;
  }
}

// The value's distance counts from the board after the move; people count the move itself too.
function pace(word, distance) {
  return word === "Draw" ? "" : `in ${distance + 1}`;
}

function line(tag, text, className = "") {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
}

function drawing(stone) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 100 100");
  svg.setAttribute("class", `stone stone-${stone}`);
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, stone === "X" ? "path" : "circle");
  const shape = stone === "X" ? { d: "M26 26 74 74M74 26 26 74" } : { cx: 50, cy: 50, r: 27 };
  for (const [name, value] of Object.entries(shape)) path.setAttribute(name, value);
  svg.append(path);
  return svg;
}
