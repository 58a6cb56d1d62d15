import assert from "node:assert/strict";
import { test } from "node:test";
import { clock, coming, day, full, short } from "../../static/js/lib/time.js";

const WEEK_MS = 7 * 86_400_000;
/** @param {Intl.DateTimeFormatOptions} options */
const british = (options) => {
  const format = new Intl.DateTimeFormat("en-GB", options);
  return (/** @type {Date} */ date) => format.format(date).replaceAll(",", "");
};

test("times and dates are written as the British write them", () => {
  const now = new Date(2026, 10, 29, 12, 0);
  const shortDay = british({ day: "numeric", month: "short" });
  const weekday = british({ weekday: "short" });
  const longDay = british({ weekday: "long", day: "numeric", month: "long" });
  const longYearDay = british({ day: "numeric", month: "long", year: "numeric" });
  for (let hours = 8 * 24; hours < 700 * 24; hours += 29) {
    const date = new Date(now.getTime() - hours * 3_600_000 + hours * 60_000);
    const sameYear = date.getFullYear() === now.getFullYear();
    assert.equal(clock(date), british({ hour: "2-digit", minute: "2-digit" })(date));
    assert.equal(full(date), `${longDay(date)} ${date.getFullYear()} at ${clock(date)}`);
    assert.equal(coming(date), `${weekday(date)} ${shortDay(date)}`);
    assert.equal(short(date, now), shortDay(date) + (sameYear ? "" : ` ${date.getFullYear()}`));
    assert.equal(day(date, now), sameYear ? longDay(date) : longYearDay(date));
  }
});

test("within a week days go by their names", () => {
  const now = new Date(2026, 10, 29, 12, 0);
  assert.equal(short(new Date(2026, 10, 29, 9, 5), now), "09:05");
  assert.equal(short(new Date(2026, 10, 28, 23, 59), now), "Yesterday");
  assert.equal(short(new Date(2026, 10, 23, 0, 0), now), "Mon");
  assert.equal(day(new Date(2026, 10, 23, 0, 0), now), "Monday");
  assert.equal(day(new Date(now.getTime() - WEEK_MS), now), "Sunday 22 November");
});
