// What all forms have in common: errors beside their fields, the first one focused, one request at a time.

import { inWords, ProblemError } from "../net/api.js";
import { enable, isEnabled } from "./buttons.js";
import { byId, one, setText } from "./dom.js";
import { sentence } from "./text.js";

/** @typedef {Record<string, string>} Sentences one for each field that it is about; "" for none */

/**
 * Shows `messages` beside the fields of `form`, and focuses the first. Whether there were any.
 * @param {HTMLFormElement} form
 * @param {Sentences} messages
 */
export function showErrors(form, messages) {
  /** @type {HTMLInputElement | undefined} */
  let first;
  for (const input of /** @type {NodeListOf<HTMLInputElement>} */ (form.querySelectorAll("input[aria-describedby]"))) {
    const message = messages[input.name] ?? "";
    setText(byId(`${input.id}-error`), message);
    if (message) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
    if (message) first ??= input;
  }
  first?.focus();
  return first !== undefined;
}

/**
 * The label's word in front of the server's half sentence ("is too short").
 * @param {HTMLFormElement} form
 * @param {string} name
 * @param {string} detail
 */
function explained(form, name, detail) {
  const input = form.elements.namedItem(name);
  const label = (input instanceof HTMLInputElement && input.labels?.[0]?.dataset.name) || "";
  return sentence(/^\p{Ll}/u.test(detail) ? `${label || name} ${detail}` : detail);
}

/**
 * Runs `form`. check: before sending. send: talks to the API and goes on. explain: for problems that belong to one field.
 * missing: what the browser lacks, without which nothing is sent.
 * @template {Record<string, string>} Values
 * @param {HTMLFormElement} form
 * @param {{
 *   check?: (values: Values) => Sentences,
 *   send: (values: Values) => Promise<void>,
 *   explain?: (error: unknown) => Sentences | null,
 *   missing?: () => string,
 * }} does
 */
export function runForm(form, { check = () => ({}), send, explain = () => null, missing = () => "" }) {
  const button = one(form, "button[type=submit]", HTMLButtonElement);
  const status = one(form, "[role=alert]");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!isEnabled(button)) return;
    const values = /** @type {Values} */ (Object.fromEntries(new FormData(form)));
    const lacked = missing();
    setText(status, lacked);
    if (lacked || showErrors(form, check(values))) return;
    enable(button, false);
    try {
      await send(values);
    } catch (error) {
      enable(button, true);
      report(form, status, error, explain(error));
    }
  });
  form.addEventListener("input", (event) => {
    const input = /** @type {Element} */ (event.target);
    if (input.getAttribute("aria-invalid") !== "true") return;
    input.removeAttribute("aria-invalid");
    setText(byId(`${input.id}-error`), "");
  });
  setText(status, missing());
  button.disabled = false;
  return {
    done() {
      enable(button, true);
    },
  };
}

/**
 * @param {HTMLFormElement} form
 * @param {Element} status
 * @param {unknown} error
 * @param {Sentences | null} known
 */
function report(form, status, error, known) {
  if (known && showErrors(form, known)) return;
  const fields = error instanceof ProblemError && error.status === 422 ? error.fields : {};
  const named = Object.entries(fields).map(([name, detail]) => [name, explained(form, name, detail)]);
  if (!showErrors(form, Object.fromEntries(named))) setText(status, inWords(error));
}

/**
 * Makes a "Show" button beside a password field work.
 * @param {HTMLButtonElement} button
 */
export function runPasswordToggle(button) {
  const input = byId(button.getAttribute("aria-controls") ?? "", HTMLInputElement);
  button.addEventListener("click", () => {
    const show = input.type === "password";
    input.type = show ? "text" : "password";
    button.setAttribute("aria-pressed", String(show));
    setText(one(button, "span"), show ? "Hide" : "Show");
    input.focus();
  });
  button.disabled = false;
}
