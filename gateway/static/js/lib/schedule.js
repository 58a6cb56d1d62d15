const HIDDEN_MS = 100;
const IDLE_WITHIN_MS = 2000;

/**
 * Calls `draw` once for any number of requests: at the next frame, or soon when the page is hidden.
 * @param {() => void} draw
 */
export function scheduled(draw) {
  let waiting = false;
  const run = () => {
    waiting = false;
    draw();
  };
  return () => {
    if (waiting) return;
    waiting = true;
    if (document.visibilityState === "visible") requestAnimationFrame(run);
    else setTimeout(run, HIDDEN_MS);
  };
}

/** Resolves when the page has nothing better to do, or soon where the browser does not tell. */
export const idle = () =>
  new Promise((resolve) => {
    if ("requestIdleCallback" in globalThis) requestIdleCallback(resolve, { timeout: IDLE_WITHIN_MS });
    else setTimeout(resolve, HIDDEN_MS);
  });
