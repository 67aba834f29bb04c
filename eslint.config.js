import js from "@eslint/js";
import globals from "globals";

export default [
  { ignores: ["**/vendor/", "**/.venv*/", "data/", "artifacts/"] },
  js.configs.recommended,
  {
    files: ["dashboard/dashboard/static/**/*.js"],
    languageOptions: { globals: { ...globals.browser, Plotly: "readonly", io: "readonly" } },
  },
  { files: ["tests/dashboard/static/**/*.js"], languageOptions: { globals: globals.node } },
  {
    // `make schema` writes it.
    ignores: ["dashboard/dashboard/static/model/types.js"],
    rules: { "max-lines": ["error", 200] },
  },
  {
    rules: {
      complexity: ["error", 10],
      eqeqeq: "error",
      "max-len": ["error", { code: 125, ignoreUrls: true, ignoreStrings: true }],
      "no-restricted-properties": [
        "error",
        { property: "innerHTML", message: "Anybody can write a tag: text goes in as textContent." },
        { property: "outerHTML", message: "Anybody can write a tag: text goes in as textContent." },
        { property: "insertAdjacentHTML", message: "Anybody can write a tag: text goes in as textContent." },
      ],
      "no-var": "error",
      "prefer-const": "error",
    },
  },
];
