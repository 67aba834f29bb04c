// Reads one text a line, as JSON, and writes the hashtags that the twitter-text library finds in it.
import { createRequire } from "node:module";
import process from "node:process";
import readline from "node:readline";

const { extractHashtags } = createRequire(import.meta.url)("twitter-text");
for await (const line of readline.createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  process.stdout.write(`${JSON.stringify(extractHashtags(JSON.parse(line)))}\n`);
}
