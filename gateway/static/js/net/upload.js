import { ProblemError, Unreachable } from "./api.js";

/**
 * Uploads a file for a chat: the same id again gets the same answer. Rejects as net/api.js does.
 * @param {object} file
 * @param {string} file.thread a username
 * @param {string} file.id a UUID
 * @param {string} file.name
 * @param {number} [file.duration] of a sound, in seconds
 * @param {string} [file.peaks] of a sound
 * @param {Blob} file.blob
 * @param {(part: number) => void} file.onProgress how much of it has gone, from 0 to 1
 * @param {AbortSignal} file.signal
 * @returns {Promise<Wire.Attachment>}
 */
export function upload({ thread, id, name, duration, peaks, blob, onProgress, signal }) {
  const request = new XMLHttpRequest(); // fetch tells nothing of what has gone
  const query = new URLSearchParams({ client_id: id, name });
  if (duration !== undefined) query.set("duration", String(duration));
  if (peaks !== undefined) query.set("peaks", peaks);
  request.open("POST", `/api/threads/${encodeURIComponent(thread)}/attachments?${query}`);
  request.setRequestHeader("Content-Type", "application/octet-stream");
  request.upload.onprogress = ({ loaded, total }) => onProgress(total ? loaded / total : 0);
  signal.addEventListener("abort", () => request.abort());
  return new Promise((resolve, reject) => {
    request.onload = () => {
      const answer = parsed(request.responseText);
      if (request.status < 300 && answer?.id) resolve(answer);
      else if (request.status < 300)
        reject(new Unreachable()); // some networks answer with a page of their own
      else reject(new ProblemError(answer ?? {}, request.status, Number(request.getResponseHeader("Retry-After"))));
    };
    request.onerror = () => reject(new Unreachable());
    request.onabort = () => reject(new DOMException("Cancelled", "AbortError"));
    request.send(blob);
  });
}

/** @param {string} text */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
