import assert from "node:assert/strict";
import test from "node:test";
import { byRank, inHeldPlaces, RowOrder } from "../../../../dashboard/dashboard/static/board/row_order.js";

/** @param {string} tags by rank @returns {any[]} */
const ranked = (tags) => [...tags].map((key, at) => ({ key, rank: at + 1, posts: 100 - at }));
/** @param {string} tags @param {object} [part] @returns {any} */
const snapshot = (tags, part) => ({ top: ranked(tags), epoch: 1, view: { ranking: "window", source: null, lang: null }, ...part });
/** @param {any[]} placed @param {number} places */
const visible = (placed, places) => placed.filter(({ place }) => place <= places).map(({ key }) => key).join("");
const noPointer = () => null;

test("while the order is held, each tag stays at its place and gets the new numbers", () => {
  const placed = inHeldPlaces(byRank(ranked("abc")), ranked("cbadef"), 3);
  assert.equal(visible(placed, 3), "abc");
  assert.deepEqual(placed.map(({ key, rank, place }) => [key, rank, place]).slice(0, 4), [
    ["a", 3, 1],
    ["b", 2, 2],
    ["c", 1, 3],
    ["d", 4, 4],
  ]);
});

test("a tag that no longer leads stays at its place and is marked; its numbers are known as long as it is ranked", () => {
  const [a, b, c] = inHeldPlaces(byRank(ranked("abc")), ranked("cdea"), 3);
  assert.deepEqual([a.left, a.known, a.rank], [true, true, 4]);
  assert.deepEqual([b.left, b.known, b.posts], [true, false, 99]);
  assert.deepEqual([c.left, c.known], [false, true]);
});

test("a new tag gets only a free place", () => {
  assert.equal(visible(inHeldPlaces(byRank(ranked("ab")), ranked("xbya"), 3), 3), "abx");
});

test("the order is held from the first to the last call with `hold`", () => {
  const order = new RowOrder();
  assert.equal(visible(order.arrange(snapshot("abcd"), 3, false, noPointer), 3), "abc");
  assert.equal(visible(order.arrange(snapshot("bacd"), 3, true, noPointer), 3), "bac");
  assert.equal(visible(order.arrange(snapshot("dcba"), 3, true, noPointer), 3), "bac");
  assert.equal(visible(order.arrange(snapshot("cdab"), 3, true, noPointer), 3), "bac");
  assert.equal(visible(order.arrange(snapshot("cdab"), 3, false, noPointer), 3), "cda");
});

test("another view, another number of rows and another epoch are other lists", () => {
  const others = [
    { other: snapshot("dcba", { view: { ranking: "total", source: null, lang: null } }), places: 3 },
    { other: snapshot("dcba"), places: 4 },
    { other: snapshot("dcba", { epoch: 2 }), places: 3 },
  ];
  for (const { other, places } of others) {
    const order = new RowOrder();
    order.arrange(snapshot("abcd"), 3, true, noPointer);
    assert.equal(visible(order.arrange(other, places, true, noPointer), places), "dcba".slice(0, places));
  }
});

test("a row that is moving past the pointer stays under it", () => {
  const order = new RowOrder();
  assert.equal(visible(order.arrange(snapshot("abcd"), 4, true, () => ({ key: "d", place: 2 })), 4), "adbc");
  assert.equal(visible(order.arrange(snapshot("abcd"), 4, true, noPointer), 4), "adbc");
});
