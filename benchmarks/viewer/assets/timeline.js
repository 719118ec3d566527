// The context over the episode: a stacked bar of tokens by origin for each turn, stages, and what left the context.
import { el, svg } from "viewer/dom";
import { ORIGINS, STAGES, count } from "viewer/names";

const HEIGHT = 120;
const MARKS = 14;

/** Return the timeline of an episode: `element`, and `show(turn)` to move the cursor. `go(turn)` is told of clicks. */
export function timeline(episode, go) {
  const turns = episode.turns;
  const top = Math.max(1, ...turns.map((turn) => Math.max(turn.tokens, held(episode, turn) + left(episode, turn))));
  const scale = (tokens) => (tokens / top) * HEIGHT;
  const cursor = svg("rect", { class: "cursor", y: 0, width: 1, height: HEIGHT + MARKS });
  const picture = svg("svg", {
    class: "timeline", viewBox: `0 0 ${turns.length} ${HEIGHT + MARKS}`, preserveAspectRatio: "none", role: "img",
    "aria-label": "Tokens of the context by origin, turn by turn",
    click: (event) => go(turnAt(picture, event, turns.length)),
  }, turns.map((turn, index) => bar(episode, turn, index, scale)), cursor);
  const label = el("output", { class: "where" });
  const slider = el("input", { type: "range", min: 0, max: turns.length - 1, step: 1, "aria-label": "Turn", input: (event) => go(Number(event.target.value)) });
  const element = el("section", { class: "time", "aria-label": "Timeline" },
    stages(turns), el("div", { class: "plot" }, picture, el("span", { class: "scale" }, `${count(top)} tokens`)), slider, label, legend(episode));
  return {
    element,
    show(index) {
      const turn = turns[index];
      cursor.setAttribute("x", index);
      slider.value = index;
      label.textContent = `Turn ${turn.number} of ${turns.at(-1).number} · ${STAGES[turn.stage]} · ${count(turn.tokens)} of ${count(episode.max_tokens)} tokens · ${count(turn.memory.length)} ${turn.memory.length === 1 ? "memory" : "memories"}`;
    },
  };
}

function turnAt(picture, event, length) {
  const box = picture.getBoundingClientRect();
  return Math.min(length - 1, Math.max(0, Math.floor(((event.clientX - box.left) / box.width) * length)));
}

/** Tokens of the messages that left the context in a turn. */
function left(episode, turn) {
  return turn.events.flatMap((event) => event.removed).reduce((sum, id) => sum + episode.messages[id].tokens, 0);
}

function held(episode, turn) {
  return turn.context.reduce((sum, id) => sum + episode.messages[id].tokens, 0);
}

function bar(episode, turn, x, scale) {
  const tokens = Object.fromEntries(Object.keys(ORIGINS).map((origin) => [origin, 0]));
  for (const id of turn.context) tokens[episode.messages[id].origin] += episode.messages[id].tokens;
  const parts = Object.entries(tokens).filter(([, size]) => size).map(([origin, size]) => [`o-${origin}`, size]);
  const gone = left(episode, turn);
  if (gone) parts.push(["gone", gone]);
  let y = HEIGHT;
  const rects = parts.map(([name, size]) => {
    y -= scale(size);
    return svg("rect", { class: name, x: x + 0.06, y, width: 0.88, height: scale(size) });
  });
  const mistakes = Object.values(turn.errors).reduce((sum, value) => sum + value, 0);
  const acted = turn.events.some((event) => ["add", "update", "delete", "retrieve", "reduce"].includes(event.kind) && event.actor !== "environment");
  if (acted) rects.push(svg("rect", { class: "mark tool", x: x + 0.06, y: HEIGHT + 2, width: 0.88, height: 5 }));
  if (mistakes) rects.push(svg("rect", { class: "mark mistake", x: x + 0.06, y: HEIGHT + 8, width: 0.88, height: 5 }));
  return rects;
}

function stages(turns) {
  const spans = [];
  for (const turn of turns) {
    if (spans.at(-1)?.stage === turn.stage) spans.at(-1).size += 1;
    else spans.push({ stage: turn.stage, size: 1 });
  }
  return el("div", { class: "stages", "aria-hidden": "true" }, spans.map(({ stage, size }) =>
    el("span", { class: `stage s${stage}`, style: `flex-grow: ${size}`, title: STAGES[stage] }, el("span", {}, `Stage ${stage}`))));
}

function legend(episode) {
  const used = new Set(episode.messages.map((message) => message.origin));
  const item = (name, label) => el("li", {}, el("span", { class: `key ${name}` }), label);
  return el("ul", { class: "legend" },
    Object.entries(ORIGINS).filter(([origin]) => used.has(origin)).map(([origin, label]) => item(`o-${origin}`, label)),
    item("gone", "left the context"), item("tool", "memory tool used"), item("mistake", "mistake"));
}
