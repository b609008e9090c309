import { defineConfig } from "vitest/config";

export default defineConfig({
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
