import * as api from "../net/api.js";
import { worker } from "./scope.js";

/**
 * The browser has ended its subscription, and perhaps made another: Duet is to push to that.
 * @param {Duet.SubscriptionEvent} event
 */
export async function renew({ newSubscription }) {
  const { key, hide_text } = await api.pushState();
  const asked = { userVisibleOnly: true, applicationServerKey: key };
  const subscription = newSubscription ?? (await worker.registration.pushManager.subscribe(asked));
  await api.subscribe(subscription, hide_text);
}
