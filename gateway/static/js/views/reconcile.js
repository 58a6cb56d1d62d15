/**
 * Makes the children of `parent` those of `items`, by key: nodes stay where nothing changed, so that focus,
 * selection and screen readers stay undisturbed. node(item) draws one; when signature(item) changed,
 * patch(element, item) brings it up to date, or says false and it is drawn anew.
 */
export function reconcile(parent, items, { key, signature, node, patch = () => false }) {
  const known = (parent.itemNodes ??= new Map());
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
    if (element === next) next = next.nextElementSibling;
    else parent.insertBefore(element, next);
  }
}
