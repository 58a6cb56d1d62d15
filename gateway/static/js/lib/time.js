// Times as people say them, in the reader's own time zone.

/** @typedef {Date | number | string} Time text: RFC 3339; a number: milliseconds since 1970 */

// Written out instead of asked of `Intl`, whose first format costs a page a tenth of its start.
const WEEKDAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];
const DAY_MS = 86_400_000;

/** @param {number} number */
const twoDigits = (number) => String(number).padStart(2, "0");
/** @param {Date} date */
const weekday = (date) => WEEKDAYS[date.getDay()];
/** @param {Date} date */
const month = (date) => MONTHS[date.getMonth()];
/** @param {Date} date as the British write it: Sept */
const shortMonth = (date) => month(date).slice(0, month(date) === "September" ? 4 : 3);
/** @param {Date} date */
const shortWeekday = (date) => weekday(date).slice(0, 3);
/** @param {Date} date */
const shortDay = (date) => `${date.getDate()} ${shortMonth(date)}`;

/** What differs between the zones that a system is taken to: how far each quarter of last year and this is from UTC. */
function systemZone() {
  const year = new Date().getFullYear();
  return [0, 3, 6, 9, 12, 15, 18, 21].map((month) => new Date(year - 1, month).getTimezoneOffset()).join();
}
let ours = systemZone();

/** Changes with the zone that all times are said in. */
export const zone = () => ours;

/** Takes over the zone of the system, where that is another one by now. */
export function followZone() {
  ours = systemZone();
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
export function clock(time) {
  const date = new Date(time);
  return `${twoDigits(date.getHours())}:${twoDigits(date.getMinutes())}`;
}

/**
 * Monday 3 November 2025 at 14:05
 * @param {Time} time
 */
export function full(time) {
  const date = new Date(time);
  return `${weekday(date)} ${date.getDate()} ${month(date)} ${date.getFullYear()} at ${clock(date)}`;
}

/**
 * Of a day to come: Sun 6 Dec.
 * @param {Time} time
 */
export function coming(time) {
  const date = new Date(time);
  return `${shortWeekday(date)} ${shortDay(date)}`;
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
  if (days < 7) return shortWeekday(date);
  return date.getFullYear() === now.getFullYear() ? shortDay(date) : `${shortDay(date)} ${date.getFullYear()}`;
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
  if (days < 7) return weekday(date);
  const said = `${date.getDate()} ${month(date)}`;
  return date.getFullYear() === now.getFullYear() ? `${weekday(date)} ${said}` : `${said} ${date.getFullYear()}`;
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
