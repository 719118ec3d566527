// What things are called and in which order they stand.

/** Origins of messages, from the bottom of a stacked bar to its top, and what the legend calls them. */
export const ORIGINS = {
  system: "system", query: "query", fact: "told", distractor: "distractor", retrieval: "retrieved", summary: "summary",
  observation: "observation", result: "tool result", notice: "notice", agent: "agent",
};

export const STAGES = { 1: "Stage 1: facts are told", 2: "Stage 2: distractors", 3: "Stage 3: the task" };

/** Return a number with so many digits, or a dash. */
export function number(value, digits = 2) {
  return value === null || value === undefined ? "–" : Number(value).toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** Return a count, or a dash. */
export const count = (value) => number(value, 0);

/** Return what a statement is worth, as a class name and a word. */
export function worth(task, index) {
  const fact = task.facts[index];
  if (fact.superseded_by !== null) return ["stale", fact.worth === "gold" ? "outdated gold" : "outdated"];
  return [fact.worth.replace(" ", "-"), fact.worth];
}
