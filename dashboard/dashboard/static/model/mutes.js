/** Hashtags that the viewer has hidden. They are removed after ranking: the others keep their ranks and numbers. Pure. */

import { count } from "../i18n/format.js";
import { words } from "../i18n/messages.js";

/** @typedef {import("./page_types.js").AnySnapshot} AnySnapshot */
/** @typedef {{key: string, label: string}} Mute */

/** The most tags of the list. A snapshot may have more, which take the places of hidden ones. */
const MAX_ROWS = 20;

/**
 * A snapshot without some tags.
 *
 * @template {AnySnapshot} Any
 * @param {Any} snapshot @param {Set<string>} keys of the tags @returns {Any}
 */
export function withoutTags(snapshot, keys) {
  if (keys.size === 0 && snapshot.top.length <= MAX_ROWS) return snapshot;
  const isShown = (/** @type {{key: string}} */ { key }) => !keys.has(key);
  const { top, rising } = snapshot;
  const topics = rising?.topics.map(({ tags }) => ({ tags: tags.filter(isShown) })).filter(({ tags }) => tags.length > 0);
  return {
    ...snapshot,
    top: top.filter(isShown).slice(0, MAX_ROWS),
    rising: rising && { ...rising, topics, held_back: rising.held_back.filter(isShown) },
  };
}

/**
 * The stored list of the viewer. Anything else than a list of tags is an empty list.
 *
 * @param {unknown} stored @returns {Mute[]}
 */
export function parseMutes(stored) {
  if (!Array.isArray(stored)) return [];
  const isMute = (/** @type {any} */ item) => typeof item?.key === "string" && typeof item?.label === "string" && item.key !== "";
  return stored.filter(isMute).map(({ key, label }) => ({ key, label }));
}

/**
 * "2 muted · 1 hidden": how many tags the operator has muted in this window, and how many the viewer has hidden. Empty if
 * nothing is muted.
 *
 * @param {{tags: number, hidden: number} | null | undefined} muted by the operator @param {number} own
 */
export function muteLine(muted, own) {
  const texts = words.mute;
  const parts = [muted && muted.tags > 0 && texts.muted(count(muted.hidden), muted.hidden)];
  return [...parts, own > 0 && texts.hidden(count(own), own)].filter(Boolean).join(" · ");
}
