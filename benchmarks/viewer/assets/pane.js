// One episode: timeline, prompt, and tabs for the turn, the memory, the task and the scores.
import { el } from "viewer/dom";
import { timeline } from "viewer/timeline";
import { messages } from "viewer/messages";
import { memory } from "viewer/memory";
import { turn } from "viewer/turn";
import { task, scores } from "viewer/outcome";
import { number } from "viewer/names";

const TABS = { turn: "Turn", memory: "Memory", task: "Task", scores: "Scores" };

/** Return `element`, `length`, `turns` and `show(turn index)` of an episode. `go(turn index)` is told of the reader's wishes. */
export function pane(episode, go) {
  const toMemory = (id) => { select("memory"); views.memory.point(id); };
  const toFact = (fact) => { select("task"); views.task.point(fact); };
  const time = timeline(episode, go);
  const prompt = messages(episode, toMemory);
  const views = { turn: turn(episode, toMemory), memory: memory(episode, toFact), task: task(episode), scores: { element: scores(episode), show() {} } };
  const unique = `tab-${Math.random().toString(36).slice(2)}`;
  const buttons = Object.entries(TABS).map(([name, label]) => el("button", {
    type: "button", role: "tab", id: `${unique}-${name}`, value: name, "aria-controls": `${unique}-panel`, click: () => select(name), keydown: (event) => move(event),
  }, label));
  const holder = el("div", { class: "tab", role: "tabpanel", id: `${unique}-panel`, tabindex: "0" });

  function select(name) {
    for (const button of buttons) {
      button.setAttribute("aria-selected", String(button.value === name));
      button.tabIndex = button.value === name ? 0 : -1;
    }
    holder.setAttribute("aria-labelledby", `${unique}-${name}`);
    holder.replaceChildren(views[name].element);
  }
  function move(event) {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    const next = buttons[(buttons.indexOf(event.target) + step + buttons.length) % buttons.length];
    select(next.value);
    next.focus();
  }
  select("turn");
  return {
    element: el("div", { class: "pane" }, header(episode), time.element,
      el("div", { class: "columns" }, prompt.element,
        el("section", { class: "panel", "aria-label": "Details" }, el("div", { class: "tabs", role: "tablist" }, buttons), holder))),
    turns: episode.turns,
    show(index) {
      for (const view of [time, prompt, ...Object.values(views)]) view.show(index);
    },
  };
}

function header({ summary }) {
  return el("header", { class: "episode" },
    el("h1", {}, `${summary.benchmark} · ${summary.task ?? "task not known"}`),
    el("p", {}, el("span", { class: `chip ${summary.outcome}` }, summary.outcome), ` ${summary.policy} · seed ${summary.seed} · reward ${number(summary.reward, 3)}`));
}
