// The run: the list of episodes, and each episode, from the page itself or from the server.

const data = JSON.parse(document.getElementById("data").textContent);

export const title = data.title;
export const summaries = data.summaries;

const loaded = new Map();

/** Return the episode of this name; a promise. */
export function episode(key) {
  if (!loaded.has(key)) {
    const found = load(key);
    loaded.set(key, found);
    found.catch(() => loaded.delete(key));
  }
  return loaded.get(key);
}

async function load(key) {
  if (data.episodes) {
    if (!Object.hasOwn(data.episodes, key)) throw new Error(`This file does not hold the episode ${key}.`);
    if (data.episodes[key].unreadable) throw new Error(data.episodes[key].unreadable);
    return data.episodes[key];
  }
  const response = await fetch("/episode/" + encodeURIComponent(key)).catch(() => null);
  if (response === null) throw new Error("The server does not answer: is `agemem view` still running?");
  if (!response.ok) throw new Error(await response.text());
  return response.json();
}
