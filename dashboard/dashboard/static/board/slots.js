/** Which bar of the chart shows which tag. */

/** @typedef {import("../model/page_types.js").Placed} Placed */

/**
 * A fixed number of slots. A tag keeps its slot while it leads, so that its bar glides; a slot that a tag left is
 * given to another tag no earlier than in the next update, so that no bar turns into another tag in sight.
 */
export class Slots {
  /** @param {number} size @param {number} shown how many of the leaders are in sight */
  constructor(size, shown) {
    this.shown = shown;
    /** @type {(Placed | null)[]} */
    this.leaders = new Array(size).fill(null);
    /** By slot: the update in which its tag was last in sight. A bar still glides out for some updates after that. */
    this.seen = new Array(size).fill(0);
    this.updates = 0;
    /** Slots to give away, longest free first. @type {number[]} */
    this.free = Array.from({ length: size }, (_, slot) => slot);
  }

  /**
   * Give every leader in sight a slot, and those below as far as slots go.
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
      const in_sight = leader.place <= this.shown;
      const slot = in_sight ? this.#unseen(before, after) : this.free.find((slot) => !after[slot]);
      if (slot !== undefined) after[slot] = leader;
    }
    const left = before.flatMap((leader, slot) => (leader && !after[slot] ? [slot] : []));
    this.free = [...this.free.filter((slot) => !after[slot]), ...left];
    this.leaders = after;
    this.updates += 1;
    after.forEach((leader, slot) => {
      if (leader && leader.place <= this.shown) this.seen[slot] = this.updates;
    });
    return after;
  }

  /**
   * Of the slots whose tag was out of sight and stays so, the one that is so for the longest time.
   *
   * @param {(Placed | null)[]} before @param {(Placed | null)[]} after
   */
  #unseen(before, after) {
    const hidden = (/** @type {Placed | null} */ leader) => !leader || leader.place > this.shown;
    const slots = before.flatMap((leader, slot) => (hidden(leader) && hidden(after[slot]) ? [slot] : []));
    if (slots.length === 0) return undefined;
    return slots.reduce((oldest, slot) => (this.seen[slot] < this.seen[oldest] ? slot : oldest));
  }
}
