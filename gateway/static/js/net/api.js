// JSON over HTTP. Every failure is one of two errors: a problem the server named, or no answer at all.

import { preloaded } from "./preloaded.js";
import { heard } from "./skew.js";

const GAME_WITHIN_MS = 10_000;

/** The server's RFC 9457 answer. retryAfterS: seconds, or null. */
export class ProblemError extends Error {
  constructor(problem, status, retryAfterS) {
    super(problem.detail || problem.title || `Status ${status}`);
    this.problem = problem;
    this.status = status;
    this.retryAfterS = retryAfterS;
  }

  /** What is wrong with each field: {username: "…"}. */
  get fields() {
    const named = (this.problem.errors ?? []).map(({ pointer, detail }) => [pointer.replace(/^#?\/|^\?/, ""), detail]);
    return Object.fromEntries(named);
  }
}

/** Nobody answered: offline, or the server is away. */
export class Unreachable extends Error {
  constructor() {
    super("Duet cannot be reached. Check your connection and try again.");
  }
}

async function call(method, path, body, signal) {
  const request = { method, signal, headers: { Accept: "application/json" } };
  if (body !== undefined) {
    request.body = JSON.stringify(body);
    request.headers["Content-Type"] = "application/json";
  }
  let response;
  try {
    response = await fetch(path, request);
  } catch (error) {
    throw error.name === "AbortError" ? error : new Unreachable();
  }
  heard(response.headers.get("Date"));
  if (response.status === 204) return null;
  const json = await response.json().catch(() => ({}));
  if (response.ok) return json;
  throw new ProblemError(json, response.status, Number(response.headers.get("Retry-After")) || null);
}

const query = (values) => {
  const given = Object.entries(values).filter(([, value]) => value !== undefined && value !== null && value !== "");
  return given.length ? `?${new URLSearchParams(given)}` : "";
};
const thread = (username) => `/api/threads/${encodeURIComponent(username)}`;

export const signUp = (account) => call("POST", "/api/accounts", account);
export const logIn = (account) => call("POST", "/api/session", account);
export const whoAmI = () => call("GET", "/api/session");
export const logOut = () => call("DELETE", "/api/session");
export const sessions = () => call("GET", "/api/sessions");
export const endSession = (id) => call("DELETE", `/api/sessions/${encodeURIComponent(id)}`);
export const endOtherSessions = () => call("DELETE", "/api/sessions");
export const changePassword = (current, changed) => call("PUT", "/api/password", { current, new: changed });
export const users = (values, signal) => call("GET", `/api/users${query(values)}`, undefined, signal);
export const threads = (cursor, limit) => call("GET", `/api/threads${query({ cursor, limit })}`);
export const messages = async (username, values) => {
  const path = `${thread(username)}/messages${query(values)}`;
  return preloaded(path) ?? call("GET", path);
};

// A board that waits for ever cannot be played on: no answer in time is no answer.
const callGame = (method, path, body) => call(method, path, body, AbortSignal.timeout(GAME_WITHIN_MS));
const oneGame = (id) => `/api/games/${encodeURIComponent(id)}`;
export const offerGame = (username, offer) => callGame("POST", `${thread(username)}/games`, offer);
export const commandGame = (id, command) => callGame("POST", `${oneGame(id)}/commands`, command);
export const game = (id) => callGame("GET", oneGame(id));
export const openGames = () => callGame("GET", "/api/games");
export const threadGames = async (username, values) => {
  const path = `${thread(username)}/games${query(values)}`;
  return preloaded(path) ?? callGame("GET", path);
};

/** A sentence for a person about any error of this module. */
export function inWords(error) {
  if (error.status === 429) return `Too many tries. Try again in ${inTime(error.retryAfterS ?? 60)}.`;
  if (error.status >= 500) return "Something went wrong on our side. Try again in a moment.";
  return error.message;
}

function inTime(seconds) {
  if (seconds < 60) return seconds === 1 ? "1 second" : `${seconds} seconds`;
  const minutes = Math.ceil(seconds / 60);
  return minutes === 1 ? "1 minute" : `${minutes} minutes`;
}
