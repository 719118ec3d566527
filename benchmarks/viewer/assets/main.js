// Where the reader is (`#episode/turn`, or two of them with `&` between), and the keyboard.
import { el } from "viewer/dom";
import { title, summaries, episode } from "viewer/data";
import { list } from "viewer/list";
import { pane } from "viewer/pane";

const app = document.getElementById("app");
let panes = [];
let place = [];
let drawn = 0;

/** Show what the address names, now and whenever it changes. */
export function start() {
  document.title = title;
  window.addEventListener("hashchange", draw);
  document.addEventListener("keydown", key);
  draw();
}

function read() {
  return location.hash.slice(1).split("&").filter(Boolean).slice(0, 2).map((part) => {
    const cut = part.lastIndexOf("/");
    const name = cut < 0 ? part : part.slice(0, cut);
    try {
      return [decodeURIComponent(name), cut < 0 ? 0 : Number.parseInt(part.slice(cut + 1), 10) || 0];
    } catch {
      return [name, 0];
    }
  });
}

function address(places) {
  return "#" + places.map(([name, turn]) => `${encodeURIComponent(name)}/${turn}`).join("&");
}

/** Return the index of the turn that an address names, or the nearest there is. */
function nearest(view, number) {
  const found = view.turns.findIndex((turn) => turn.number >= number);
  return found < 0 ? view.turns.length - 1 : found;
}

async function draw() {
  const wanted = read();
  const same = wanted.length && wanted.length === panes.length && wanted.every(([name], index) => name === place[index][0]);
  const ticket = ++drawn;
  if (!same) {
    panes = [];
    if (!wanted.length) return app.replaceChildren(list(title, summaries, open));
    app.replaceChildren(el("p", { role: "status" }, "Loading …"));
    try {
      const episodes = await Promise.all(wanted.map(([name]) => episode(name)));
      if (ticket !== drawn) return undefined;
      panes = episodes.map((value, index) => pane(value, (turn) => go(index, turn)));
    } catch (error) {
      if (ticket === drawn) app.replaceChildren(el("p", { class: "mistakes", role: "alert" }, error.message), el("p", {}, el("a", { href: "#" }, "All episodes")));
      return undefined;
    }
    app.replaceChildren(bar(), el("div", { class: panes.length === 2 ? "panes two" : "panes" }, panes.map((view) => view.element)));
  }
  place = wanted.map(([name, number], index) => [name, nearest(panes[index], number)]);
  panes.forEach((view, index) => view.show(place[index][1]));
  return undefined;
}

function open(keys) {
  location.hash = address(keys.map((name) => [name, 0]));
}

/** Go to a turn of one pane without filling the browser's history. */
function go(index, turn) {
  if (!panes.length) return;
  const length = panes[index].turns.length;
  place[index] = [place[index][0], Math.min(length - 1, Math.max(0, turn))];
  panes[index].show(place[index][1]);
  history.replaceState(null, "", address(place.map(([name, at], number) => [name, panes[number].turns[at].number])));
}

const all = (change) => panes.forEach((view, index) => go(index, change(place[index][1], view.turns)));
const stage = (number) => all((at, turns) => { const found = turns.findIndex((turn) => turn.stage === number); return found < 0 ? at : found; });
const mistake = (step) => all((at, turns) => {
  for (let index = at + step; index >= 0 && index < turns.length; index += step) if (Object.keys(turns[index].errors).length) return index;
  return at;
});

function neighbour(step) {
  if (panes.length !== 1) return;
  const next = summaries[summaries.findIndex((row) => row.key === place[0][0]) + step];
  if (next) open([next.key]);
}

const ACTIONS = [
  ["Escape", "Esc", "all episodes", () => { location.hash = ""; }],
  ["ArrowLeft", "←", "previous turn", () => all((at) => at - 1)],
  ["ArrowRight", "→", "next turn", () => all((at) => at + 1)],
  ["Home", "Home", "first turn", () => all(() => 0)],
  ["End", "End", "last turn", () => all((at, turns) => turns.length - 1)],
  ["1", "1", "stage 1", () => stage(1)],
  ["2", "2", "stage 2", () => stage(2)],
  ["3", "3", "stage 3", () => stage(3)],
  ["p", "p", "previous mistake", () => mistake(-1)],
  ["n", "n", "next mistake", () => mistake(1)],
  ["[", "[", "previous episode", () => neighbour(-1)],
  ["]", "]", "next episode", () => neighbour(1)],
];

function bar() {
  return el("nav", { class: "bar", "aria-label": "Go to" }, ACTIONS.map(([, sign, label, act]) =>
    el("button", { type: "button", title: label, "aria-label": label, "aria-keyshortcuts": sign === "Esc" ? "Escape" : null, click: act }, el("kbd", {}, sign), el("span", {}, label))));
}

function key(event) {
  if (!panes.length || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest?.("input:not([type=range]), select, textarea")) return;
  const action = ACTIONS.find(([name]) => name === event.key);
  if (!action) return;
  event.preventDefault();
  action[3]();
}
