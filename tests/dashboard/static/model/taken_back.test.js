import assert from "node:assert/strict";
import test from "node:test";
import { takenBackBadge, takenBackPart, takenBackSentence } from "../../../../dashboard/dashboard/static/model/taken_back.js";

test("from 20 posts and a fifth of them on, the part that was taken back is worth a word", () => {
  assert.equal(takenBackPart({ posts: 20, taken_back: 4 }), 0.2);
  assert.equal(takenBackPart({ posts: 19, taken_back: 19 }), null);
  assert.equal(takenBackPart({ posts: 1000, taken_back: 199 }), null);
  for (const taken_back of [undefined, null, 0]) assert.equal(takenBackPart({ posts: 100, taken_back }), null);
});

test("a row has the part, the panel has both numbers", () => {
  const counted = { posts: 1234, taken_back: 506 };
  assert.deepEqual(takenBackBadge(counted), { long: "41% taken back", short: "↩ 41%" });
  assert.equal(takenBackSentence(counted), "41% taken back: 506 of 1,234 posts in the window are deleted.");
  assert.equal(takenBackBadge({ posts: 5, taken_back: 5 }), null);
  assert.equal(takenBackSentence({ posts: 5, taken_back: 5 }), null);
});
