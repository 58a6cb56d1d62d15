/**
 * What GET `path` answered while the page was made, for a path that the page brought along; only once, then null.
 * @param {string} path
 */
export function preloaded(path) {
  const element = document.querySelector(`script[data-path="${CSS.escape(path)}"]`);
  element?.remove();
  return element && JSON.parse(element.textContent);
}
