import assert from "node:assert/strict";
import test from "node:test";
import { sourcesLine, sourcesNote } from "../../../../dashboard/dashboard/static/model/sources.js";

for (const [names, line, note] of /** @type {[string[] | null, string, string | null][]} */ ([
  [["demo"], "Demo · made-up posts", "made-up posts"],
  [["replay"], "Recording · posts from a file", "posts of a file"],
  [["replay", "x"], "Recording · posts from a file: x", "posts of a file"],
  [["bluesky", "replay", "x"], "Recording · posts from a file: bluesky and x", "posts of a file"],
  [["demo", "replay"], "Recording · posts from a file: demo (made-up posts)", "made-up posts, posts of a file"],
  [["bluesky", "demo"], "Sources: bluesky and demo (made-up posts)", "made-up posts"],
  [["bluesky"], "Source: bluesky", null],
  [["bluesky", "mastodon", "x"], "Sources: bluesky, mastodon and x", null],
  [[], "", null],
  [null, "Source unknown", null],
])) {
  test(`${JSON.stringify(names)}: ${line}`, () => {
    assert.equal(sourcesLine(names), line);
    assert.equal(sourcesNote(names), note);
  });
}
