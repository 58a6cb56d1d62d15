// Everything around the board: seats, score, status, buttons, the watch bar, trouble. Shows and reports, decides nothing.

const find = (id) => document.getElementById(id);

export class Panel {
  /** actions: newGame, undo, hint, retry, play, step, speed(ms), seat(side, value). */
  constructor(actions) {
    this.buttons = { undo: find("undo"), hint: find("hint"), step: find("step"), play: find("play") };
    onPress(find("new-game"), actions.newGame);
    onPress(find("retry"), actions.retry);
    for (const [name, button] of Object.entries(this.buttons)) onPress(button, actions[name]);
    find("speed").addEventListener("change", (event) => actions.speed(Number(event.target.value)));
    for (const side of ["X", "O"]) {
      find(`seat-${side}`).addEventListener("change", (event) => actions.seat(side, event.target.value));
    }
  }

  render({ side, playing, score, canUndo, canHint, hinted, watched, running, trouble }) {
    for (const seat of document.querySelectorAll("[data-seat]")) {
      seat.classList.toggle("on-turn", playing && seat.dataset.seat === side);
    }
    for (const [result, count] of Object.entries(score)) {
      document.querySelector(`[data-score="${result}"]`).textContent = String(count);
    }
    enable(this.buttons.undo, canUndo);
    enable(this.buttons.hint, canHint);
    this.buttons.hint.setAttribute("aria-pressed", String(hinted));
    enable(this.buttons.play, playing);
    enable(this.buttons.step, playing && !running);
    this.buttons.play.textContent = running ? "Pause" : "Play";
    find("watch").hidden = !watched;
    this.#trouble(trouble);
  }

  /** `spoken` is for those who cannot see the board; `shown` for everyone. */
  say(shown, spoken = "") {
    const status = find("status");
    if (status.dataset.said === spoken + shown) return;
    status.dataset.said = spoken + shown;
    const hidden = document.createElement("span");
    hidden.className = "visually-hidden";
    hidden.textContent = spoken && `${spoken} `;
    status.replaceChildren(hidden, shown);
  }

  #trouble(words) {
    const box = find("trouble");
    const hadFocus = box.contains(document.activeElement);
    if (words !== null) find("trouble-words").textContent = words;
    box.hidden = words === null;
    if (hadFocus && box.hidden) find("new-game").focus();
  }
}

// aria-disabled instead of disabled: a button that had the focus keeps it.
function enable(button, enabled) {
  button.setAttribute("aria-disabled", String(!enabled));
}

function onPress(button, action) {
  button.addEventListener("click", () => {
    if (button.getAttribute("aria-disabled") !== "true") action();
  });
}
