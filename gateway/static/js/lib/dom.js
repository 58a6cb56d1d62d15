// Building DOM without HTML strings: text always enters the page as text.

/** @typedef {Record<string, string | number | boolean | null | undefined>} Attributes null, undefined and false leave one out */
/** @typedef {Node | string | null | undefined} Child */

/**
 * A new element.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Attributes} attributes
 * @param {Child[]} children
 */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  setAttributes(element, attributes);
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/**
 * The same for a drawing.
 * @template {keyof SVGElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Attributes} attributes
 * @param {Node[]} children
 */
export function svg(tag, attributes, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  setAttributes(element, attributes);
  element.append(...children);
  return element;
}

/**
 * @param {Element} element
 * @param {Attributes} attributes
 */
export function setAttributes(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) element.removeAttribute(name);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
}

/**
 * An icon of the sprite in base.html; decoration, hidden from screen readers.
 * @param {string} name
 */
export const icon = (name, className = "icon") =>
  svg("svg", { class: className, "aria-hidden": "true" }, svg("use", { href: `#icon-${name}` }));

/** @param {string} text */
export const hidden = (text) => el("span", { class: "visually-hidden" }, text);

/**
 * The element of that id. Throws where the page has none, or one of another kind.
 * @template {HTMLElement} [Kind=HTMLElement]
 * @param {string} id
 * @param {new () => Kind} [kind]
 */
export const byId = (id, kind) => one(document, `#${CSS.escape(id)}`, kind);

/**
 * The first element below `root` that fits. Throws where there is none, or one of another kind.
 * @template {HTMLElement} [Kind=HTMLElement]
 * @param {ParentNode} root
 * @param {string} selector
 * @param {new () => Kind} [kind]
 * @returns {Kind}
 */
export function one(root, selector, kind = /** @type {new () => any} */ (HTMLElement)) {
  const element = root.querySelector(selector);
  if (!(element instanceof kind)) throw new TypeError(`no ${kind.name} is ${selector}`);
  return element;
}

/**
 * Calls `closed` once the dialog has closed, unless it is open again by then: the event comes later than a quick key.
 * @param {HTMLDialogElement} dialog
 * @param {() => void} closed
 */
export function onClosed(dialog, closed) {
  dialog.addEventListener("close", () => dialog.open || closed());
}

/**
 * Sets text only when it differs, so that nothing is announced or laid out twice.
 * @param {Element} element
 * @param {string} text
 */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
