// Photos and files in words, and what of them is what. Pure.

/** @typedef {Pick<Wire.Attachment, "name" | "type" | "size" | "width" | "height" | "alt">} Attached */

export const MAX_ATTACHMENTS = 10;
export const MAX_FILE_MB = 25;
export const VOICE = "Voice message";
const MB = 1024 * 1024;
const UNITS = ["bytes", "kB", "MB", "GB"];

/** @param {Pick<Attached, "type" | "width">} file */
export const isPicture = ({ type, width }) => type.startsWith("image/") && width !== undefined;

/**
 * Whether a person would call it a photo, whatever becomes of it. Not every browser knows the type of what phones write.
 * @param {Pick<Attached, "type" | "name">} file
 */
export const isCalledPhoto = ({ type, name }) => type.startsWith("image/") || /\.hei[cf]$/i.test(name);

/** @param {Pick<Attached, "type">} file */
export const isSound = ({ type }) => type.startsWith("audio/");

/** @param {{ size: number }} file */
export const isTooLarge = ({ size }) => size > MAX_FILE_MB * MB;

/**
 * What a message has instead of a text, or beside it; "" for nothing.
 * @param {readonly Attached[]} files
 */
export function inWords(files) {
  if (!files.length) return "";
  if (files.every(isPicture)) return files.length === 1 ? "Photo" : `${files.length} photos`;
  if (files.length > 1) return `${files.length} files`;
  return isVoice(files[0]) ? VOICE : files[0].name;
}

/** @param {Attached} file */
export const isVoice = (file) => isSound(file) && file.name.startsWith(VOICE);

/**
 * A message in one text: what is with it, and what it says.
 * @param {{ text?: string, attachments?: readonly Attached[] }} message
 */
export const summary = ({ text = "", attachments = [] }) => [inWords(attachments), text].filter(Boolean).join(" · ");

/**
 * A size as people say it: "12 kB".
 * @param {number} bytes
 */
export function sizeOf(bytes) {
  const unit = Math.min(UNITS.length - 1, Math.floor(Math.log(Math.max(1, bytes)) / Math.log(1024)));
  const amount = bytes / 1024 ** unit;
  return `${amount < 10 && unit ? amount.toFixed(1).replace(".0", "") : Math.round(amount)} ${UNITS[unit]}`;
}

/**
 * How long a sound is: "1:05".
 * @param {number} seconds
 */
export const lengthOf = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
