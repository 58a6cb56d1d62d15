// What edits, deletions, reactions and previews make of a message. Pure: the same changes always make the same of it.

import { isMessage } from "./entries.js";

/** @import { Body, Entry, Kind } from "./entries.js" */
/** @typedef {Kind | "preview"} AnyKind a preview is nothing that anybody here asks for */
/** @typedef {Body & { of?: number } & Partial<Wire.LinkPreview>} AnyBody */
/** @typedef {Wire.EventFrame & { kind: AnyKind, body: AnyBody }} ChangeFrame */
/** @typedef {Wire.Message & { changing?: boolean }} Shown changing: something made here is not in the log yet */

const KINDS = ["edit", "delete", "reaction", "preview"];

/**
 * @param {Wire.MessageFrame | Wire.EventFrame} frame
 * @returns {frame is ChangeFrame}
 */
export const isChange = (frame) => frame.type === "event" && KINDS.includes(frame.kind);

/**
 * The message of a frame, as it was sent or, if it is deleted by now, without its text and attachments.
 * @param {Wire.MessageFrame} frame
 * @returns {Wire.Message}
 */
export function fromFrame({ thread, seq, sender, client_id, text, sent_at, reply_to, deleted_at, attachments }) {
  const files = attachments?.length && { attachments };
  const said = { ...(reply_to && { reply_to }), ...(deleted_at ? { deleted_at } : { text }), ...files };
  return { thread, seq, sender, client_id, sent_at, version: seq, ...said };
}

/**
 * The message after an event of its thread; the same object if that is not about it, or was in it already.
 * @param {Wire.Message} message
 * @param {ChangeFrame} frame
 * @returns {Wire.Message}
 */
export function applied(message, { seq, kind, sender, sent_at, body }) {
  if (body.target !== message.seq || seq <= message.version) return message;
  return { ...changed(message, { kind, body, by: sender, at: sent_at }), version: seq };
}

/**
 * The message as it will look with what waits in the outbox; the same object if none of that is about it.
 * @param {Wire.Message} message
 * @param {Entry[]} entries of its thread
 * @param {string} me
 * @returns {Shown}
 */
export function pending(message, entries, me) {
  let shown = message;
  for (const entry of entries) {
    if (isMessage(entry) || entry.failed || entry.body.target !== message.seq) continue;
    if (entry.sent !== null && entry.sent <= message.version) continue;
    shown = changed(shown, { ...entry, by: me, at: entry.created_at });
  }
  return shown === message ? message : { ...shown, changing: true };
}

/**
 * @param {Wire.Message} message
 * @param {{ kind: AnyKind, body: AnyBody, by: string, at: string }} change
 * @returns {Wire.Message}
 */
function changed(message, { kind, body, by, at }) {
  const { text, emoji = null } = body;
  if (message.deleted_at && kind !== "delete") return { ...message };
  if (kind === "edit" && text !== undefined) return { ...message, text, edited_at: at };
  if (kind === "preview") return previewed(message, body);
  if (kind !== "reaction") return without(message, at);
  const { reactions = [], ...rest } = message;
  const left = reacted(reactions, emoji, by);
  return left.length ? { ...rest, reactions: left } : rest;
}

/**
 * The message deleted. (An edit that comes without its text says so, too.)
 * @param {Wire.Message} message
 * @param {string} at
 */
function without({ text, edited_at, reactions, attachments, preview, ...rest }, at) {
  return { ...rest, deleted_at: at };
}

/**
 * The preview of its link, in the place of the one before; one without a link takes that back.
 * @param {Wire.Message} message
 * @param {AnyBody} body
 * @returns {Wire.Message}
 */
function previewed({ preview, ...rest }, { target, of, url, title = "", ...said }) {
  return url ? { ...rest, preview: { url, title, ...said } } : rest;
}

/**
 * One emoji a person: it takes the place of the one before, and null takes that back.
 * @param {Wire.Reaction[]} reactions
 * @param {string | null} emoji
 * @param {string} who
 */
function reacted(reactions, emoji, who) {
  if (reactions.some((reaction) => reaction.emoji === emoji && reaction.by.includes(who))) return reactions;
  const others = reactions.map((reaction) => ({ ...reaction, by: reaction.by.filter((one) => one !== who) }));
  const left = others.filter(({ by }) => by.length);
  if (emoji === null) return left;
  if (!left.some((reaction) => reaction.emoji === emoji)) return [...left, { emoji, by: [who] }];
  return left.map((reaction) => (reaction.emoji === emoji ? { emoji, by: [...reaction.by, who] } : reaction));
}
