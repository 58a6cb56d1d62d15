// The service worker, as a page sees it.

import { isApp, showBadge } from "../lib/badge.js";
import { idle } from "../lib/schedule.js";

const SCRIPT = "/sw.js";
const POLICY = "duet-worker";
const SETTLED_MS = 3000;
const FORGETS_WITHIN_MS = 5000;

/**
 * The only address that may become a worker.
 * @param {string} url
 */
function script(url) {
  if (url !== SCRIPT) throw new TypeError(`${url} is no worker of Duet`);
  return url;
}

/** @type {{ createScriptURL(url: string): unknown } | undefined} */
let policy;

function address() {
  // @ts-expect-error TypeScript does not know trusted types yet
  policy ??= globalThis.trustedTypes?.createPolicy(POLICY, { createScriptURL: script });
  return /** @type {string} */ (policy?.createScriptURL(SCRIPT) ?? script(SCRIPT));
}

/** Only https and this very machine have one. */
const container = () => globalThis.navigator?.serviceWorker ?? null;

/** @type {Promise<ServiceWorkerRegistration | null> | null} */
let registering = null;
let newer = () => {};

/**
 * The worker's registration, made if there is none; null where there can be none.
 * @returns {Promise<ServiceWorkerRegistration | null>}
 */
export function workerRegistration() {
  registering ??= register().catch((error) => {
    console.warn("Duet: no worker", error);
    registering = null;
    return null;
  });
  return registering;
}

async function register() {
  const workers = container();
  if (!workers) return null;
  const registration = await workers.register(address(), { scope: "/", updateViaCache: "none" });
  registration.addEventListener("updatefound", () => registration.active && newer());
  const ready = await workers.ready;
  ready.active?.postMessage({ do: "keep" }); // one that was there before may have lost what it kept
  return ready;
}

/**
 * The same, when the page has long settled.
 * @param {() => void} onNewer a newer version is about to take over, with what it keeps: what belongs to this page is soon
 * nowhere to be had
 */
export function registerLater(onNewer) {
  newer = onNewer;
  setTimeout(async () => {
    await idle();
    workerRegistration();
  }, SETTLED_MS);
}

/** The registration, if there is one. */
export const knownWorker = async () => (await container()?.getRegistration("/")) ?? null;

/**
 * Takes the worker out of this browser, with its notices, its subscription and all that it kept. An error where the
 * browser does not answer in time: whoever logs out waits for this.
 * @returns {Promise<void>}
 */
export const forgetWorker = () =>
  new Promise((resolve, reject) => {
    const late = () => reject(new Error("The browser does not let go of Duet's worker"));
    const timer = setTimeout(late, FORGETS_WITHIN_MS);
    unregister()
      .then(resolve, reject)
      .finally(() => clearTimeout(timer));
  });

async function unregister() {
  registering = null;
  const registration = await knownWorker();
  for (const notice of (await registration?.getNotifications?.()) ?? []) notice.close();
  await registration?.unregister();
  for (const name of (await globalThis.caches?.keys()) ?? []) await caches.delete(name);
  if (isApp()) showBadge(0);
}
