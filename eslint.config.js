import js from "@eslint/js";
import globals from "globals";

// What each folder of static/js may import from, besides itself and static/vendor.
const SEES = {
  kit: [],
  state: ["kit"],
  viewer: ["kit", "state"],
  compose: ["kit", "state", "viewer"],
  job: ["kit", "state", "viewer"],
  comparison: ["kit", "state", "viewer"],
  lists: ["kit", "state", "viewer"],
};

const arrows = Object.entries(SEES).map(([folder, seen]) => {
  const allowed = ["../vendor", ...seen].map((one) => `${one}/`).join("|");
  const message = `${folder} sees ${seen.join(", ") || "nothing of ours"}: see docs/architecture.md`;
  const patterns = [{ regex: `^\\.\\./(?!${allowed})`, message }];
  return { files: [`static/js/${folder}/**`], rules: { "no-restricted-imports": ["error", { patterns }] } };
});

export default [
  js.configs.recommended,
  {
    rules: {
      eqeqeq: ["error", "always"],
      "no-shadow": "error",
      "no-unused-vars": ["error", { caughtErrors: "all" }],
      "no-var": "error",
      "object-shorthand": "error",
      "prefer-const": ["error", { destructuring: "all" }],
      "prefer-template": "error",
      "sort-imports": ["error", { ignoreDeclarationSort: true, ignoreCase: false }],
    },
  },
  { files: ["static/js/**", "tests/browser/**"], languageOptions: { globals: globals.browser } },
  { files: ["static/js/app/early.js", "static/js/app/api-docs.js"], languageOptions: { sourceType: "script" } },
  { files: ["tests/js/**", "tests/materials/**", "*.config.js"], languageOptions: { globals: globals.node } },
  ...arrows,
];
