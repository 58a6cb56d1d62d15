// The parts of a page by their accessible names, as far as its pages need it.
const SELECTORS = {
  article: "article",
  button: "button, [role=button]",
  combobox: "select, [role=combobox]",
  dialog: "dialog, [role=dialog]",
  link: "a[href]",
  menuitem: "[role=menuitem]",
  option: "[role=option]",
  switch: "[role=switch]",
  textbox: "textarea, input:not([type=checkbox], [type=radio], [type=hidden]), [role=combobox]",
};

const squeeze = (text) => text.replace(/\s+/g, " ").trim();

const nameOf = (node) =>
  squeeze(
    node.getAttribute("aria-label") ||
      (node.getAttribute("aria-labelledby") || "")
        .split(" ")
        .map((id) => document.getElementById(id)?.textContent ?? "")
        .join(" ")
        .trim() ||
      [...(node.labels ?? [])].map((label) => label.textContent).join(" ") ||
      // biome-ignore lint/performance/useDomNodeTextContent: a name is what is rendered
      node.innerText ||
      "",
  );

// biome-ignore lint/correctness/noUnusedVariables: for what Tab.call runs
const find = (role, name) =>
  [...document.querySelectorAll(SELECTORS[role])].find((node) => node.checkVisibility() && nameOf(node) === name);
