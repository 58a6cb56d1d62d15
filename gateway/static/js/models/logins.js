// One cookie says who is logged in, for all pages of this browser. What is still open of somebody else's would ask for
// things as the wrong person.

const NAME = "duet:logins";

/** @param {(channel: BroadcastChannel) => void} use not called where the browser forbids it */
function withChannel(use) {
  try {
    use(new BroadcastChannel(NAME));
  } catch (error) {
    console.warn("Duet: the tabs cannot talk", error);
  }
}

/**
 * `username` has just logged in here.
 * @param {string} username
 */
export function tellLogin(username) {
  withChannel((channel) => {
    channel.postMessage(username);
    channel.close();
  });
}

/**
 * Calls `left` once somebody other than `me` logs in on another page.
 * @param {string} me a username
 * @param {() => void} left
 */
export function onOtherLogin(me, left) {
  withChannel((channel) => {
    channel.onmessage = ({ data: username }) => username !== me && left();
  });
}
