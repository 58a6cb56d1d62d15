// The service worker: what Duet does where none of its pages is open, or no network is there.

import { open, show } from "./notices.js";
import { worker } from "./scope.js";
import { answer, keep, keepAgain, tidy } from "./shell.js";
import { renew } from "./subscription.js";

// A new version takes over at once. Pages that are open go on with their own files, which the gateway still serves.
worker.addEventListener("install", (event) => event.waitUntil(keep().then(() => worker.skipWaiting())));
worker.addEventListener("activate", (event) => event.waitUntil(begin()));
worker.addEventListener("fetch", answer);
worker.addEventListener("push", (event) => event.waitUntil(show(event)));
worker.addEventListener("notificationclick", (event) => event.waitUntil(open(event.notification)));
worker.addEventListener("pushsubscriptionchange", (event) => event.waitUntil(renew(event)));
worker.addEventListener("message", (event) => {
  if (event.data?.do === "keep") event.waitUntil(keepAgain());
});

async function begin() {
  await tidy();
  // A page need not wait until the worker has started. In Firefox a preload that fails fails the page, whatever is answered.
  if (!navigator.userAgent.includes("Firefox/")) await worker.registration.navigationPreload?.enable();
  await worker.clients.claim();
}
