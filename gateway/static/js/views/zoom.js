// A picture that can be made larger with fingers, a wheel or two clicks, and moved while it is.

const MOST = 6;
const CLICKED = 2.5;
const TWICE_MS = 300;
const STILL_PX = 8;

/** @typedef {{ x: number, y: number }} Point */

export class Zoom {
  #scale = 1;
  #x = 0;
  #y = 0;
  /** @type {Map<number, Point>} the fingers on it */
  #fingers = new Map();
  /** @type {Point} how far one finger has gone since it came */
  #way = { x: 0, y: 0 };
  #alone = true;
  #tappedAt = -Infinity;

  /**
   * @param {HTMLElement} stage
   * @param {HTMLElement} picture
   * @param {(way: Point) => void} onSwipe one finger has passed over the picture, which is not larger than the stage
   */
  constructor(stage, picture, onSwipe) {
    this.stage = stage;
    this.picture = picture;
    this.onSwipe = onSwipe;
    stage.addEventListener("pointerdown", (event) => this.#down(event));
    stage.addEventListener("pointermove", (event) => this.#move(event));
    for (const name of /** @type {const} */ (["pointerup", "pointercancel"]))
      stage.addEventListener(name, (event) => this.#up(event));
    stage.addEventListener(
      "wheel",
      (event) => {
        event.preventDefault();
        this.by(Math.exp(-event.deltaY / 300), event);
      },
      { passive: false },
    );
  }

  reset() {
    this.#scale = 1;
    this.#x = this.#y = 0;
    this.#draw();
  }

  toggle() {
    if (this.#scale > 1) this.reset();
    else this.by(CLICKED);
  }

  /**
   * Larger or smaller by a factor; what is at the place given stays there.
   * @param {number} factor
   * @param {{ clientX: number, clientY: number }} [place] by default the middle
   */
  by(factor, place) {
    const scale = Math.min(MOST, Math.max(1, this.#scale * factor));
    const { left, top, width, height } = this.stage.getBoundingClientRect();
    const x = (place?.clientX ?? left + width / 2) - left - width / 2;
    const y = (place?.clientY ?? top + height / 2) - top - height / 2;
    const grown = scale / this.#scale;
    this.#x = x - (x - this.#x) * grown;
    this.#y = y - (y - this.#y) * grown;
    this.#scale = scale;
    this.#draw();
  }

  #draw() {
    const { clientWidth: wide, clientHeight: high } = this.stage;
    const [overX, overY] = [(wide * (this.#scale - 1)) / 2, (high * (this.#scale - 1)) / 2];
    this.#x = Math.min(overX, Math.max(-overX, this.#x));
    this.#y = Math.min(overY, Math.max(-overY, this.#y));
    this.picture.style.transform = `translate(${this.#x}px, ${this.#y}px) scale(${this.#scale})`;
    this.stage.classList.toggle("zoomed", this.#scale > 1);
  }

  /** @param {PointerEvent} event */
  #down(event) {
    if (event.button) return;
    event.preventDefault();
    this.stage.setPointerCapture(event.pointerId);
    this.#alone = this.#fingers.size === 0;
    if (this.#alone) this.#way = { x: 0, y: 0 };
    this.#fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
  }

  /** @param {PointerEvent} event */
  #move(event) {
    const before = this.#fingers.get(event.pointerId);
    if (!before) return;
    const now = { x: event.clientX, y: event.clientY };
    const other = [...this.#fingers].find(([id]) => id !== event.pointerId)?.[1];
    this.#fingers.set(event.pointerId, now);
    if (other) {
      const middle = { clientX: (now.x + other.x) / 2, clientY: (now.y + other.y) / 2 };
      this.by(distance(now, other) / Math.max(1, distance(before, other)), middle);
      return;
    }
    this.#way = { x: this.#way.x + now.x - before.x, y: this.#way.y + now.y - before.y };
    if (this.#scale === 1) return;
    this.#x += now.x - before.x;
    this.#y += now.y - before.y;
    this.#draw();
  }

  /** @param {PointerEvent} event */
  #up(event) {
    if (!this.#fingers.delete(event.pointerId) || this.#fingers.size || !this.#alone) return;
    if (event.type === "pointercancel") return;
    if (Math.hypot(this.#way.x, this.#way.y) < STILL_PX) this.#tapped(event);
    else if (this.#scale === 1) this.onSwipe(this.#way);
  }

  /** @param {PointerEvent} event */
  #tapped(event) {
    const twice = event.timeStamp - this.#tappedAt < TWICE_MS;
    this.#tappedAt = twice ? -Infinity : event.timeStamp;
    if (!twice) return;
    if (this.#scale > 1) this.reset();
    else this.by(CLICKED, event);
  }
}

/**
 * @param {Point} one
 * @param {Point} other
 */
const distance = (one, other) => Math.hypot(one.x - other.x, one.y - other.y);
