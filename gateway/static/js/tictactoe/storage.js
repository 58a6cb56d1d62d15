/** The browser's storage of that name ("localStorage", "sessionStorage"), or null where even looking at it is forbidden. */
export function storage(name) {
  try {
    return window[name];
  } catch {
    return null;
  }
}

/** What is kept under `key`, or `otherwise` where nothing sensible is. */
export function recall(kept, key, otherwise) {
  try {
    return JSON.parse(kept?.getItem(key) ?? "null") ?? otherwise;
  } catch {
    return otherwise;
  }
}

export function remember(kept, key, value) {
  try {
    kept?.setItem(key, JSON.stringify(value));
  } catch {
    // A full or forbidden storage costs only the memory.
  }
}
