import { defineConfig } from "vitest/config";

// eslint-disable-next-line bullion/no-default-export -- Vitest reads its configuration from the default export.
export default defineConfig({
  cacheDir: "../../node_modules/.vite",
  test: { root: import.meta.dirname, include: ["speed.ts"], fileParallelism: false, testTimeout: 1_200_000, hookTimeout: 120_000 },
});
