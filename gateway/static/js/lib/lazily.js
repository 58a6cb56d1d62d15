/**
 * What is made when it is first asked for, and kept: a pattern of Unicode's properties takes milliseconds to make, which
 * a page that has no use for it need not wait for.
 * @template T
 * @param {() => T} make
 */
export function lazily(make) {
  /** @type {{ value: T } | undefined} */
  let made;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
