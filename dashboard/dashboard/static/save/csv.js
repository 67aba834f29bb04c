/** Tables as CSV, as RFC 4180 has it, and such that a spreadsheet opens them without harm. Pure. */

/** @typedef {string | number | null} Cell */

/** Without it Excel takes UTF-8 for something else. */
const BYTE_ORDER_MARK = "\uFEFF";

/** What a spreadsheet takes for a formula: anybody may claim to write in the language "=1+1". */
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/;

/** @param {Cell[][]} rows the first is the header @returns {string} */
export const csv = (rows) => BYTE_ORDER_MARK + rows.map((row) => `${row.map(field).join(",")}\r\n`).join("");

/** @param {Cell} cell */
function field(cell) {
  if (cell === null) return "";
  if (typeof cell === "number") return String(cell);
  // An apostrophe in front says: this is text.
  const text = FORMULA.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
