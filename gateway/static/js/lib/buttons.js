// Buttons that keep the focus while they have nothing to do: aria-disabled instead of disabled.

/**
 * @param {Element} button
 * @param {boolean} enabled
 */
export function enable(button, enabled) {
  button.setAttribute("aria-disabled", String(!enabled));
}

/** @param {Element} button */
export const isEnabled = (button) => button.getAttribute("aria-disabled") !== "true";

/**
 * @param {Element} button
 * @param {() => void} action
 */
export function onPress(button, action) {
  button.addEventListener("click", () => {
    if (isEnabled(button)) action();
  });
}
