// What a key means: an input method's keys are its own, and a touch keyboard's Enter is for lines.

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

/** Whether Enter begins a line in a field of several lines; a touch keyboard has no Shift to do that with. */
export const entersLines = () => coarse.matches;

/** @param {() => void} listener */
export const onPointerChange = (listener) => coarse.addEventListener("change", listener);
