import assert from "node:assert/strict";
import test from "node:test";
import { partsOf, webAddress } from "../../../../dashboard/dashboard/static/model/post_text.js";

/** @param {string} text @param {Record<string, string>} tags label by key */
const links = (text, tags) => {
  const parts = partsOf(text, Object.entries(tags).map(([key, label]) => ({ key, label })));
  assert.equal(parts.map((part) => part.text).join(""), text);
  return parts.filter(({ key }) => key !== null).map(({ text: word, key }) => [word, key]);
};

test("the hashtags of the post are links to their panels, the rest is text", () => {
  assert.deepEqual(links("Goal! #WorldCup #worldcup, #Nothing.", { worldcup: "WorldCup" }), [
    ["#WorldCup", "worldcup"],
    ["#worldcup", "worldcup"],
  ]);
  assert.deepEqual(partsOf("#a", [{ key: "a", label: "A" }]), [{ text: "#a", key: "a" }]);
  assert.deepEqual(partsOf("", []), []);
});

test("hashtags of all scripts and spellings are found", () => {
  assert.deepEqual(links("＃東京 #كأس_العالم #ＡＩ #Fußball #música", {
    東京: "東京",
    كأس_العالم: "كأس_العالم",
    ai: "AI",
    fussball: "Fußball",
    "música": "Música",
  }), [["＃東京", "東京"], ["#كأس_العالم", "كأس_العالم"], ["#ＡＩ", "ai"], ["#Fußball", "fussball"], ["#música", "música"]]);
});

test("only web pages are linked", () => {
  assert.equal(webAddress("https://bsky.app/profile/x/post/1"), "https://bsky.app/profile/x/post/1");
  for (const url of [null, "", "javascript:alert(1)", "data:text/html,x", "//no.scheme", "ftp://a.example/b"]) {
    assert.equal(webAddress(url), null, String(url));
  }
});
