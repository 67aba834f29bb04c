/** Which slot, that is, which bar and row, displays which tag. */

/** @typedef {import("../model/page_types.js").Placed} Placed */

/**
 * A fixed number of slots. A tag has the same slot as long as it leads, so that its bar moves. A slot that a tag has
 * left is given to another tag in the next update at the earliest, so that no visible bar becomes the bar of another
 * tag.
 */
export class Slots {
  /** @param {number} size @param {number} places how many leaders are visible */
  constructor(size, places) {
    this.places = places;
    /** @type {(Placed | null)[]} */
    this.leaders = new Array(size).fill(null);
    /** By slot: the update in which its tag was last visible. The bar may still move out for some updates after that. */
    this.last_visible = new Array(size).fill(0);
    this.updates = 0;
    /** Free slots, the longest free first. @type {number[]} */
    this.free = Array.from({ length: size }, (_, slot) => slot);
  }

  /**
   * Give every visible leader a slot, and the leaders below as long as there are free slots.
   *
   * @param {Placed[]} top by rank
   * @returns {(Placed | null)[]} by slot
   */
  assign(top) {
    const before = this.leaders;
    const leading = new Map(top.map((leader) => [leader.key, leader]));
    /** @type {(Placed | null)[]} */
    const after = before.map((leader) => (leader && leading.get(leader.key)) ?? null);
    const placed = new Set(after.map((leader) => leader?.key));
    for (const leader of top.filter(({ key }) => !placed.has(key))) {
      const is_visible = leader.place <= this.places;
      const slot = is_visible ? this.#longestHidden(before, after) : this.free.find((slot) => !after[slot]);
      if (slot !== undefined) after[slot] = leader;
    }
    const left = before.flatMap((leader, slot) => (leader && !after[slot] ? [slot] : []));
    this.free = [...this.free.filter((slot) => !after[slot]), ...left];
    this.leaders = after;
    this.updates += 1;
    after.forEach((leader, slot) => {
      if (leader && leader.place <= this.places) this.last_visible[slot] = this.updates;
    });
    return after;
  }

  /**
   * Of the slots whose tag was hidden and stays hidden, the slot that has been hidden for the longest time.
   *
   * @param {(Placed | null)[]} before @param {(Placed | null)[]} after
   */
  #longestHidden(before, after) {
    const isHidden = (/** @type {Placed | null} */ leader) => !leader || leader.place > this.places;
    const slots = before.flatMap((leader, slot) => (isHidden(leader) && isHidden(after[slot]) ? [slot] : []));
    if (slots.length === 0) return undefined;
    return slots.reduce((oldest, slot) => (this.last_visible[slot] < this.last_visible[oldest] ? slot : oldest));
  }
}
