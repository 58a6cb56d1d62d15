// What a key means: an input method keeps its keys to itself, and Enter on a touch keyboard starts a new line.

const IME_KEY_CODE = 229;
const coarse = matchMedia("(pointer: coarse)");

/**
 * Whether an input method takes the key. Safari ends a composition before the key that ended it: only the code tells.
 * @param {KeyboardEvent} event
 */
export const isComposing = (event) => event.isComposing || event.keyCode === IME_KEY_CODE;

/**
 * Whether somebody pressed Enter, and did not confirm a word of an input method with it.
 * @param {KeyboardEvent} event
 */
export const isEnter = (event) => event.key === "Enter" && !isComposing(event);

/** Whether Enter starts a new line in a text area: a touch keyboard has no Shift+Enter for that. */
export const entersLines = () => coarse.matches;

/** @param {() => void} listener */
export const onPointerChange = (listener) => coarse.addEventListener("change", listener);
