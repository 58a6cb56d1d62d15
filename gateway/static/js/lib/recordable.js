export const KINDS = ["audio/webm;codecs=opus", "audio/ogg;codecs=opus", "audio/mp4"];

/** Whether this browser can record: it lets no page without encryption listen. */
export const canRecord = () =>
  Boolean(navigator.mediaDevices && "MediaRecorder" in globalThis && KINDS.some(MediaRecorder.isTypeSupported));
