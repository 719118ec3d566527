// Elements are made here and nowhere else: text is always text, whatever it contains.

/**
 * Return a new element.
 * @param {string} tag name of the element
 * @param {object} attributes attributes; functions are listeners, `data` sets data attributes, null is left out
 * @param {...(Node|string|null|Array)} children nodes or texts
 */
export function el(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** Return a new SVG element. */
export function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

const LONG = 4000;

/** Return a text block; a long text is cut, with a button that shows all of it. */
export function text(content, className = "text") {
  const value = String(content);
  const block = el("div", { class: className, dir: "auto" }, value.slice(0, LONG));
  if (value.length <= LONG) return block;
  const button = el("button", {
    type: "button", class: "more",
    click: () => { block.textContent = value; button.remove(); },
  }, `… show all ${value.length.toLocaleString("en")} characters`);
  return el("div", {}, block, button);
}

/** Return a value as readable text: texts as they are, other values as JSON. */
export function readable(value) {
  return typeof value === "string" ? value : JSON.stringify(value, null, 2);
}
