// One turn: what the model sent, what was done with it, what it cost.
import { el, text, readable } from "viewer/dom";
import { number, count } from "viewer/names";

/** Return `element` and `show(turn index)`. */
export function turn(episode, toMemory) {
  const element = el("div", { class: "turn" });
  return {
    element,
    show(index) {
      const now = episode.turns[index];
      const mistakes = Object.entries(now.errors);
      const done = now.events.filter((event) => event.kind !== "charge");
      element.replaceChildren(
        el("h3", {}, "The model's turn"),
        now.action === null ? el("p", { class: "quiet" }, "The start: nothing has been sent yet.") : text(readable(now.action), "text code"),
        mistakes.length ? el("p", { class: "mistakes" }, "Mistakes: ", mistakes.map(([kind, times]) => el("span", { class: "chip bad" }, times > 1 ? `${kind} × ${times}` : kind))) : "",
        el("h3", {}, "What was done"),
        done.length ? el("ol", { class: "events" }, done.map((event) => line(event, toMemory))) : el("p", { class: "quiet" }, "Nothing."),
        el("h3", {}, "Cost"), cost(now));
    },
  };
}

function line(event, toMemory) {
  const who = event.tool || `${event.actor}: ${event.kind}`;
  const [before, after] = event.tokens;
  return el("li", {},
    el("b", {}, who), event.tool && event.kind !== "none" ? ` (${event.kind})` : "", event.tool && event.kind === "none" ? el("span", { class: "quiet" }, " changed nothing") : "",
    before !== after ? el("span", { class: "quiet" }, ` ${count(before)} → ${count(after)} tokens`) : "",
    Object.keys(event.arguments).length ? text(readable(event.arguments), "text code") : "",
    event.entries.map((id) => el("button", { type: "button", class: "chip link", click: () => toMemory(id) }, id)));
}

function cost(now) {
  const facts = [["Reward", number(now.reward, 4)], ["Seconds in the environment", number(now.seconds.env, 4)], ["Seconds in the policy", number(now.seconds.policy, 3)]];
  if (now.usage) {
    facts.push(["Model calls", count(now.usage.calls)], ["Tokens sent", count(now.usage.prompt_tokens)],
      ["Tokens received", count(now.usage.completion_tokens)], ["US dollars", number(now.usage.price, 5)]);
  }
  return el("dl", {}, facts.map(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]));
}
