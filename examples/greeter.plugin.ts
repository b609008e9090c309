import { type Client, type EntityState, message, t, ZonePlugin, z } from "bluemarble/sdk";

const options = z.strictObject({ text: z.string().max(100).default("Welcome to Earth") });

/** Greets who joins, and lets them wave: everybody in sight sees how often. */
export class GreeterPlugin extends ZonePlugin<z.output<typeof options>> {
  static readonly pluginName = "greeter";
  static readonly options = options;
  static readonly fields = {
    waves: { type: () => t.uint16(), tier: "visual", initial: 0, text: "how often it has waved" },
  } as const;

  override messages = {
    "greeter:wave": message(z.strictObject({ times: z.number().int().min(1).max(5) }), (client: Client, { times }) => {
      (this.room.avatarOf(client).entity as EntityState & { waves: number }).waves += times;
    }),
  };

  override onJoin(client: Client): void {
    client.send("greeter:hello", { text: `${this.options.text}, ${this.room.avatarOf(client).entity.name}` });
  }
}
