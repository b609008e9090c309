import { InterestPlugin } from "../plugins/interest/index.ts";
import { LandmarksPlugin } from "../plugins/landmarks/index.ts";
import { QuantizationPlugin } from "../plugins/quantization/index.ts";
import type { PluginType } from "../rooms/index.ts";

/** The plugins that a world may name without a path. They use nothing that a modder's plugin cannot. */
export const BUILT_IN_PLUGINS: Readonly<Record<string, PluginType>> = {
  interest: InterestPlugin,
  landmarks: LandmarksPlugin,
  quantization: QuantizationPlugin,
};
