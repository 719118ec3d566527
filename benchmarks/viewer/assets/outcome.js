// What does not change from turn to turn: the task with its statements, and how the episode was scored.
import { el, text } from "viewer/dom";
import { number, worth } from "viewer/names";

/** Return the task with its statements: `element`, `show(turn index)` and `point(fact)`. */
export function task(episode) {
  const { query, answer, facts, distractors } = episode.task;
  const rows = facts.map((fact, index) => {
    const [name, word] = worth(episode.task, index);
    return el("li", { class: "fact", tabindex: "-1" }, el("span", { class: `chip ${name}` }, word), el("span", { class: "chip stored" }, "stored"),
      el("span", { dir: "auto" }, fact.text),
      fact.superseded_by === null ? "" : el("span", { class: "quiet" }, ` (corrected by statement ${fact.superseded_by + 1})`));
  });
  const element = el("div", {},
    el("h3", {}, "Query"), text(query),
    answer === null ? "" : [el("h3", {}, "Expected answer"), text(answer)],
    el("h3", {}, "Statements of stage 1"), facts.length ? el("ol", { class: "facts" }, rows) : el("p", { class: "quiet" }, "None."),
    distractors.length ? el("details", {}, el("summary", {}, `Distractors of stage 2 (${distractors.length})`), distractors.map((content) => el("p", { dir: "auto" }, content))) : "");
  return {
    element,
    show(index) {
      const stored = new Set(episode.turns[index].memory.flatMap((number) => episode.entries[number].states));
      rows.forEach((row, fact) => row.classList.toggle("is-stored", stored.has(fact)));
    },
    point(fact) {
      rows.forEach((row, index) => row.classList.toggle("pointed", index === fact));
      rows[fact]?.scrollIntoView({ block: "nearest" });
      rows[fact]?.focus();
    },
  };
}

/** Return how the episode was scored. */
export function scores(episode) {
  const row = episode.row;
  if (!row) return el("p", { class: "quiet" }, "The episode was not finished: there is no result.");
  if (row.error) return el("div", {}, el("h3", {}, row.error.type), text(row.error.message), el("details", {}, el("summary", {}, "Traceback"), text(row.error.traceback, "text code")));
  return el("div", {},
    el("p", { class: "total" }, "Reward ", el("b", {}, number(row.reward, 4)), ` (${row.reward_profile})`),
    el("h3", {}, "Parts of the reward"), el("dl", { class: "bars" }, Object.entries(row.reward_components).map(([name, value]) => bar(name, value))),
    el("h3", {}, "Metrics"), el("dl", {}, Object.entries(row.metrics).map(([name, value]) => [el("dt", {}, name), el("dd", {}, number(value, Number.isInteger(value) ? 0 : 3))])));
}

function bar(name, value) {
  const size = Math.min(1, Math.abs(value ?? 0)) * 100;
  return [el("dt", { class: name.includes("/") || name.includes(".") ? "part" : "whole" }, name),
    el("dd", {}, el("span", { class: value < 0 ? "bar negative" : "bar", style: `width: ${size / 2}%` }), number(value, 3))];
}
