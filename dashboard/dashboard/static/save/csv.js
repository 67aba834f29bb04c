/** Tables as CSV by RFC 4180, such that no spreadsheet runs a field as a formula. Pure. */

/** @typedef {string | number | null} Cell */

/** Excel needs it to recognise UTF-8. */
const BYTE_ORDER_MARK = "\uFEFF";

/** Starts of fields that a spreadsheet reads as a formula. Fields come from anybody: a post's language may be "=1+1". */
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/;

/** @param {Cell[][]} rows the first is the header @returns {string} */
export const csv = (rows) => BYTE_ORDER_MARK + rows.map((row) => `${row.map(field).join(",")}\r\n`).join("");

/** @param {Cell} cell */
function field(cell) {
  if (cell === null) return "";
  if (typeof cell === "number") return String(cell);
  // An apostrophe in front marks the field as text.
  const text = FORMULA.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
