import assert from "node:assert/strict";
import test from "node:test";
import { muteLine, parseMutes, withoutTags } from "../../../../dashboard/dashboard/static/model/mutes.js";

/** @param {string} keys @returns {any[]} */
const tags = (keys) => [...keys].map((key, index) => ({ key, rank: index + 1 }));

test("a hidden tag is in no list, and the others have their ranks", () => {
  const rising = { at_ms: 1, topics: [{ tags: tags("ab") }, { tags: tags("b") }], held_back: tags("bc") };
  /** @type {import("../../../../dashboard/dashboard/static/model/page_types.js").AnySnapshot} */
  const snapshot = /** @type {any} */ ({ top: tags("abc"), rising, posts: 7 });
  const shown = withoutTags(snapshot, new Set(["b"]));
  assert.deepEqual(shown.top.map(({ key, rank }) => [key, rank]), [["a", 1], ["c", 3]]);
  assert.deepEqual(shown.rising?.topics.map((topic) => topic.tags.map(({ key }) => key)), [["a"]]);
  assert.deepEqual(shown.rising?.held_back.map(({ key }) => key), ["c"]);
  assert.equal(shown.posts, 7);
  assert.equal(withoutTags(snapshot, new Set()), snapshot);
});

test("of a snapshot with a reserve the list has twenty tags, whatever is hidden", () => {
  /** @type {import("../../../../dashboard/dashboard/static/model/page_types.js").AnySnapshot} */
  const snapshot = /** @type {any} */ ({ top: tags("abcdefghijklmnopqrstuvwxyz"), rising: null });
  const listed = (/** @type {string} */ hidden) => withoutTags(snapshot, new Set(hidden)).top.map(({ key }) => key).join("");
  assert.equal(listed(""), "abcdefghijklmnopqrst");
  assert.equal(listed("bq"), "acdefghijklmnoprstuv");
  assert.equal(listed("abcdefgh"), "ijklmnopqrstuvwxyz");
});

test("what the browser stored may be anything", () => {
  for (const stored of [null, "x", 7, {}, [1, null, { key: "" }, { key: "a" }, { key: 1, label: "A" }]]) {
    assert.deepEqual(parseMutes(stored), []);
  }
  assert.deepEqual(parseMutes([{ key: "a", label: "A", more: 1 }]), [{ key: "a", label: "A" }]);
});

test("the heading has the numbers of the operator and of the viewer", () => {
  assert.equal(muteLine({ tags: 5, hidden: 2 }, 0), "2 muted");
  assert.equal(muteLine({ tags: 5, hidden: 0 }, 1), "0 muted · 1 hidden");
  assert.equal(muteLine({ tags: 0, hidden: 0 }, 3), "3 hidden");
  for (const muted of [null, undefined, { tags: 0, hidden: 0 }]) assert.equal(muteLine(muted, 0), "");
});
