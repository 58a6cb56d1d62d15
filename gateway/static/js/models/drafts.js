// What was typed and not sent, per thread; survives a reload, wiped at logout.

const prefix = (owner) => `duet:draft:${owner}:`;

export class Drafts {
  constructor(owner) {
    this.prefix = prefix(owner);
  }

  get(thread) {
    return localStorage.getItem(this.prefix + thread) ?? "";
  }

  set(thread, text) {
    if (text) localStorage.setItem(this.prefix + thread, text);
    else localStorage.removeItem(this.prefix + thread);
  }
}

export function wipeDrafts(owner) {
  for (const key of Object.keys(localStorage)) if (key.startsWith(prefix(owner))) localStorage.removeItem(key);
}
