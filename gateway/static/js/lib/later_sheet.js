import { byId, el } from "./dom.js";

/** @type {Promise<void> | null} */
let loading = null;

/** Loads the styles of what is not there at first sight: once, and anew after a failure. */
export function laterSheet() {
  loading ??= load().catch((error) => {
    loading = null;
    throw error;
  });
  return loading;
}

async function load() {
  const link = el("link", { rel: "stylesheet", href: byId("main").dataset.laterSheet });
  try {
    await new Promise((resolve, reject) => {
      link.addEventListener("load", resolve);
      link.addEventListener("error", reject);
      document.head.append(link);
    });
  } catch (error) {
    link.remove();
    throw error;
  }
}
