// Building DOM without HTML strings: text always enters the page as text.

const SVG = "http://www.w3.org/2000/svg";

/** A new element. `attributes`: null and false leave one out; `children`: nodes and strings. */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  setAttributes(element, attributes);
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

export function setAttributes(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) element.removeAttribute(name);
    else element.setAttribute(name, value === true ? "" : value);
  }
}

/** An icon of the sprite in base.html; decoration, hidden from screen readers. */
export function icon(name, className = "icon") {
  const svg = document.createElementNS(SVG, "svg");
  setAttributes(svg, { class: className, "aria-hidden": "true" });
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#icon-${name}`);
  svg.append(use);
  return svg;
}

export const hidden = (text) => el("span", { class: "visually-hidden" }, text);

export const byId = (id) => document.getElementById(id);

/** Sets text only when it differs, so that nothing is announced or laid out twice. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
