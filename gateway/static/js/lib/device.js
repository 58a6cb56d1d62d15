/** @type {[name: string, pattern: RegExp][]} */
const BROWSERS = [
  ["Edge", /Edg\//],
  ["Opera", /OPR\//],
  ["Samsung Internet", /SamsungBrowser\//],
  ["Firefox", /Firefox\/|FxiOS\//],
  ["Chrome", /Chrome\/|CriOS\//],
  ["Safari", /Safari\//],
];
/** @type {[name: string, pattern: RegExp][]} */
const SYSTEMS = [
  ["Android", /Android/],
  ["iPhone", /iPhone/],
  ["iPad", /iPad/],
  ["Windows", /Windows/],
  ["Mac", /Mac OS X|Macintosh/],
  ["Chromebook", /CrOS/],
  ["Linux", /Linux/],
];

/**
 * @param {[name: string, pattern: RegExp][]} list
 * @param {string} agent
 */
const first = (list, agent) => list.find(([, pattern]) => pattern.test(agent))?.[0];

/**
 * "Firefox on Linux", from a User-Agent header.
 * @param {string} agent
 */
export function deviceName(agent) {
  const browser = first(BROWSERS, agent);
  const system = first(SYSTEMS, agent);
  if (browser && system) return `${browser} on ${system}`;
  return browser ?? system ?? (agent.trim().split(/[\s/]/)[0].slice(0, 40) || "A device");
}
