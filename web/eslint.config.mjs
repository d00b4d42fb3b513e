import tseslint from "typescript-eslint";
import { bullion } from "./lint/rules.mjs";

// eslint-disable-next-line bullion/no-default-export -- ESLint reads its configuration from the default export.
export default tseslint.config(
  { ignores: ["dist", "e2e/out", "src/api/generated"] },
  {
    files: ["**/*.ts", "**/*.tsx"],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-confusing-void-expression": "off",
      "@typescript-eslint/no-unnecessary-type-parameters": "off",
      "@typescript-eslint/explicit-module-boundary-types": "off",
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
    },
  },
  {
    plugins: { bullion },
    rules: Object.fromEntries(Object.keys(bullion.rules).map((name) => [`bullion/${name}`, "error"])),
  },
  { files: ["**/*.mjs"], languageOptions: { globals: { process: "readonly", console: "readonly" } } },
  { files: ["**/*.test.ts", "lint/*.mjs"], rules: { "bullion/catalogue-texts": "off", "bullion/text-nodes-only": "off" } },
);
