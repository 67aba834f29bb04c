/** Folds hashtags that are one topic into one row with the numbers of the first one. The row can be opened. Pure. */

/** @typedef {import("./types.js").EventLeader} Leader */
/** @typedef {import("./page_types.js").Folded} Folded */

/**
 * @param {Leader[]} top by rank @param {string[][] | null} topics keys of the tags of each topic
 * @param {Set<string>} opened the keys of the first tags of the topics that the viewer has opened
 * @returns {Folded[]} the other tags of an opened topic follow its first one
 */
export function foldTopics(top, topics, opened) {
  const groups = new Map((topics ?? []).flatMap((keys) => keys.map((key) => [key, new Set(keys)])));
  /** @type {Set<string>} */
  const folded = new Set();
  return top.flatMap((leader) => {
    if (folded.has(leader.key)) return [];
    const others = top.filter(({ key }) => key !== leader.key && groups.get(leader.key)?.has(key));
    if (others.length === 0) return [leader];
    for (const { key } of others) folded.add(key);
    const is_open = opened.has(leader.key);
    const first = { ...leader, others: others.length, is_open };
    return [first, ...(is_open ? others.map((other) => ({ ...other, is_member: true })) : [])];
  });
}
