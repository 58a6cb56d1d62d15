/** The worker's own global scope. */
export const worker = /** @type {Duet.Scope} */ (/** @type {unknown} */ (globalThis));
