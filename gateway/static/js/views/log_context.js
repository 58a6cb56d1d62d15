/** @import { Drawing } from "../games/views/item.js" */
/** @import { Part } from "../lib/part.js" */
/** @import { Command, GameCalls } from "../models/game_calls.js" */
/** @import { Outbox } from "../models/outbox.js" */
/** @import { Uploads } from "../models/uploads.js" */
/** @import { Outage } from "../net/outage.js" */
/** @import { Composer } from "./composer.js" */
/** @import { MessageItem } from "./items.js" */
/** @import { Context } from "./message.js" */

/**
 * Gives the nodes of the log what they need beside their items.
 * @param {object} parts
 * @param {string} parts.me
 * @param {HTMLElement} parts.log
 * @param {Outage} parts.outage
 * @param {Outbox} parts.outbox
 * @param {Uploads} parts.uploads
 * @param {Composer} parts.composer
 * @param {GameCalls} parts.gameCalls
 * @param {(username: string) => Record<string, string>} parts.namesOf
 * @param {(id: string) => void} parts.resign
 * @param {(item: MessageItem) => boolean} parts.isGoing
 * @param {(node: HTMLElement) => void} parts.changed
 * @param {Part<Drawing>} parts.drawing
 * @param {() => void} parts.drawGames
 * @param {(username: string) => void} parts.onRematch
 * @returns {(username: string) => Context}
 */
export function contextOf({
  me,
  log,
  outage,
  outbox,
  uploads,
  composer,
  gameCalls,
  namesOf,
  resign,
  isGoing,
  changed,
  drawing,
  drawGames,
  onRematch,
}) {
  /** @param {string} clientId */
  function retry(clientId) {
    log.focus({ preventScroll: true }); // the button goes
    outbox.retry(clientId);
  }

  /**
   * Back into the composer, with its files.
   * @param {string} clientId
   */
  function takeBack(clientId) {
    const files = outbox.filesOf(clientId);
    composer.takeBack(outbox.remove(clientId), files);
  }

  const files = {
    preview: (/** @type {string} */ id) => uploads.preview(id),
    progress: (/** @type {string} */ id) => uploads.of(id)?.progress ?? null,
  };

  /**
   * A rematch is a new game at the end.
   * @param {string} id
   * @param {Command} command
   */
  async function act(id, command) {
    const answer = await gameCalls.act(id, command);
    if (answer && command.do === "rematch") onRematch(answer.thread);
  }

  return (username) => ({
    me,
    offline: outage.lost,
    names: namesOf(username),
    retry,
    edit: takeBack,
    files,
    deleting: isGoing,
    games: { act, retry: (id) => gameCalls.retry(id), resign, changed, drawing, draw: drawGames },
  });
}
