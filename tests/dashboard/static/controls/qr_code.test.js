import assert from "node:assert/strict";
import test from "node:test";
import { parseAddress } from "../../../../dashboard/dashboard/static/model/address.js";
import { addressForPhones, isLoopback } from "../../../../dashboard/dashboard/static/controls/qr_code.js";

test("only names of this machine are loopback", () => {
  const own = ["http://localhost", "http://a.localhost:8000", "http://localhost.", "http://127.0.0.1", "http://127.8.9.1", "http://127.1",
    "http://0.0.0.0:8000", "http://[::1]:8000", "http://[::]", "http://[::ffff:127.0.0.1]"];
  for (const base of own) assert.ok(isLoopback(new URL(base).hostname), base);
  for (const base of ["https://trends.example.org", "http://192.168.1.7:8000", "http://localhost.example.org", "http://[fd00::5]"]) {
    assert.ok(!isLoopback(new URL(base).hostname), base);
  }
});

test("a phone gets the view of the wall, without the language and the settings of the wall", () => {
  const wall = parseAddress("?wall&top=20&source=demo&locale=es&pin=a", "");
  assert.equal(addressForPhones("https://trends.example.org", wall), "https://trends.example.org/?source=demo&top=20");
  assert.equal(addressForPhones("http://192.168.1.7:8000", parseAddress("?wall", "")), "http://192.168.1.7:8000/");
  assert.equal(addressForPhones("http://127.0.0.1:8000", wall), null);
});
