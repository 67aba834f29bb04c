/** The places of the leading tags: by rank, or as before while the order is held. Pure. */

/** @typedef {import("../model/page_types.js").Folded} Leader */
/** @typedef {import("../model/page_types.js").AnySnapshot} AnySnapshot */
/** @typedef {import("../model/page_types.js").Placed} Placed */

/**
 * Each leader at its place. That is its rank, unless tags before it are hidden.
 *
 * @param {Leader[]} top by rank @returns {Placed[]}
 */
export const byRank = (top) => top.map((leader, index) => ({ ...leader, place: index + 1, left: false, known: true }));

/**
 * The leaders of a newer snapshot at the places of an older one. A tag that no longer leads stays at its place; a new
 * tag gets only a free place.
 *
 * @param {Placed[]} held by place @param {Leader[]} top by rank @param {number} places how many are visible
 * @returns {Placed[]}
 */
export function inHeldPlaces(held, top, places) {
  const leading = new Map(byRank(top).map((leader) => [leader.key, leader]));
  const staying = held.map((before, index) => {
    const leader = leading.get(before.key);
    const left = leader === undefined || leader.place > places;
    return { ...(leader ?? before), place: index + 1, left, known: leader !== undefined };
  });
  const keys = new Set(held.map(({ key }) => key));
  const others = byRank(top.filter(({ key }) => !keys.has(key)));
  return [...staying, ...others.map((leader, index) => ({ ...leader, place: staying.length + index + 1 }))];
}

/** Move a tag to another place. @param {Placed[]} placed @param {string} key @param {number} place */
function moveTo(placed, key, place) {
  const moved = placed.find((leader) => leader.key === key);
  if (!moved) return placed;
  const others = placed.filter((leader) => leader !== moved);
  const all = [...others.slice(0, place - 1), moved, ...others.slice(place - 1)];
  return all.map((leader, index) => ({ ...leader, place: index + 1 }));
}

/** Remembers the places of the rows while their order is held. */
export class RowOrder {
  constructor() {
    /** By place; null while the order is not held. @type {Placed[] | null} */
    this.held = null;
    /** Identifies the list that `held` belongs to. */
    this.held_list = "";
  }

  /**
   * @param {AnySnapshot} snapshot @param {number} places how many are visible @param {boolean} hold
   * @param {() => {key: string, place: number} | null} tagUnderPointer the tag under the pointer, and the pointer's place
   * @returns {Placed[]} by place
   */
  arrange(snapshot, places, hold, tagUnderPointer) {
    const before = this.held;
    this.held = null;
    if (!hold) return byRank(snapshot.top);
    // Another view or another number of rows is another list.
    const list = JSON.stringify([snapshot.view, snapshot.epoch, places]);
    const is_new_list = before === null || list !== this.held_list;
    this.held_list = list;
    const placed = is_new_list ? byRank(snapshot.top) : inHeldPlaces(before, snapshot.top, places);
    // A row that is moving past the pointer stays under it.
    const pointed = before === null ? tagUnderPointer() : null;
    const arranged = pointed === null ? placed : moveTo(placed, pointed.key, pointed.place);
    this.held = arranged.slice(0, places);
    return arranged;
  }
}
