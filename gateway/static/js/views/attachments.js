// The photos and files of a message, in its place of the log.

import { isPicture, isSound, sizeOf } from "../lib/attached.js";
import { el, icon, setAttributes } from "../lib/dom.js";
import { drawThumb } from "../lib/thumb.js";
import { soundNode } from "./sound.js";

/** @import { MessageItem, ShownFile } from "./items.js" */
/** @typedef {{ preview: (id: string) => string | null, progress: (id: string) => number | null }} Files of this browser */

const MOST_WIDE = 360;
const MOST_HIGH = 400;
const LEAST = 96;

/** @param {string} id */
export const addressOf = (id) => `/api/attachments/${id}`;

/**
 * Where a picture comes from: this browser, or the server.
 * @param {ShownFile} file
 * @param {Files} files
 */
export const sourceOf = ({ id, upload }, files, small = false) =>
  files.preview(upload ?? id) ?? (upload === undefined ? `${addressOf(id)}${small ? "/small" : ""}` : null);

/**
 * Equal as long as what is drawn stays the same.
 * @param {ShownFile[]} shown
 * @param {Files} files
 */
export const filesSignature = (shown, files) =>
  shown.map((file) => [look(file, files), file.upload && files.progress(file.upload)].join(" ")).join("\n");

/**
 * What a file is drawn from.
 * @param {ShownFile} file
 * @param {Files} files
 */
function look(file, files) {
  const { id, upload, name, alt, size, width, height } = file;
  if (isPicture(file)) return JSON.stringify([sourceOf(file, files), alt, width, height]);
  return JSON.stringify([upload === undefined && id, sourceOf(file, files), name, size]);
}

/**
 * Patches `node` where there is one.
 * @param {HTMLElement | null} node
 * @param {MessageItem} item
 * @param {Files} files
 */
export function drawFiles(node, item, files) {
  if (!item.files.length) return null;
  const looks = item.files.map((file) => look(file, files)).join();
  const drawn = node?.dataset.look === looks ? node : filesNode(item.files, files);
  drawn.dataset.look = looks;
  if (node && drawn !== node) node.replaceWith(drawn);
  drawn.querySelectorAll("[data-file]").forEach((part, place) => {
    const { upload } = item.files[Number(/** @type {HTMLElement} */ (part).dataset.file)];
    drawProgress(part, item.files[place].name, upload === undefined ? null : files.progress(upload));
  });
  return drawn;
}

/**
 * @param {ShownFile[]} shown
 * @param {Files} files
 */
function filesNode(shown, files) {
  const places = shown.map((file, place) => ({ file, place }));
  const pictures = places.filter(({ file }) => isPicture(file));
  const others = places.filter(({ file }) => !isPicture(file));
  const name = pictures.length > 1 ? `${pictures.length} photos` : "Photo";
  const tiles = pictures.map(({ file, place }, at) =>
    el("li", { "data-file": place }, tileNode(file, { place, at, count: pictures.length }, files)),
  );
  if (tiles.length === 1) fit(tiles[0], pictures[0].file);
  const rows = others.map(({ file, place }) => el("li", { "data-file": place }, rowNode(file, files)));
  return el(
    "div",
    { class: "files" },
    tiles.length ? el("ul", { class: `tiles of-${tiles.length}`, "aria-label": name }, ...tiles) : null,
    rows.length ? el("ul", { class: "file-rows", "aria-label": "Files" }, ...rows) : null,
  );
}

/**
 * @param {ShownFile} file
 * @param {{ place: number, at: number, count: number }} of
 * @param {Files} files
 */
function tileNode(file, { place, at, count }, files) {
  const { width = 1, height = 1, alt, thumb } = file;
  const words = alt || (count > 1 ? `Photo ${at + 1} of ${count}` : "Photo");
  const source = sourceOf(file, files, count > 2);
  const picture = el("img", { alt: words, width, height, loading: "lazy", decoding: "async", src: source });
  const tile = el("button", { type: "button", class: "tile", "data-do": "view", "data-place": place }, picture);
  if (thumb) tile.prepend(drawThumb(thumb));
  picture.addEventListener("load", () => tile.classList.add("loaded"));
  picture.addEventListener("error", () => {
    tile.classList.add("broken");
    addEventListener("online", () => source && setAttributes(picture, { src: source }), { once: true });
  });
  return tile;
}

/**
 * Gives a picture alone the room that it will take.
 * @param {HTMLElement} tile
 * @param {ShownFile} file
 */
function fit(tile, { width = 1, height = 1 }) {
  const scale = Math.min(1, MOST_WIDE / width, MOST_HIGH / height);
  tile.style.width = `${Math.max(LEAST, Math.round(width * scale))}px`;
  tile.style.aspectRatio = `${Math.max(LEAST, width * scale)} / ${Math.max(LEAST, height * scale)}`;
}

/**
 * @param {ShownFile} file
 * @param {Files} files
 */
function rowNode(file, files) {
  const { id, upload, name, size } = file;
  const source = sourceOf(file, files);
  if (isSound(file) && source) return soundNode(file, source);
  const words = [
    el("span", { class: "file-name", dir: "auto" }, name),
    el("span", { class: "file-size" }, sizeOf(size)),
  ];
  if (upload !== undefined) return el("div", { class: "file-row" }, icon("file"), ...words);
  const to = { class: "file-row", href: addressOf(id), download: name };
  return el("a", to, icon("file"), ...words, el("span", { class: "visually-hidden" }, "Download"), icon("download"));
}

/**
 * @param {Element} part
 * @param {string} name
 * @param {number | null} progress null: it is not on its way
 */
function drawProgress(part, name, progress) {
  const known = part.querySelector("progress");
  if (progress === null || progress >= 1) known?.remove();
  else {
    const bar = known ?? el("progress", { max: 1, "aria-label": `Uploading ${name}` });
    bar.value = progress;
    if (!known) part.append(bar);
  }
}
