/** What a view ranks its tags by: posts or people. Pure. */

/** @typedef {import("./types.js").EventLeader} Leader */
/** @typedef {import("./types.js").View} View */
/** @typedef {{view: View, posts: number, authors: number | null}} Counted */

/** @param {{view: View}} snapshot */
export const isByPeople = ({ view }) => view.by === "authors";

/** The number that the tag has its rank by. @param {Leader} leader @param {{view: View}} snapshot */
export const valueOf = ({ posts, authors }, snapshot) => (isByPeople(snapshot) ? (authors ?? 0) : posts);

/** All posts or all people of the view. @param {Counted} snapshot */
export const allOf = (snapshot) => (isByPeople(snapshot) ? (snapshot.authors ?? 0) : snapshot.posts);

/** The other number of the tag; null if it is not known. @param {Leader} leader @param {{view: View}} snapshot */
export const otherValueOf = ({ posts, authors }, snapshot) => (isByPeople(snapshot) ? posts : (authors ?? null));

/** Are the people of any tag known? The archive has people of each tag in an hour, and none of all posts. */
export const hasPeople = (/** @type {{authors: number | null, top: Leader[]}} */ { authors, top }) =>
  authors !== null || top.some((leader) => leader.authors !== null);

/**
 * All posts of the period before, to compare with; 0 if there is nothing to compare: the people of that period are not
 * known.
 *
 * @param {{view: View, posts_before: number | null}} snapshot
 */
export const allBefore = (snapshot) => (isByPeople(snapshot) ? 0 : snapshot.posts_before);
