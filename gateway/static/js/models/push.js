import { Emitter } from "../lib/emitter.js";
import { local } from "../lib/storage.js";
import * as api from "../net/api.js";
import { workerRegistration } from "./worker_registration.js";

/** @typedef {"unknown" | "unsupported" | "install" | "denied" | "off" | "on"} State install: it must be an app first */

const HIDE = "duet:hide-texts";

/** Whether the system's settings, or iOS outside an installed app, leave nothing to ask. */
export function pushSupport() {
  const agent = navigator.userAgent;
  const isApple = /iPhone|iPad/.test(agent) || (/Macintosh/.test(agent) && navigator.maxTouchPoints > 1);
  if (isApple && !("standalone" in navigator && navigator.standalone)) return "install";
  const has = "Notification" in globalThis && "PushManager" in globalThis && "serviceWorker" in navigator;
  return has ? Notification.permission : "unsupported";
}

/**
 * Whether this browser is told of messages when Duet is closed. Only a tap asks for it.
 * @extends {Emitter<{ change: undefined, failed: unknown }>}
 */
export class Push extends Emitter {
  /** @type {State} */
  state = "unknown";
  hidesText = local.get(HIDE) !== null;

  async load() {
    const support = pushSupport();
    if (support === "unsupported" || support === "install" || support === "denied") return this.#set(support);
    await this.#try(async () => {
      const { subscribed, hide_text } = await api.pushState();
      if (subscribed) this.#hide(hide_text);
      return subscribed && (await this.#subscription()) ? "on" : "off";
    });
  }

  /** Call it from a tap: the browser asks the person. */
  async turnOn() {
    const permission = await Notification.requestPermission();
    if (permission !== "granted") return this.#set(permission === "denied" ? "denied" : "off");
    await this.#try(async () => {
      await this.#subscribe();
      return "on";
    });
  }

  async turnOff() {
    await this.#try(async () => {
      await api.unsubscribe();
      await (await this.#subscription())?.unsubscribe();
      return "off";
    });
  }

  /** @param {boolean} hides whether notices say who wrote, and not what */
  async hideText(hides) {
    await this.#try(async () => {
      const subscription = await this.#subscription();
      if (subscription) await api.subscribe(subscription, hides);
      this.#hide(hides);
      return subscription ? "on" : "off";
    });
  }

  /** The session is another one (after a new password): what this browser was subscribed to goes on with it. */
  async resume() {
    if (pushSupport() !== "granted") return;
    const subscription = await this.#subscription();
    if (subscription && !(await api.pushState()).subscribed) await api.subscribe(subscription, this.hidesText);
  }

  async #subscribe() {
    const registration = await workerRegistration();
    if (!registration) throw new Error("This browser does not keep Duet ready for notifications.");
    const { key } = await api.pushState();
    const asked = { userVisibleOnly: true, applicationServerKey: key };
    const { pushManager } = registration;
    const subscription = await pushManager.subscribe(asked).catch(async (error) => {
      const before = await pushManager.getSubscription(); // perhaps of another key
      if (!(await before?.unsubscribe())) throw error;
      return pushManager.subscribe(asked);
    });
    await api.subscribe(subscription, this.hidesText);
  }

  async #subscription() {
    const registration = await navigator.serviceWorker.getRegistration("/");
    return (await registration?.pushManager.getSubscription()) ?? null;
  }

  /** @param {boolean} hides */
  #hide(hides) {
    this.hidesText = hides;
    if (hides) local.set(HIDE, "1");
    else local.remove(HIDE);
  }

  /** @param {() => Promise<State>} change */
  async #try(change) {
    try {
      this.#set(await change());
    } catch (error) {
      this.emit("change");
      this.emit("failed", error);
    }
  }

  /** @param {State} state */
  #set(state) {
    this.state = state;
    this.emit("change");
  }
}
