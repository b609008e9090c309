import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: {
    // What package.json exports, from the sources rather than from the last build.
    alias: [
      { find: /^bluemarble$/, replacement: new URL("./server/index.ts", import.meta.url).pathname },
      { find: /^bluemarble\/(client|config|sdk)$/, replacement: new URL("./$1/index.ts", import.meta.url).pathname },
    ],
  },
  test: {
    include: ["test/**/*.test.ts", "plugins/**/*.test.ts"],
    // @oclif/test captures stdout by itself; Vitest's interception would swallow it.
    disableConsoleIntercept: true,
    pool: "forks",
    // Servers and load share the machine's two cores.
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
