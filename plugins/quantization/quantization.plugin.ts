import { t } from "@colyseus/schema";
import { type FieldBuilder, type FieldSpecs, ZonePlugin } from "../../sdk/index.ts";

const builder = (make: () => unknown) => make as () => FieldBuilder<unknown>;

/** Exactly 1 cm: 65536 steps over [0, 655.35]. */
const offset = builder(() => t.quantized({ min: 0, max: 655.35 }));

/** Exactly 1 cm/s, with an exact zero: 65535 steps over [-327.67, 327.67]. */
const velocity = builder(() => t.quantized({ min: -327.67, max: 327.67 }));

const count16 = builder(() => t.uint16());

/**
 * Gives the fields of entities wire types that are as narrow as the senses allow. Has no hooks and costs nothing per tick:
 * the host encodes by these types. Movement snaps to the same steps, so nothing is lost between a client's prediction and the server.
 */
export class QuantizationPlugin extends ZonePlugin {
  static readonly pluginName = "quantization";

  static readonly encodings: Readonly<Record<keyof FieldSpecs, () => FieldBuilder<unknown>>> = {
    x: offset,
    y: offset,
    z: offset,
    yaw: builder(() => t.angle()),
    velocityX: velocity,
    velocityY: velocity,
    velocityZ: velocity,
    health: count16,
    maxHealth: count16,
    mana: count16,
    level: count16,
    experience: builder(() => t.uint32()),
    solidRadius: builder(() => t.quantized({ min: 0, max: 655.35 })),
    solidHeight: builder(() => t.quantized({ min: 0, max: 6553.5 })),
  };
}
