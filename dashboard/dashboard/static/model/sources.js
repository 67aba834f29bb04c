/** Where the posts come from, as text: the viewer must see whether posts are made up. Pure. */

import { list } from "../i18n/format.js";
import { words } from "../i18n/messages.js";

const DEMO = "demo";
const REPLAY = "replay";
const NOTES = [[DEMO, "made-up posts"], [REPLAY, "posts of a file"]];

/** @param {string[]} names */
const listOf = (names) => list(names.map((name) => (name === DEMO ? words.sources.demo_among : name)));

/**
 * "Demo · made-up posts", "Recording · posts from a file", "Sources: bluesky and demo (made-up posts)".
 *
 * @param {string[] | null} names null if they were not stored
 */
export function sourcesLine(names) {
  const texts = words.sources;
  if (names === null) return texts.unknown;
  if (names.length === 0) return "";
  if (names.every((name) => name === DEMO)) return texts.demo;
  const others = names.filter((name) => name !== REPLAY);
  if (others.length === names.length) return texts.several(listOf(others), others.length);
  return others.length ? texts.replay_of(listOf(others)) : texts.replay;
}

/**
 * A note for files, in English like the names of their fields; null if people wrote the posts.
 *
 * @param {string[] | null} names
 */
export function sourcesNote(names) {
  const notes = NOTES.filter(([name]) => names?.includes(name)).map(([, note]) => note);
  return notes.length ? notes.join(", ") : null;
}

/** The sources of all posts, whatever the view of the snapshot. @param {import("./page_types.js").Snapshot | null} newest */
export function sourcesOf(newest) {
  if (newest === null) return null;
  const names = [...newest.health.ingest.sources, ...newest.choices.source.map(([name]) => ({ name }))];
  return [...new Set(names.map(({ name }) => name))].sort();
}
