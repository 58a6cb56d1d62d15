// Whether somebody looks at this page: it is on screen, and its window has the focus. A window that is only visible
// may stand beside the one in use.

/** @returns {boolean} */
export const isAttended = () => document.visibilityState === "visible" && document.hasFocus();

/**
 * Calls `changed` when that may have changed.
 * @param {() => void} changed
 */
export function onAttention(changed) {
  document.addEventListener("visibilitychange", changed);
  addEventListener("focus", changed);
  addEventListener("blur", changed);
}

/**
 * Calls `hidden` when nobody sees the page any more: it may be gone in a moment.
 * @param {() => void} hidden
 */
export function onHidden(hidden) {
  addEventListener("pagehide", hidden);
  document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && hidden());
}
