import { forgetRead } from "../models/traces.js";
import { worker } from "./scope.js";

/** The session is over, and no page is there to forget what the browser keeps to be read. */
export async function leave() {
  for (const notice of await worker.registration.getNotifications()) notice.close();
  await forgetRead();
  await worker.registration.unregister();
}
