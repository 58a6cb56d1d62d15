/** Whether this page is the installed app's. */
export const isApp = () => globalThis.matchMedia?.("(display-mode: standalone)").matches ?? false;

/**
 * Shows on the app's icon how much is unread. Call it for an installed app only: a browser without a window of its own
 * (Chromium's headless shell) ends a page that tries.
 * @param {number} unread
 */
export function showBadge(unread) {
  if (!navigator.setAppBadge) return;
  const shown = unread ? navigator.setAppBadge(unread) : navigator.clearAppBadge();
  shown.catch(console.warn);
}
