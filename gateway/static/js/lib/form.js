// One way for every form: errors beside their fields, the first one focused, one request at a time.

import { ProblemError, inWords } from "../net/api.js";
import { byId, setText } from "./dom.js";
import { sentence } from "./text.js";

/** Shows `messages` ({field: sentence}) beside the fields of `form`, and focuses the first. */
export function showErrors(form, messages) {
  let first = null;
  for (const input of form.querySelectorAll("input[aria-describedby]")) {
    const message = messages[input.name] ?? "";
    setText(byId(`${input.id}-error`), message);
    if (message) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
    if (message) first ??= input;
  }
  first?.focus();
  return first !== null;
}

/** The label's word in front of the server's half sentence ("is too short"). */
function explained(form, name, detail) {
  const label = form.querySelector(`[name="${CSS.escape(name)}"]`)?.labels[0]?.dataset.name ?? "";
  return sentence(/^\p{Ll}/u.test(detail) ? `${label || name} ${detail}` : detail);
}

/**
 * Runs `form`. check(values) → {field: sentence} before sending; send(values) talks to the API and
 * goes on; explain(error) → {field: sentence} or null for problems that belong to one field.
 */
export function runForm(form, { check = () => ({}), send, explain = () => null }) {
  const button = form.querySelector("button[type=submit]");
  const status = form.querySelector("[role=alert]");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (button.disabled) return;
    const values = Object.fromEntries(new FormData(form));
    setText(status, "");
    if (showErrors(form, check(values))) return;
    button.disabled = true;
    try {
      await send(values);
    } catch (error) {
      button.disabled = false;
      report(form, status, error, explain(error));
    }
  });
  form.addEventListener("input", (event) => {
    if (event.target.getAttribute("aria-invalid") !== "true") return;
    event.target.removeAttribute("aria-invalid");
    setText(byId(`${event.target.id}-error`), "");
  });
  button.disabled = false;
  return { done: () => (button.disabled = false) };
}

function report(form, status, error, known) {
  if (known && showErrors(form, known)) return;
  const fields = error instanceof ProblemError && error.status === 422 ? error.fields : {};
  const named = Object.entries(fields).map(([name, detail]) => [name, explained(form, name, detail)]);
  if (!showErrors(form, Object.fromEntries(named))) setText(status, inWords(error));
}

/** Makes a "Show" button beside a password field work. */
export function runPasswordToggle(button) {
  const input = byId(button.getAttribute("aria-controls"));
  button.addEventListener("click", () => {
    const show = input.type === "password";
    input.type = show ? "text" : "password";
    button.setAttribute("aria-pressed", String(show));
    setText(button.firstElementChild, show ? "Hide" : "Show");
    input.focus();
  });
  button.disabled = false;
}
