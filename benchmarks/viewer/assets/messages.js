// The prompt as the model saw it, with what is new in it and what has left it.
import { el, text, readable } from "viewer/dom";
import { ORIGINS, count, worth } from "viewer/names";

const REASONS = { reduce: "by the agent", overflow: "because the context was full", replace: "to show other memories" };

/** Return `element` and `show(turn index)`. */
export function messages(episode, toMemory) {
  const body = el("div", { class: "messages" });
  const nodes = new Map();
  const node = (id) => {
    if (!nodes.has(id)) nodes.set(id, message(episode, id, toMemory));
    return nodes.get(id);
  };
  const element = el("section", { class: "panel prompt", "aria-label": "Prompt", tabindex: "0" }, el("h2", {}, "Prompt"), body);
  return {
    element,
    show(index) {
      const before = new Set(index ? episode.turns[index - 1].context : episode.turns[index].context);
      const now = episode.turns[index].context;
      const shown = now.map(node);
      now.forEach((id, place) => shown[place].classList.toggle("new", !before.has(id) && episode.messages[id].origin !== "system"));
      body.replaceChildren(...gone(episode, index), ...shown);
      // What is new stands at the end; the panel scrolls by itself, the page stays where it is.
      element.scrollTop = index ? element.scrollHeight : 0;
    },
  };
}

function gone(episode, index) {
  const turn = episode.turns[index];
  const named = new Set();
  const notes = turn.events.filter((event) => event.removed.length).map((event) => {
    event.removed.forEach((id) => named.add(id));
    return note(episode, event.removed, event.tool ? `with ${event.tool}` : REASONS[event.kind] ?? "");
  });
  const now = new Set(turn.context);
  const cleared = index ? episode.turns[index - 1].context.filter((id) => !now.has(id) && !named.has(id)) : [];
  if (cleared.length) notes.push(note(episode, cleared, "as the stage ended"));
  return notes;
}

function note(episode, ids, reason) {
  const tokens = ids.reduce((sum, id) => sum + episode.messages[id].tokens, 0);
  return el("details", { class: "removed" },
    el("summary", {}, `${count(ids.length)} ${ids.length === 1 ? "message" : "messages"} (${count(tokens)} tokens) left the context ${reason}`),
    ids.map((id) => el("p", { dir: "auto" }, el("span", { class: `key o-${episode.messages[id].origin}` }), preview(episode.messages[id]))));
}

function preview(message) {
  const content = readable(message.sent.content ?? message.sent.tool_calls ?? "");
  return content.length > 300 ? content.slice(0, 300) + "…" : content;
}

function message(episode, id, toMemory) {
  const { origin, sent, tokens, memory_ids, facts } = episode.messages[id];
  const chips = [
    ...facts.map((fact) => { const [name, word] = worth(episode.task, fact); return el("span", { class: `chip ${name}` }, word); }),
    ...memory_ids.map((memory) => el("button", { type: "button", class: "chip link", click: () => toMemory(memory) }, memory)),
  ];
  const calls = (sent.tool_calls ?? []).map((call) =>
    el("div", { class: "call" }, el("b", {}, call.function.name), text(call.function.arguments, "text code")));
  return el("article", { class: `message o-${origin}` },
    el("header", {}, el("span", { class: "role" }, sent.role), el("span", {}, ORIGINS[origin]), ...chips, el("span", { class: "size" }, `${count(tokens)} tokens`)),
    sent.content ? text(readable(sent.content)) : null, calls);
}
