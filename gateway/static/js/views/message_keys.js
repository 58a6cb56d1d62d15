/** @type {Record<string, (at: number, last: number) => number>} where a key goes from the button of a message */
const MOVES = {
  ArrowDown: (at, last) => Math.min(at + 1, last),
  ArrowUp: (at) => Math.max(at - 1, 0),
  Home: () => 0,
  End: (_, last) => last,
};

/**
 * Makes the buttons of all messages one stop for the Tab key: the newest, or where one has been; arrow keys go on from it.
 */
export class MessageKeys {
  /** @type {HTMLElement | null} */
  #stop = null;

  /** @param {HTMLElement} list */
  constructor(list) {
    this.list = list;
    list.addEventListener("keydown", (event) => this.#key(event));
    list.addEventListener("focusin", (event) => {
      const button = buttonOf(event);
      if (button) this.#move(button);
    });
  }

  /** Call it when the log has changed. */
  update() {
    const held = this.list.contains(document.activeElement);
    if (held && this.#stop?.isConnected && !this.#stop.hidden) return;
    this.#move(this.#buttons().at(-1) ?? null);
  }

  #buttons() {
    return /** @type {HTMLElement[]} */ ([...this.list.querySelectorAll(".message-actions:not([hidden])")]);
  }

  /** @param {HTMLElement | null} button */
  #move(button) {
    if (button === this.#stop) return;
    this.#stop?.setAttribute("tabindex", "-1");
    this.#stop = button;
    button?.setAttribute("tabindex", "0");
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const from = buttonOf(event);
    const opens = event.key === "Enter" && from !== event.target; // the message itself has the focus
    if (!from || !(opens || event.key in MOVES)) return;
    event.preventDefault();
    if (opens) {
      from.click();
      return;
    }
    const buttons = this.#buttons();
    const next = buttons[MOVES[event.key](buttons.indexOf(from), buttons.length - 1)];
    next.focus({ preventScroll: true });
    next.closest("li")?.scrollIntoView({ block: "nearest" });
  }
}

/**
 * The button that has the focus, or whose message has it.
 * @param {Event} event
 * @returns {HTMLElement | null}
 */
function buttonOf({ target }) {
  if (!(target instanceof HTMLElement)) return null;
  if (target.matches("li.message")) return target.querySelector(".message-actions:not([hidden])");
  return target.matches(".message-actions") ? target : null;
}
