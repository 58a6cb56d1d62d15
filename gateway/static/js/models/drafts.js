// What was typed and not sent, per thread; survives a reload, wiped at logout.

import { local } from "../lib/storage.js";

const prefix = (owner) => `duet:draft:${owner}:`;

export class Drafts {
  constructor(owner) {
    this.prefix = prefix(owner);
  }

  get(thread) {
    return local.get(this.prefix + thread) ?? "";
  }

  set(thread, text) {
    if (text) local.set(this.prefix + thread, text);
    else local.remove(this.prefix + thread);
  }
}

export function wipeDrafts(owner) {
  for (const key of local.keys(prefix(owner))) local.remove(key);
}
