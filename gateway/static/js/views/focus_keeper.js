/**
 * Where what had the focus goes with a change of the log, the focus stays with its message, or with the log.
 * @param {HTMLElement} log
 * @param {() => void} change
 */
export function keepingFocus(log, change) {
  const held = log.contains(document.activeElement) ? document.activeElement : null;
  const item = held?.closest(".messages > li");
  change();
  const now = document.activeElement;
  if (!held || held === log || (now !== document.body && now?.checkVisibility())) return;
  /** @type {HTMLElement | null | undefined} */
  const next = item?.isConnected ? item.querySelector(".message-actions:not([hidden]), .bubble button") : null;
  (next ?? log).focus({ preventScroll: true });
}
