// JSON over HTTP. Every failure is one of two errors: a problem the server named, or no answer at all.

import { preloaded } from "./preloaded.js";
import { heard } from "./skew.js";

const WITHIN_MS = 30_000;
const GAME_WITHIN_MS = 10_000;

/** The server's RFC 9457 answer. */
export class ProblemError extends Error {
  /**
   * @param {Partial<Wire.ProblemDocument>} problem empty where a proxy answered in its own words
   * @param {number} status
   * @param {number | null} retryAfterS
   */
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

/** Nobody of ours answered: offline, or the server is away. */
export class Unreachable extends Error {
  constructor() {
    super("Duet cannot be reached. Check your connection and try again.");
  }
}

/**
 * The status of a problem that the server named, else null.
 * @param {unknown} error
 */
export const statusOf = (error) => (error instanceof ProblemError ? error.status : null);

/**
 * Nobody answered, or not to the end, or it was not Duet: some networks answer everything with a page of their own.
 * @param {unknown} error
 * @returns {never}
 */
function unanswered(error) {
  throw error instanceof DOMException && error.name === "AbortError" ? error : new Unreachable();
}

/**
 * What a route of the contract takes. of: the parts of its path. keepalive: it goes on when the page is left.
 * @template {keyof Wire.Answers} Route
 * @typedef {{
 *   of?: Record<string, string>,
 *   query?: Route extends keyof Wire.Queries ? Wire.Queries[Route] : never,
 *   body?: Route extends keyof Wire.Bodies ? Wire.Bodies[Route] : never,
 *   signal?: AbortSignal,
 *   keepalive?: boolean,
 * }} Asked
 */

/**
 * A network that is gone answers nothing, not even an error, and nobody waits forever: a late answer counts as none.
 * @template {keyof Wire.Answers} Route
 * @param {Route} route
 * @param {Asked<Route>} asked
 * @returns {Promise<Wire.Answers[Route]>}
 */
async function call(route, { of, query, body, signal: own, keepalive } = {}) {
  const [method] = route.split(" ");
  /** @type {Record<string, string>} */
  const headers = { Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const late = AbortSignal.timeout(WITHIN_MS);
  const signal = own ? AbortSignal.any([own, late]) : late;
  const asked = { method, headers, signal, keepalive, body: JSON.stringify(body) };
  const response = await fetch(address(route, of, query), asked).catch(unanswered);
  heard(response.headers.get("Date"));
  if (!response.ok) {
    const problem = await response.json().catch(() => ({}));
    throw new ProblemError(problem, response.status, Number(response.headers.get("Retry-After")) || null);
  }
  // The contract's answer for "no content" is null.
  const answer = response.status === 204 ? null : await response.json().catch(unanswered);
  return answer;
}

/**
 * What the page brought along is not asked for again.
 * @template {keyof Wire.Answers} Route
 * @param {Route} route
 * @param {Asked<Route>} asked
 * @returns {Promise<Wire.Answers[Route]>}
 */
const load = async (route, asked) => preloaded(address(route, asked.of, asked.query)) ?? call(route, asked);

/**
 * @param {keyof Wire.Answers} route
 * @param {Record<string, string>} of
 * @param {Record<string, unknown>} query undefined, null and "" leave one out
 */
function address(route, of = {}, query = {}) {
  const path = route.slice(route.indexOf(" ") + 1).replace(/\{(\w+)\}/g, (_, part) => encodeURIComponent(of[part]));
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== "");
  return given.length ? `${path}?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}` : path;
}

/** @param {Wire.SignUp} body */
export const signUp = (body) => call("POST /api/accounts", { body });
/** @param {Wire.LogIn} body */
export const logIn = (body) => call("POST /api/session", { body });
/** @param {Wire.NewInvite} body */
export const makeInvite = (body) => call("POST /api/invites", { body });
export const invites = () => call("GET /api/invites");
/** @param {string} id */
export const takeBackInvite = (id) => call("DELETE /api/invites/{id}", { of: { id } });
/** @param {Wire.AcceptInvite} body */
export const acceptInvite = (body) => call("POST /api/invites/accept", { body });
export const whoAmI = () => call("GET /api/session");
export const logOut = () => call("DELETE /api/session");
export const sessions = () => call("GET /api/sessions");
/** @param {string} id */
export const endSession = (id) => call("DELETE /api/sessions/{id}", { of: { id } });
export const endOtherSessions = () => call("DELETE /api/sessions");
/** @param {Wire.ChangeProfile} body */
export const changeProfile = (body) => call("PUT /api/profile", { body });
export const settings = () => call("GET /api/settings");
export const pushState = () => call("GET /api/push");
/**
 * @param {PushSubscription} subscription of this browser, with the session's
 * @param {boolean} hideText
 */
export function subscribe(subscription, hideText) {
  const { endpoint, keys } = /** @type {Wire.Subscribe} */ (/** @type {unknown} */ (subscription.toJSON()));
  return call("PUT /api/push", { body: { endpoint, keys, hide_text: hideText } });
}
export const unsubscribe = () => call("DELETE /api/push");
/** @param {Wire.ChangeSettings} body */
export const changeSettings = (body) => call("PATCH /api/settings", { body });
/** @param {Wire.ChangePassword} body */
export const changePassword = (body) => call("PUT /api/password", { body });
/**
 * @param {Wire.Queries["GET /api/users"]} query
 * @param {AbortSignal} [signal]
 */
export const users = (query, signal) => call("GET /api/users", { query, signal });
/** @param {Wire.Queries["GET /api/threads"]} query */
export const threads = (query) => call("GET /api/threads", { query });
/** @param {string} username */
export const threadState = (username) => call("GET /api/threads/{username}/state", { of: { username } });
/**
 * @param {string} username
 * @param {Wire.ChangeState} body
 */
export const changeState = (username, body) =>
  call("PATCH /api/threads/{username}/state", { of: { username }, body, keepalive: true });
/**
 * @param {string} username
 * @param {Wire.Queries["GET /api/threads/{username}/messages"]} query
 */
export const messages = (username, query) => load("GET /api/threads/{username}/messages", { of: { username }, query });
/**
 * The texts that a message had and has.
 * @param {string} username
 * @param {number} seq
 */
export const pastTexts = (username, seq) =>
  call("GET /api/threads/{username}/messages/{seq}/history", { of: { username, seq: String(seq) } });
/**
 * @param {Wire.Queries["GET /api/search"]} query
 * @param {AbortSignal} signal
 */
export const search = (query, signal) => call("GET /api/search", { query, signal });

// Nobody plays on with a board that waits so long.
const soon = () => AbortSignal.timeout(GAME_WITHIN_MS);
/**
 * @param {string} username
 * @param {Wire.OfferGame} body
 */
export const offerGame = (username, body) =>
  call("POST /api/threads/{username}/games", { of: { username }, body, signal: soon() });
/**
 * @param {string} id
 * @param {Wire.GameCommand} body
 */
export const commandGame = (id, body) => call("POST /api/games/{id}/commands", { of: { id }, body, signal: soon() });
/** @param {string} id */
export const game = (id) => call("GET /api/games/{id}", { of: { id }, signal: soon() });
export const openGames = () => call("GET /api/games", { signal: soon() });
/**
 * @param {string} username
 * @param {Wire.Queries["GET /api/threads/{username}/games"]} query
 */
export const threadGames = (username, query) =>
  load("GET /api/threads/{username}/games", { of: { username }, query, signal: soon() });

/**
 * A sentence for a person about any error of this module.
 * @param {unknown} error
 */
export function inWords(error) {
  if (error instanceof ProblemError && error.status === 429)
    return `Too many tries. Try again in ${inTime(error.retryAfterS ?? 60)}.`;
  if (error instanceof ProblemError && error.status >= 500)
    return "Something went wrong on our side. Try again in a moment.";
  return error instanceof Error ? error.message : String(error);
}

/** @param {number} seconds */
function inTime(seconds) {
  if (seconds < 60) return seconds === 1 ? "1 second" : `${seconds} seconds`;
  const minutes = Math.ceil(seconds / 60);
  return minutes === 1 ? "1 minute" : `${minutes} minutes`;
}
