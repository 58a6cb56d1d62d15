"""Stands for the system's list of notices in a browser that shows none: Chromium's headless shell."""

import asyncio
import json
from typing import Any

from playwright.async_api import BrowserContext, Page, Worker

_WITHIN_S = 20
_STAND_IN = """() => {
  self.shown = [];
  self.opened = [];
  ServiceWorkerRegistration.prototype.showNotification = async function (title, options) {
    self.notices = notices().filter(({ tag }) => tag !== options.tag);
    const notice = { title, ...options, close: () => { self.notices = notices().filter((one) => one !== notice); } };
    self.notices.push(notice);
    self.shown.push(notice);
  };
  ServiceWorkerRegistration.prototype.getNotifications = async ({ tag } = {}) =>
    notices().filter((one) => !tag || one.tag === tag);
  WindowClient.prototype.focus = async function () { return this; };
  Clients.prototype.openWindow = async (url) => { self.opened.push(url); };
  function notices() { return self.notices ?? []; }
}"""
_CLICK = """() => new Promise((resolve, reject) => {
  if (!self.notices?.length) reject(new Error("there is no notice"));
  const event = new ExtendableEvent("notificationclick");
  Object.defineProperty(event, "notification", { value: self.notices.at(-1) });
  Object.defineProperty(event, "waitUntil", { value: (done) => done.then(() => resolve(self.opened), reject) });
  self.dispatchEvent(event);
})"""
_PLAIN = "({ close, ...plain }) => plain"


class SystemNotices:
    """What the worker of a context shows."""

    def __init__(self, context: BrowserContext, page: Page, worker: Worker, registration: str) -> None:
        self._context = context
        self._page = page
        self._worker = worker
        self._registration = registration

    @classmethod
    async def of(cls, page: Page) -> "SystemNotices":
        """Of the worker that the page has registered."""
        session = await page.context.new_cdp_session(page)
        found: asyncio.Future[str] = asyncio.get_running_loop().create_future()

        def updated(event: dict[str, Any]) -> None:
            for registration in event["registrations"]:
                if not found.done():
                    found.set_result(registration["registrationId"])

        session.on("ServiceWorker.workerRegistrationUpdated", updated)
        await session.send("ServiceWorker.enable")
        await page.evaluate("navigator.serviceWorker.ready.then(() => null)")
        worker = page.context.service_workers[0]
        await worker.evaluate(_STAND_IN)
        return cls(page.context, page, worker, await found)

    async def push(self, url: str, said: dict[str, Any]) -> None:
        """As the browser's push service would."""
        session = await self._context.new_cdp_session(self._page)
        message = {"origin": url, "registrationId": self._registration, "data": json.dumps(said)}
        await session.send("ServiceWorker.enable")
        await session.send("ServiceWorker.deliverPushMessage", message)

    async def shown(self, count: int) -> list[dict[str, Any]]:
        """Waits until so many have been shown since the beginning; all of them."""
        async with asyncio.timeout(_WITHIN_S):
            while len(shown := await self._list("shown")) < count:
                await asyncio.sleep(0.02)
        return shown

    async def now(self) -> list[dict[str, Any]]:
        return await self._list("notices")

    async def until(self, count: int) -> None:
        """Waits until so many are left."""
        async with asyncio.timeout(_WITHIN_S):
            while len(await self._list("notices")) != count:
                await asyncio.sleep(0.02)

    async def click(self) -> list[str]:
        """On the last one; the windows that were opened."""
        opened: list[str] = await self._worker.evaluate(_CLICK)
        return opened

    async def _list(self, name: str) -> list[dict[str, Any]]:
        plain: list[dict[str, Any]] = await self._worker.evaluate(f"() => (self.{name} ?? []).map({_PLAIN})")
        return plain
