// The rules for names and passwords, so that the page can explain them before the server has to.

const USERNAME = /^[a-z0-9][a-z0-9_.-]{2,31}$/i;

/** @param {string} username */
export function usernameError(username) {
  if (!username) return "Choose a name.";
  if (USERNAME.test(username)) return "";
  if (!/^[a-z0-9]/i.test(username)) return "A name starts with a letter (a to z) or a digit.";
  if (!/^[a-z0-9_.-]*$/i.test(username)) return "A name holds only letters (a to z), digits, and _ . -";
  return username.length < 3 ? "A name has at least 3 characters." : "A name has at most 32 characters.";
}

/** @param {string} password */
export function passwordError(password) {
  const length = [...password].length;
  if (length < 10) return "A password has at least 10 characters.";
  return length > 256 ? "A password has at most 256 characters." : "";
}
