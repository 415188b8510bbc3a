import js from "@eslint/js";
import globals from "globals";

export default [
  { ignores: ["static/vendor/", "build/", "data/"] },
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
  { files: ["static/js/early.js", "static/js/api-docs.js"], languageOptions: { sourceType: "script" } },
  { files: ["tests/js/**", "*.config.js"], languageOptions: { globals: globals.node } },
];
