import { Flags } from "@oclif/core";

/** Of every command that reads a world. */
export const worldFlags = {
  config: Flags.string({
    description:
      "World definition, or a folder that holds one. Without it config/world.* in the working directory, else the built-in world.",
    env: "BM_CONFIG",
    helpValue: "PATH",
  }),
};

/** Of every command that changes the zones. */
export const changeFlags = {
  "dry-run": Flags.boolean({ description: "Show what would change, and write nothing.", env: "BM_DRY_RUN" }),
};
