// What waits in the outbox: messages, and changes to messages. Pure.

/** @typedef {"edit" | "delete" | "reaction"} Kind of a change */
/** @typedef {{ target: number, text?: string, emoji?: string | null }} Body of a change; target: the message's seq */
/**
 * A file of a message. attachment: what the server made of it, once it has it. again: it had been lost there.
 * @typedef {Omit<Wire.Attachment, "thumb"> & { attachment?: Wire.Attachment, again?: boolean }} File
 */
/** @typedef {{ client_id: string, kind: Kind, text?: string }} Next a change to a message that has no seq yet */
/**
 * @typedef {object} Common
 * @property {string} client_id
 * @property {string} thread
 * @property {string} created_at
 * @property {string | null} failed a sentence
 *
 * @typedef {Common & { kind?: undefined, text: string, reply_to?: number, next?: Next | null, files?: File[] }} Message
 * @typedef {Common & { kind: Kind, body: Body }} Change
 * @typedef {Message | Change} Written
 * @typedef {Written & { owner: string, log: string }} Kept as the browser keeps it
 */
/**
 * sent: its seq, while something acknowledged waits for its turn in the log.
 * @typedef {Written & { sent: number | null }} Entry
 */

const LOG_RESTORED = "The message that this was to change is no longer there.";

/**
 * @template {Written} One
 * @param {One} entry
 * @returns {entry is One & Message}
 */
export const isMessage = (entry) => entry.kind === undefined;

/** @param {Entry} entry */
export const isWaiting = ({ failed, sent }) => !failed && sent === null;

/**
 * What a person wrote in it.
 * @param {Written} entry
 */
export const textOf = (entry) => (isMessage(entry) ? entry.text : (entry.body.text ?? ""));

/**
 * @param {Written} entry
 * @returns {Wire.Send | Wire.Do}
 */
export function frameOf(entry) {
  const { client_id, thread: to } = entry;
  if (!isMessage(entry)) return { type: "do", to, client_id, kind: entry.kind, body: entry.body };
  const { text, reply_to, files = [] } = entry;
  const attachments = files.map(({ id, alt, attachment }) => ({ id: attachment?.id ?? id, ...(alt && { alt }) }));
  return { type: "send", to, client_id, text, reply_to, ...(attachments.length && { attachments }) };
}

/**
 * The files that the server has yet to get.
 * @param {Written} entry
 */
export const missing = (entry) => filesOf(entry).filter(({ attachment }) => !attachment);

/**
 * @param {Written} entry
 * @returns {File[]}
 */
export const filesOf = (entry) => (isMessage(entry) ? (entry.files ?? []) : []);

/**
 * The changes that later ones leave nothing of: the last reaction, the last edit and any deletion go alone.
 * @param {Entry[]} entries of a thread, in order
 */
export function overtaken(entries) {
  const changes = entries.filter((entry) => !isMessage(entry));
  return changes.filter((entry, index) => changes.slice(index + 1).some((later) => overtakes(later, entry)));
}

/**
 * @param {Change} later
 * @param {Change} entry
 */
const overtakes = (later, entry) =>
  !later.failed && later.body.target === entry.body.target && [entry.kind, "delete"].includes(later.kind);

/**
 * Entries in their order: those that only this page holds keep their places before what was written after them.
 * @param {Entry[]} saved
 * @param {Entry[]} unsaved
 * @param {Entry[]} before as they were in this page
 */
export function merged(saved, unsaved, before) {
  const all = [...saved];
  for (const entry of unsaved) {
    const later = new Set(before.slice(before.indexOf(entry) + 1));
    const at = all.findIndex((other) => later.has(other));
    all.splice(at < 0 ? all.length : at, 0, entry);
  }
  return all;
}

/**
 * What is left of it in a log that was restored, where a seq may be another message's by now: it answers none, and of
 * a change only the text is kept, for a person to decide.
 * @template {Written} One
 * @param {One} entry
 * @returns {One | null}
 */
export function afterRestoring(entry) {
  if (isMessage(entry)) return { ...entry, reply_to: undefined };
  if (entry.kind !== "edit") return null;
  return { ...entry, kind: undefined, body: undefined, text: textOf(entry), failed: LOG_RESTORED };
}
