/** In which places the leading tags stand: by rank, or as they stood before. Pure. */

/** @typedef {import("../model/types.js").EventLeader} Leader */
/** @typedef {import("../model/types.js").Event} Numbers */
/** @typedef {import("../model/page_types.js").Placed} Placed */

/** Each in the place of its rank. @param {Leader[]} top by rank @returns {Placed[]} */
export const byRank = (top) => top.map((leader) => ({ ...leader, place: leader.rank, left: false, known: true }));

/**
 * The leaders of a later snapshot in the places of an earlier one. A tag that no longer leads keeps its place; another
 * one gets only a place that is free.
 *
 * @param {Placed[]} held by place @param {Leader[]} top by rank @param {number} places in sight @returns {Placed[]}
 */
export function inPlaces(held, top, places) {
  const leading = new Map(top.map((leader) => [leader.key, leader]));
  const kept = held.map((before, at) => {
    const leader = leading.get(before.key);
    const left = leader === undefined || leader.rank > places;
    return { ...(leader ?? before), place: at + 1, left, known: leader !== undefined };
  });
  const keys = new Set(held.map(({ key }) => key));
  const others = byRank(top.filter(({ key }) => !keys.has(key)));
  return [...kept, ...others.map((leader, at) => ({ ...leader, place: kept.length + at + 1 }))];
}

/** A tag in another place. @param {Placed[]} placed @param {string} key @param {number} place */
function withAt(placed, key, place) {
  const one = placed.find((leader) => leader.key === key);
  if (!one) return placed;
  const others = placed.filter((leader) => leader !== one);
  const all = [...others.slice(0, place - 1), one, ...others.slice(place - 1)];
  return all.map((leader, at) => ({ ...leader, place: at + 1 }));
}

/** What holds the order of the rows, for as long as that is asked for. */
export class Order {
  constructor() {
    /** By place; null while the order is not held. @type {Placed[] | null} */
    this.held = null;
    /** Of which ranking `held` is. */
    this.of = "";
  }

  /**
   * @param {Numbers} shown @param {number} places in sight @param {boolean} hold
   * @param {() => {key: string, place: number} | null} pointed the tag that is pointed at, and the place that is
   * @returns {Placed[]} by place
   */
  arrange(shown, places, hold, pointed) {
    const before = this.held;
    this.held = null;
    if (!hold) return byRank(shown.top);
    // Another view, or another number of rows, is a list of its own.
    const of = JSON.stringify([shown.view, shown.epoch, places]);
    const begins = before === null || of !== this.of;
    this.of = of;
    const placed = begins ? byRank(shown.top) : inPlaces(before, shown.top, places);
    // A row that glides past the pointer stays there.
    const under = before === null ? pointed() : null;
    const arranged = under === null ? placed : withAt(placed, under.key, under.place);
    this.held = arranged.slice(0, places);
    return arranged;
  }
}
