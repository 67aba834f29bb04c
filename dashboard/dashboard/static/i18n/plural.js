/** Plural forms of words. */

/** @typedef {Partial<Record<Intl.LDMLPluralRule, string>> & {other: string}} Forms */

/** Returns a function that selects the plural form for a number. Pure. @param {string} code of the language */
export function plurals(code) {
  const rules = new Intl.PluralRules(code);
  return (/** @type {number} */ value, /** @type {Forms} */ forms) => forms[rules.select(value)] ?? forms.other;
}
