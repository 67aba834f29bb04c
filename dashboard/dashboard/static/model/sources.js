/** Where the posts are from, in words: nobody may take made-up posts for people's. Pure. */

import { list } from "../i18n/format.js";
import { words } from "../i18n/messages.js";

const DEMO = "demo";
const REPLAY = "replay";
const NOTES = [[DEMO, "made-up posts"], [REPLAY, "posts of a file"]];

/** @param {string[]} names */
const told = (names) => list(names.map((name) => (name === DEMO ? words.sources.demo_among : name)));

/**
 * "Demo · made-up posts", "Recording · posts from a file", "Sources: bluesky and demo (made-up posts)".
 *
 * @param {string[] | null} names null where it was not kept
 */
export function sourcesLine(names) {
  const say = words.sources;
  if (names === null) return say.unknown;
  if (names.length === 0) return "";
  if (names.every((name) => name === DEMO)) return say.demo;
  const others = names.filter((name) => name !== REPLAY);
  if (others.length === names.length) return say.several(told(others), others.length);
  return others.length ? say.replay_of(told(others)) : say.replay;
}

/**
 * For files, in English as the names of their fields are; null where people wrote the posts.
 *
 * @param {string[] | null} names
 */
export function sourcesNote(names) {
  const notes = NOTES.filter(([name]) => names?.includes(name)).map(([, note]) => note);
  return notes.length ? notes.join(", ") : null;
}

/** Sources of all posts, whatever view the snapshot is of. @param {import("./page_types.js").Snapshot | null} newest */
export function sourcesOf(newest) {
  if (newest === null) return null;
  const names = [...newest.health.ingest.sources, ...newest.choices.source.map(([name]) => ({ name }))];
  return [...new Set(names.map(({ name }) => name))].sort();
}
