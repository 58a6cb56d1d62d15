// What TypeScript knows of a service worker only where it knows nothing of a page.

/** Written in front of the worker's script by gateway/worker.py. shell: the address of the page without anybody's data. */
declare const DUET: { version: string; shell: string; files: string[]; icon: string; badge: string };

declare namespace Duet {
  interface ExtendableEvent extends Event {
    waitUntil(done: Promise<unknown>): void;
  }
  interface FetchEvent extends ExtendableEvent {
    readonly request: Request;
    readonly preloadResponse: Promise<Response | undefined>;
    respondWith(response: Promise<Response>): void;
  }
  interface MessageEvent extends ExtendableEvent {
    readonly data: unknown & { do?: string };
  }
  interface PushEvent extends ExtendableEvent {
    readonly data: { json(): unknown } | null;
  }
  interface NotificationEvent extends ExtendableEvent {
    readonly notification: Notification;
  }
  interface SubscriptionEvent extends ExtendableEvent {
    readonly oldSubscription?: PushSubscription | null;
    readonly newSubscription?: PushSubscription | null;
  }
  interface WindowClient {
    readonly url: string;
    readonly focused: boolean;
    readonly visibilityState: DocumentVisibilityState;
    focus(): Promise<WindowClient>;
    navigate(url: string): Promise<WindowClient | null>;
    postMessage(message: unknown, transfer?: Transferable[]): void;
  }
  interface Events {
    install: ExtendableEvent;
    activate: ExtendableEvent;
    fetch: FetchEvent;
    message: MessageEvent;
    push: PushEvent;
    notificationclick: NotificationEvent;
    pushsubscriptionchange: SubscriptionEvent;
  }
  interface Scope {
    readonly registration: ServiceWorkerRegistration;
    readonly clients: {
      claim(): Promise<void>;
      matchAll(options: { type: "window"; includeUncontrolled: boolean }): Promise<WindowClient[]>;
      openWindow(url: string): Promise<WindowClient | null>;
    };
    skipWaiting(): Promise<void>;
    addEventListener<Name extends keyof Events>(name: Name, heard: (event: Events[Name]) => void): void;
  }
}
