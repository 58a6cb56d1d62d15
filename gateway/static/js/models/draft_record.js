// A draft as a browser keeps it beside the one that the server has. Pure.

import { isBlank } from "../lib/text.js";

/** @typedef {{ text: string, reply_to?: number }} Draft reply_to: the seq of the message that it answers */
/**
 * @typedef {object} DraftRecord
 * @property {string} text
 * @property {number} [reply_to]
 * @property {Draft | null} base what the server has, as far as known here
 * @property {number} revision of the state that said so
 * @property {(Draft | null)[]} sent on their way to the server: they come back as its news
 * @property {Draft | null} other what stands in another place than this one, and may still be wanted
 * @property {boolean} [theirs] whether the server has `other`: until somebody decides, it keeps that
 */

const MOST_SENT = 5;

/** @type {DraftRecord} */
export const EMPTY = { text: "", base: null, revision: 0, sent: [], other: null };

/**
 * What the browser kept. Earlier versions kept the text alone.
 * @param {string} kept
 * @returns {DraftRecord}
 */
export function parsed(kept) {
  if (!kept) return EMPTY;
  try {
    const record = JSON.parse(kept);
    if (typeof record.text === "string") return { ...EMPTY, ...record };
  } catch {
    // a text
  }
  return { ...EMPTY, text: kept };
}

/**
 * What the server keeps of it: nothing of what is blank, and nothing that is no text.
 * @param {Draft} draft
 * @returns {Draft | null}
 */
export function kept({ text, reply_to }) {
  const sound = text.toWellFormed().replaceAll("\0", "");
  return isBlank(sound) ? null : { text: sound, reply_to };
}

/**
 * @param {Draft | null} one
 * @param {Draft | null} other
 */
export const same = (one, other) => one?.text === other?.text && one?.reply_to === other?.reply_to;

/**
 * Whether the server should get it.
 * @param {DraftRecord} record
 */
export const isUnsaved = (record) => !record.theirs && !same(kept(record), record.base);

/** @param {DraftRecord} record */
export const isNothing = (record) =>
  !record.text && !record.reply_to && !record.base && !record.other && !record.sent.length;

/**
 * With this on its way to the server, which takes it only at that revision.
 * @param {DraftRecord} record
 * @param {Draft | null} draft
 * @param {number} revision
 * @returns {DraftRecord}
 */
export const sending = (record, draft, revision) => ({
  ...record,
  revision,
  sent: [...record.sent, draft].slice(-MOST_SENT),
});

/**
 * With this refused.
 * @param {DraftRecord} record
 * @param {Draft | null} draft
 * @returns {DraftRecord}
 */
export const refused = (record, draft) => ({ ...record, sent: record.sent.filter((one) => !same(one, draft)) });

/**
 * The record once the server says `news`. Another device's draft takes the place of one that nobody changed here;
 * otherwise both are kept. What another tab has heard already may be older than what is known here.
 * @param {DraftRecord} old
 * @param {Draft | null} news
 * @param {number} revision of the state that says so
 * @returns {DraftRecord}
 */
export function merged(old, news, revision) {
  if (revision < old.revision) return old;
  const record = { ...old, revision };
  const { base, sent, other } = record;
  const mine = kept(record);
  const own = sent.findIndex((one) => same(one, news));
  if (own >= 0) return { ...record, base: news, sent: sent.slice(own + 1) };
  if (mine && revision > old.revision + 1 && sent.some((one) => same(one, mine))) return overtaken(record, mine, news);
  if (same(news, base)) return record;
  if (same(mine, news)) return { ...record, base: news, other: record.theirs ? null : other, theirs: false };
  if (same(mine, base) && !record.theirs) return { ...record, ...words(news), base: news, sent: [] };
  if (news === null) return { ...record, base: null, other: record.theirs ? null : other, theirs: false };
  return { ...record, base: news, other: news, theirs: true };
}

/**
 * What was sent got no answer, and the state has changed more than once since: most likely it arrived, and another
 * device went on with it or sent it. It is offered all the same, unless it is part of the news.
 * @param {DraftRecord} record
 * @param {Draft} mine
 * @param {Draft | null} news
 * @returns {DraftRecord}
 */
function overtaken(record, mine, news) {
  const other = news?.text.startsWith(mine.text) ? null : mine;
  return { ...record, ...words(news), base: news, sent: [], other, theirs: false };
}

/**
 * With the other draft in its place, and this one as the other.
 * @param {DraftRecord} record
 * @returns {DraftRecord}
 */
export const swapped = (record) => ({ ...record, ...words(record.other), other: kept(record), theirs: false });

/**
 * Without the other draft.
 * @param {DraftRecord} record
 * @returns {DraftRecord}
 */
export const decided = (record) => ({ ...record, other: null, theirs: false });

/** @param {Draft | null} draft */
const words = (draft) => ({ text: draft?.text ?? "", reply_to: draft?.reply_to });
