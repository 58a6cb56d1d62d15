import { byId } from "../lib/dom.js";
import { canRecord } from "../lib/recordable.js";
import { Menu } from "./menu.js";

/** @import { Tray } from "./tray.js" */

/** @typedef {"files" | "camera" | "voice"} Way */

const FILES = "Files";
/** @type {[Way, () => boolean][]} and where there is each */
const WAYS = [
  ["files", () => true],
  ["camera", () => matchMedia("(pointer: coarse)").matches],
  ["voice", canRecord],
];

const ways = () => WAYS.filter(([, isThere]) => isThere()).map(([way]) => way);

/**
 * The ways in which photos and files come to the tray: chosen, taken with a camera, pasted, and dropped on the thread.
 * @param {object} parts
 * @param {Tray} parts.tray
 * @param {HTMLElement} parts.field in which is pasted
 * @param {() => void} parts.onAdded
 * @param {() => void} parts.onVoice wants to say something
 */
export function runAttaching({ tray, field, onAdded, onVoice }) {
  const button = byId("attach", HTMLButtonElement);
  const files = byId("attach-files", HTMLInputElement);
  const camera = byId("attach-camera", HTMLInputElement);
  const menu = new Menu({
    id: "attach-menu",
    scroller: byId("composer"),
    onChoose: (_, /** @type {Way} */ way) => (way === "voice" ? onVoice() : { files, camera }[way].click()),
  });

  /** @param {Iterable<File>} added */
  function add(added) {
    tray.add(added);
    onAdded();
  }

  button.addEventListener("click", () => {
    if (menu.isOpenFor(button)) menu.close();
    else if (ways().length > 1) menu.open(button, new Set(ways()));
    else files.click();
  });
  for (const input of [files, camera]) {
    input.addEventListener("change", () => {
      add([...(input.files ?? [])]);
      input.value = ""; // the same one can be chosen again
    });
  }
  field.addEventListener("paste", (event) => {
    const pasted = [...(event.clipboardData?.files ?? [])];
    if (!pasted.length || event.clipboardData?.types.includes("text/plain")) return;
    event.preventDefault();
    add(pasted);
  });
  dropZone(add);
}

/** @param {(files: File[]) => void} onDropped */
function dropZone(onDropped) {
  const [thread, zone] = [byId("thread"), byId("drop")];
  let inside = 0; // each element that is entered says so, and each that is left
  const holdsFiles = (/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes(FILES) ?? false;
  const show = () => {
    zone.hidden = inside === 0;
  };
  thread.addEventListener("dragenter", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    inside += 1;
    show();
  });
  thread.addEventListener("dragover", (event) => holdsFiles(event) && event.preventDefault());
  thread.addEventListener("dragleave", (event) => {
    if (!holdsFiles(event)) return;
    inside = Math.max(0, inside - 1);
    show();
  });
  thread.addEventListener("drop", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    inside = 0;
    show();
    onDropped([...(event.dataTransfer?.files ?? [])]);
  });
  // Beside the thread a dropped file would take the place of the page.
  for (const name of /** @type {const} */ (["dragover", "drop"]))
    addEventListener(name, (event) => holdsFiles(event) && event.preventDefault());
}
