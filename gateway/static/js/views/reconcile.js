/** @type {WeakMap<HTMLElement, Map<string, { element: HTMLElement, mark: string }>>} what each parent shows, by key */
const shown = new WeakMap();

/**
 * Makes the children of `parent` those of `items`, by key: nodes stay where nothing changed, so that focus, selection
 * and screen readers stay undisturbed.
 * @template Item
 * @param {HTMLElement} parent
 * @param {Item[]} items
 * @param {object} by
 * @param {(item: Item) => string} by.key
 * @param {(item: Item) => string} by.signature equal as long as what is drawn stays the same
 * @param {(item: Item) => HTMLElement} by.node draws one
 * @param {(element: HTMLElement, item: Item) => boolean} [by.patch] brings one up to date; false: it is drawn again
 */
export function reconcile(parent, items, { key, signature, node, patch = () => false }) {
  const known = shown.get(parent) ?? new Map();
  shown.set(parent, known);
  const wanted = new Set(items.map(key));
  for (const [name, { element }] of known) {
    if (wanted.has(name)) continue;
    element.remove();
    known.delete(name);
  }
  let next = parent.firstElementChild;
  for (const item of items) {
    const name = key(item);
    const mark = signature(item);
    const entry = known.get(name);
    if (entry && entry.mark !== mark && patch(entry.element, item)) {
      entry.mark = mark;
    } else if (entry && entry.mark !== mark) {
      const fresh = node(item);
      if (next === entry.element) next = fresh;
      entry.element.replaceWith(fresh);
      known.set(name, { element: fresh, mark });
    } else if (!entry) {
      known.set(name, { element: node(item), mark });
    }
    const { element } = known.get(name);
    if (element === next) next = element.nextElementSibling;
    else parent.insertBefore(element, next);
  }
}
