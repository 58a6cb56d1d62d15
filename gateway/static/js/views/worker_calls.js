/**
 * Does what the worker asks of a window.
 * @param {object} does
 * @param {(username: string) => void} does.open a notice was chosen: its thread is to be shown
 * @param {() => string | null} does.shown the username of the thread that is open
 */
export function onWorkerCalls({ open, shown }) {
  navigator.serviceWorker?.addEventListener("message", ({ data, ports }) => {
    if (data?.do === "open" && data.thread) open(data.thread);
    if (data?.do === "tell") ports[0].postMessage(shown());
  });
}
