// The list of episodes: filter, sort, open, and choose two to compare.
import { el } from "viewer/dom";
import { number, count } from "viewer/names";

const COLUMNS = [
  ["benchmark", "Benchmark", String], ["policy", "Policy", String], ["task", "Task", (v) => v ?? "–"],
  ["seed", "Seed", String], ["outcome", "Outcome", String], ["reward", "Reward", (v) => number(v, 3)],
  ["progress", "Progress", (v) => number(v, 2)], ["turns", "Turns", count], ["tokens", "Last prompt", count],
  ["errors", "Mistakes", count], ["price", "Cost $", (v) => number(v, 4)],
];
const SHOWN = 500;

/** Choices that survive going to an episode and back. */
const state = { text: "", benchmark: "", policy: "", outcome: "", sort: null, down: false, marked: new Set() };

/** Return the list's view. `open(keys)` goes to one or two episodes. */
export function list(title, summaries, open) {
  const body = el("tbody");
  const found = el("p", { class: "quiet", role: "status" });
  const compare = el("button", { type: "button", class: "primary", click: () => open([...state.marked]) }, "Compare the two");
  const view = el("div", { class: "list" },
    el("h1", {}, title), filters(summaries, draw), el("div", { class: "row" }, found, compare),
    el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Episodes" },
      el("table", { class: "episodes" }, el("thead", {}, heading(draw)), body)));

  function draw() {
    const rows = chosen(summaries);
    body.replaceChildren(...rows.slice(0, SHOWN).map((row) => line(row, open, mark)));
    found.textContent = `${count(rows.length)} of ${count(summaries.length)} episodes` +
      (rows.length > SHOWN ? `; the first ${SHOWN} are shown, filter for others` : "") +
      ". Mark two to compare them.";
    view.querySelector("thead").replaceChildren(heading(draw));
    mark();
  }
  function mark() {
    compare.hidden = state.marked.size !== 2;
    for (const box of body.querySelectorAll("input")) {
      box.checked = state.marked.has(box.value);
      box.disabled = state.marked.size === 2 && !box.checked;
    }
  }
  draw();
  return view;
}

function chosen(summaries) {
  const words = state.text.toLowerCase().split(/\s+/).filter(Boolean);
  const rows = summaries.filter((row) =>
    ["benchmark", "policy", "outcome"].every((name) => !state[name] || row[name] === state[name]) &&
    words.every((word) => COLUMNS.some(([name]) => String(row[name] ?? "").toLowerCase().includes(word)) || row.key.includes(word)));
  if (state.sort === null) return rows;
  const sign = state.down ? -1 : 1;
  return rows.sort((a, b) => order(a[state.sort], b[state.sort], sign));
}

/** What is not known stands last in both directions. */
function order(a, b, sign) {
  if (a === b) return 0;
  if (a === null || a === undefined) return 1;
  if (b === null || b === undefined) return -1;
  return sign * (typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), "en", { numeric: true }));
}

function filters(summaries, draw) {
  const pick = (name, label) => {
    const values = [...new Set(summaries.map((row) => row[name]))].sort();
    const change = (event) => { state[name] = event.target.value; draw(); };
    return el("label", {}, label, el("select", { change },
      el("option", { value: "" }, "all"),
      values.map((value) => el("option", { value, selected: value === state[name] }, value))));
  };
  const input = el("input", { type: "search", placeholder: "words of any column", value: state.text,
    input: (event) => { state.text = event.target.value; draw(); } });
  return el("form", { class: "row filters", submit: (event) => event.preventDefault() },
    el("label", {}, "Search", input), pick("benchmark", "Benchmark"), pick("policy", "Policy"), pick("outcome", "Outcome"));
}

function heading(draw) {
  const cells = COLUMNS.map(([name, label]) => {
    const sorted = state.sort === name;
    const click = () => {
      [state.sort, state.down] = [name, sorted && !state.down];
      draw();
      [...document.querySelectorAll("thead button")].find((button) => button.value === name)?.focus();
    };
    return el("th", { scope: "col", "aria-sort": sorted ? (state.down ? "descending" : "ascending") : null },
      el("button", { type: "button", value: name, click }, label, sorted ? (state.down ? " ▾" : " ▴") : ""));
  });
  return el("tr", {}, el("th", { scope: "col" }, el("span", { class: "hidden" }, "Compare")), cells);
}

function line(row, open, mark) {
  const box = el("input", { type: "checkbox", value: row.key, "aria-label": `Compare ${row.key}`, change: () => {
    if (!state.marked.delete(row.key)) state.marked.add(row.key);
    mark();
  } });
  const cells = COLUMNS.map(([name, , show], index) => {
    const shown = show(row[name]);
    const content = index === 2 ? el("a", { href: "#" + encodeURIComponent(row.key) + "/0" }, shown) : shown;
    return el("td", { class: name + (name === "outcome" ? " " + row.outcome : "") }, content);
  });
  const click = (event) => { if (!event.target.closest("a, input, td:first-child")) open([row.key]); };
  return el("tr", { click }, el("td", {}, box), cells);
}
