/** Forms of words by number. */

/** @typedef {Partial<Record<Intl.LDMLPluralRule, string>> & {other: string}} Forms */

/** What picks the form of a language that belongs to a number. Pure. @param {string} code of the language */
export function plurals(code) {
  const rules = new Intl.PluralRules(code);
  return (/** @type {number} */ value, /** @type {Forms} */ forms) => forms[rules.select(value)] ?? forms.other;
}
