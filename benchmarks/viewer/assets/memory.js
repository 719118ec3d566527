// Long-term memory after a turn, with what the turn changed in it.
import { el, text } from "viewer/dom";
import { count, number, worth } from "viewer/names";

/** Return `element`, `show(turn index)` and `point(id)`, which brings an entry into view. */
export function memory(episode, toFact) {
  const heading = el("h3", {});
  const body = el("div", { class: "entries" });
  return {
    element: el("div", {}, heading, body),
    show(index) {
      const now = entries(episode, index);
      const before = new Map((index ? entries(episode, index - 1) : now).map((entry) => [entry.id, entry]));
      const found = new Map(retrieved(episode.turns[index]));
      const removed = [...before.values()].filter((entry) => !now.some((other) => other.id === entry.id));
      heading.textContent = `${count(now.length)} ${now.length === 1 ? "entry" : "entries"}`;
      body.replaceChildren(
        ...removed.map((entry) => row(episode, entry, "removed", null, toFact)),
        ...now.map((entry) => row(episode, entry, status(before.get(entry.id), entry), found.get(entry.id), toFact, before.get(entry.id))),
      );
      if (!now.length && !removed.length) body.append(el("p", { class: "quiet" }, "Nothing is stored."));
    },
    point(id) {
      const target = [...body.children].find((child) => child.dataset.id === id);
      for (const child of body.children) child.classList.toggle("pointed", child === target);
      target?.scrollIntoView({ block: "nearest" });
      target?.focus();
      return Boolean(target);
    },
  };
}

const entries = (episode, index) => episode.turns[index].memory.map((number) => episode.entries[number]);

function* retrieved(turn) {
  for (const event of turn.events) {
    if (event.kind === "retrieve") for (const [rank, id] of event.entries.entries()) yield [id, rank + 1];
  }
}

function status(before, entry) {
  if (!before) return "added";
  return before.content === entry.content && JSON.stringify(before.metadata) === JSON.stringify(entry.metadata) ? "" : "changed";
}

function row(episode, entry, change, rank, toFact, before) {
  const facts = entry.states.map((fact) => {
    const [name, word] = worth(episode.task, fact);
    return el("button", { type: "button", class: `chip link ${name}`, click: () => toFact(fact) }, `states: ${word}`);
  });
  const element = el("article", { class: `entry ${change}`, tabindex: "-1" },
    el("header", {}, el("code", {}, entry.id), change ? el("b", { class: "change" }, change) : null,
      rank ? el("b", { class: "change found" }, `retrieved, rank ${rank}`) : null, ...facts, value(episode.credit?.[entry.id])),
    change === "changed" && before.content !== entry.content ? el("del", { dir: "auto" }, before.content) : null,
    text(entry.content),
    el("footer", { class: "quiet" }, `added in turn ${entry.created}` + (entry.modified === null ? "" : `, changed in turn ${entry.modified}`) + tags(entry.metadata)));
  element.dataset.id = entry.id;
  return element;
}

/** Return what the entry was worth, if `agemem credit` has found it out. */
function value(without) {
  if (!without) return null;
  const { worth: points, turns, tokens } = without;
  if (points === null) return el("span", { class: "chip" }, "worth not known");
  const title = `Without it: ${number(turns, 0)} more turns of stage 3, ${number(tokens, 0)} more tokens of prompts`;
  return el("span", { class: points > 0 ? "chip gold" : "chip", title }, `worth ${points > 0 ? "+" : ""}${number(points)}`);
}

function tags(metadata) {
  const others = Object.entries(metadata).filter(([name]) => name !== "timestamp");
  return others.length ? " · " + others.map(([name, value]) => `${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`).join(" · ") : "";
}
