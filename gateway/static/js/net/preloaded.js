/**
 * What GET `path` answered while the page was made: once, and only for a path that the page brought along; else null.
 * @param {string} path
 */
export function preloaded(path) {
  const element = document.querySelector(`script[data-path="${CSS.escape(path)}"]`);
  element?.remove();
  return element && JSON.parse(element.textContent);
}
