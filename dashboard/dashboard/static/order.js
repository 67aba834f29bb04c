/** In which places the leading tags stand. Pure. */

/** @typedef {import("./types.js").Leader} Leader */
/** @typedef {import("./types.js").Placed} Placed */

/** Each in the place of its rank. @param {Leader[]} top by rank @returns {Placed[]} */
export const byRank = (top) => top.map((leader) => ({ ...leader, place: leader.rank, left: false, known: true }));
