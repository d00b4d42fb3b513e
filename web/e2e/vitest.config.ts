import { defineConfig } from "vitest/config";

// eslint-disable-next-line bullion/no-default-export -- Vitest reads its configuration from the default export.
export default defineConfig({
  cacheDir: "../node_modules/.vite",
  test: {
    root: import.meta.dirname,
    include: ["*.test.ts"],
    globalSetup: ["./lake.ts"],
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
