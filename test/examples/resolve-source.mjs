/** Preloaded into the examples: `bluemarble/client` is the source that is being tested, not a build that may be of yesterday. */
import { registerHooks } from "node:module";

const SOURCE = new URL("../../client/index.ts", import.meta.url).href;

registerHooks({
  resolve: (specifier, context, next) => next(specifier === "bluemarble/client" ? SOURCE : specifier, context),
});
