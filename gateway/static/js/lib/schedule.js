const HIDDEN_MS = 100;

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
