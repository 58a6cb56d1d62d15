import { sourceOf } from "../lib/format_nodes.js";

/**
 * What is copied of a whole message is what was typed: its markers go along, and look the same where they are pasted.
 * @param {HTMLElement} log
 */
export function copySources(log) {
  log.addEventListener("copy", (event) => {
    const selection = getSelection();
    const marked = [...log.querySelectorAll(".bubble:has(> .formatted)")];
    const whole = marked.filter((bubble) => selection && isWithin(bubble, selection));
    if (!selection || !whole.length || !event.clipboardData) return;
    const parts = [];
    let rest = selection.toString();
    for (const bubble of whole) {
      const shown = bubble.textContent.trim();
      const at = rest.indexOf(shown);
      if (at < 0) continue;
      parts.push(rest.slice(0, at), sourceOf(bubble));
      rest = rest.slice(at + shown.length);
    }
    event.clipboardData.setData("text/plain", parts.join("") + rest);
    event.preventDefault();
  });
}

/**
 * Whether all the words of a bubble are selected.
 * @param {Element} bubble
 * @param {Selection} selection
 */
function isWithin(bubble, selection) {
  const range = selection.getRangeAt(0).cloneRange();
  if (!range.intersectsNode(bubble)) return false;
  const all = document.createRange();
  all.selectNodeContents(bubble);
  if (range.compareBoundaryPoints(Range.START_TO_START, all) < 0) range.setStart(bubble, 0);
  if (range.compareBoundaryPoints(Range.END_TO_END, all) > 0) range.setEnd(bubble, bubble.childNodes.length);
  return range.toString().trim() === bubble.textContent.trim();
}
