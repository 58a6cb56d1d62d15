// Times as people say them, in the reader's own time zone.

/** @typedef {Date | number | string} Time text: RFC 3339; a number: milliseconds since 1970 */

/** @param {Intl.DateTimeFormatOptions} options */
const format = (options) => new Intl.DateTimeFormat("en-GB", options);

/** A format stays in the zone that it was made in. */
const made = () => ({
  clock: format({ hour: "2-digit", minute: "2-digit" }),
  weekday: format({ weekday: "short" }),
  longWeekday: format({ weekday: "long" }),
  shortDay: format({ day: "numeric", month: "short" }),
  yearDay: format({ day: "numeric", month: "short", year: "numeric" }),
  longDay: format({ weekday: "long", day: "numeric", month: "long" }),
  longYearDay: format({ day: "numeric", month: "long", year: "numeric" }),
  full: format({ dateStyle: "full", timeStyle: "short" }),
});

const DAY_MS = 86_400_000;

const systemZone = () => new Intl.DateTimeFormat().resolvedOptions().timeZone;
let formats = made();
let ours = systemZone();

/** The zone that all times are said in. */
export const zone = () => ours;

/** Takes over the zone of the system, where that is another one by now. */
export function followZone() {
  if (ours === systemZone()) return;
  ours = systemZone();
  formats = made();
}

/** @param {Date} date */
const midnight = (date) => new Date(date.getFullYear(), date.getMonth(), date.getDate());

/**
 * Whole calendar days from `time` to `now`; 0 is today.
 * @param {Date} time
 * @param {Date} now
 */
function daysAgo(time, now) {
  return Math.round((midnight(now).getTime() - midnight(time).getTime()) / DAY_MS);
}

/** @param {Time} time */
export const clock = (time) => formats.clock.format(new Date(time));

/** @param {Time} time */
export const full = (time) => formats.full.format(new Date(time));

/**
 * Of a day to come: Sun 6 Dec.
 * @param {Time} time
 */
export function coming(time) {
  const date = new Date(time);
  return `${formats.weekday.format(date)} ${formats.shortDay.format(date)}`;
}

/**
 * Equal for times of one minute in the reader's zone.
 * @param {Time} time
 */
export const minuteKey = (time) => Math.floor(new Date(time).getTime() / 60_000);

/**
 * Equal for times of one day.
 * @param {Time} time
 */
export const dayKey = (time) => midnight(new Date(time)).getTime();

/**
 * For an inbox row: 14:05, Yesterday, Mon, 3 Nov, 3 Nov 2024.
 * @param {Time} time
 */
export function short(time, now = new Date()) {
  const date = new Date(time);
  const days = daysAgo(date, now);
  if (days <= 0) return clock(date);
  if (days === 1) return "Yesterday";
  if (days < 7) return formats.weekday.format(date);
  return (date.getFullYear() === now.getFullYear() ? formats.shortDay : formats.yearDay).format(date);
}

/**
 * For a separator: Today, Yesterday, Monday, Monday 3 November, 3 November 2024.
 * @param {Time} time
 */
export function day(time, now = new Date()) {
  const date = new Date(time);
  const days = daysAgo(date, now);
  if (days <= 0) return "Today";
  if (days === 1) return "Yesterday";
  if (days < 7) return formats.longWeekday.format(date);
  return (date.getFullYear() === now.getFullYear() ? formats.longDay : formats.longYearDay).format(date);
}

/**
 * "last seen 5 minutes ago"; null when nobody knows.
 * @param {Time | null | undefined} time
 */
export function lastSeen(time, now = new Date()) {
  if (!time) return null;
  const date = new Date(time);
  const minutes = Math.floor((now.getTime() - date.getTime()) / 60_000);
  if (minutes < 1) return "last seen just now";
  if (minutes < 60) return `last seen ${minutes} ${minutes === 1 ? "minute" : "minutes"} ago`;
  const days = daysAgo(date, now);
  if (days === 0) return `last seen today at ${clock(date)}`;
  if (days === 1) return `last seen yesterday at ${clock(date)}`;
  return `last seen on ${short(date, now)}`;
}
