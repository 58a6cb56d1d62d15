import { wipe } from "../models/traces.js";
import { worker } from "./scope.js";

/** The session is over, and no page is there to wipe what the browser keeps. */
export async function leave() {
  for (const notice of await worker.registration.getNotifications()) notice.close();
  await wipe();
  await worker.registration.unregister();
}
