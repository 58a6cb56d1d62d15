// The chat page and its files, of this version, for when the network does not answer.

import * as keptDb from "../models/kept_db.js";

const CACHE = `duet-${DUET.version}`;
const FILES = new Set(DUET.files);
const PAGES = /^\/(messages(\/[^/]+)?|share)?$/;
const PATIENCE_MS = 4000;
/** What stands in front of Duet answers so where Duet does not. */
const AWAY = new Set([502, 503, 504]);

/** Keeps all of it, or fails. */
export async function keep() {
  const cache = await caches.open(CACHE);
  await cache.addAll([...FILES, DUET.shell]);
}

/** Keeps what is not there any more. */
export async function keepAgain() {
  if (!(await shell())) await keep();
}

/** Lets go of what earlier versions kept. */
export async function tidy() {
  for (const name of await caches.keys()) if (name !== CACHE) await caches.delete(name);
}

/**
 * Answers for the pages of the chat and the files of this version; everything else is the browser's.
 * @param {Duet.FetchEvent} event
 */
export function answer(event) {
  const { method, mode, url } = event.request;
  const { origin, pathname } = new URL(url);
  if (method !== "GET" || origin !== location.origin) return;
  if (mode === "navigate" && PAGES.test(pathname)) event.respondWith(page(event, pathname));
  else if (FILES.has(pathname)) event.respondWith(file(event.request));
}

/**
 * The server's, if it comes soon, or if nothing is kept of anybody.
 * @param {Duet.FetchEvent} event
 * @param {string} pathname
 */
async function page(event, pathname) {
  const asked = ask(event);
  const soon = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS, null));
  const response = await Promise.race([asked.catch(() => null), soon]);
  if (response && !AWAY.has(response.status)) return response;
  const kept = (await keptDb.about().catch(() => null)) ? await shell() : undefined;
  if (kept && pathname === "/") return Response.redirect("/messages");
  return kept ?? asked;
}

/** @param {Duet.FetchEvent} event */
const ask = async (event) => (await event.preloadResponse) ?? fetch(event.request);

/** @param {Request} request */
const file = async (request) => (await kept(request.url)) ?? fetch(request);

const shell = () => kept(DUET.shell);

/** @param {string} url */
const kept = (url) => caches.match(url, { cacheName: CACHE, ignoreVary: true, ignoreSearch: true });
