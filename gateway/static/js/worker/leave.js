import * as keptDb from "../models/kept_db.js";
import * as outboxDb from "../models/outbox_db.js";
import { worker } from "./scope.js";

/** The session is over, and no page is there to wipe what the browser keeps. */
export async function leave() {
  for (const notice of await worker.registration.getNotifications()) notice.close();
  await Promise.allSettled([keptDb.wipe(), outboxDb.wipe(), worker.registration.unregister()]);
  for (const name of await caches.keys()) await caches.delete(name);
}
