import assert from "node:assert/strict";
import test from "node:test";
import { csv } from "../../../../dashboard/dashboard/static/save/csv.js";

test("the file starts with a byte order mark, and rows end with CRLF as in RFC 4180", () => {
  assert.equal(csv([["rank", "hashtag"], [1, "#música"], [2, null]]), "\uFEFFrank,hashtag\r\n1,#música\r\n2,\r\n");
});

test("numbers are not formatted", () => {
  assert.equal(csv([[1234567.25, -3, 0]]), "\uFEFF1234567.25,-3,0\r\n");
});

test("commas, quotes and line breaks are quoted", () => {
  assert.equal(csv([['a,b "c"', "two\nlines"]]), '\uFEFF"a,b ""c""","two\nlines"\r\n');
});

for (const text of ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", '=HYPERLINK("http://x","y")']) {
  test(`${JSON.stringify(text)} is no formula`, () => {
    assert.match(csv([[text]]), /^\uFEFF"?'/);
  });
}
