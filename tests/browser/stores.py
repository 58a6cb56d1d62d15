"""What a browser keeps for Duet, in all the stores it has."""

from playwright.async_api import Page

_EVERYTHING = """async () => {
  const done = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const kept = {};
  for (const [name, store] of Object.entries({ localStorage, sessionStorage })) {
    for (const key of Object.keys(store)) kept[`${name} ${key}`] = store.getItem(key);
  }
  for (const { name } of await indexedDB.databases()) {
    const database = await done(indexedDB.open(name));
    for (const store of database.objectStoreNames) {
      const records = await done(database.transaction(store).objectStore(store).getAll());
      if (records.length) kept[`${name} ${store}`] = JSON.stringify(records);
    }
    database.close();
  }
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    kept[`cache ${name}`] = (await cache.keys()).map(({ url }) => url).join(" ");
  }
  const workers = await navigator.serviceWorker.getRegistrations();
  if (workers.length) kept.workers = String(workers.length);
  return kept;
}"""

_HOLDS = """async ([store, texts]) => {
  const everything = (%s);
  for (;;) {
    const kept = await everything();
    const found = Object.entries(kept).filter(([name]) => name.startsWith(store)).map(([, value]) => value).join();
    if (texts.every((text) => found.includes(text))) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}"""


async def everything(page: Page) -> dict[str, str]:
    """Where anything is kept, and what."""
    kept: dict[str, str] = await page.evaluate(_EVERYTHING)
    return kept


async def until_kept(page: Page, store: str, *texts: str) -> None:
    """Waits until a store whose name begins so holds all of these."""
    await page.evaluate(_HOLDS % _EVERYTHING, [store, list(texts)])


async def until_ready(page: Page, *texts: str) -> None:
    """Waits until the page could start without a network, and would show these texts."""
    await until_kept(page, "cache", "/shell/")
    await until_kept(page, "duet-kept messages", *texts)
