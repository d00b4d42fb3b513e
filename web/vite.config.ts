import { defineConfig } from "vitest/config";

// Everything is served from one origin under a policy of `default-src 'self'`: no inlined assets, no
// polyfill script, no source maps in the program.
// eslint-disable-next-line bullion/no-default-export -- Vite reads its configuration from the default export.
export default defineConfig({
  base: "/",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    outDir: process.env["BULLION_WEB_OUT"] ?? "dist",
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 900,
    reportCompressedSize: true,
  },
  server: { proxy: { "/api": process.env["BULLION_API"] ?? "http://127.0.0.1:8501" } },
  test: { include: ["src/**/*.test.ts", "lint/*.test.mjs"], environment: "node" },
});
