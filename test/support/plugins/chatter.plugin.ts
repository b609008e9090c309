import { type Client, message, type TickContext, t, ZonePlugin, z } from "../../../sdk/index.ts";

const options = z.strictObject({ greeting: z.string().min(1).default("hello"), loud: z.boolean().default(false) });

/** A well-behaved plugin that uses every part of the contract; tests read {@link ChatterPlugin.log}. */
export class ChatterPlugin extends ZonePlugin<z.output<typeof options>> {
  static readonly pluginName = "chatter";
  static readonly options = options;
  static readonly after = ["interest"];
  static readonly tick = { phase: "simulate", hz: 10 } as const;
  static readonly fields = {
    mood: { type: () => t.uint8(), tier: "visual", initial: 3, text: "how it feels, 0 to 9" },
  } as const;

  /** What was called, in order, in every zone. */
  static readonly log: string[] = [];

  override messages = {
    "chatter:say": message(
      z.strictObject({ text: z.string().max(20), times: z.number().int().min(1).max(3).optional() }),
      (client: Client, { text }) => {
        client.send("chatter:said", { text: `${this.options.greeting} ${text}`, by: this.room.avatarOf(client).entityId });
      },
    ),
    "chatter:sum": (_client: Client, numbers: number[]) => numbers.reduce((a, b) => a + b, 0),
    "chatter:break-later": async () => {
      await Promise.resolve();
      throw new Error("a fault of the plugin, with its secrets");
    },
    "chatter:break": () => {
      throw new Error("a fault of the plugin, with its secrets");
    },
  };

  #note(what: string): void {
    ChatterPlugin.log.push(`${this.room.zone.name} ${what}`);
  }

  override onCreate(): void {
    this.#note(`create ${this.options.greeting}`);
  }

  override onAuth(_client: Client, join: unknown): void {
    this.#note(`auth ${(join as { name?: string }).name ?? ""}`);
  }

  override onJoin(client: Client): void {
    this.#note(`join ${this.room.avatarOf(client).entity.name}`);
  }

  override onDrop(client: Client): void {
    this.#note(`drop ${this.room.avatarOf(client).entity.name}`);
  }

  override onReconnect(client: Client): void {
    this.#note(`reconnect ${this.room.avatarOf(client).entity.name}`);
  }

  override onLeave(client: Client): void {
    this.#note(`leave ${this.room.avatarOf(client).entity.name}`);
  }

  override onSpawn(_id: string, entity: { name: string }): void {
    this.#note(`spawn ${entity.name}`);
  }

  override onDespawn(_id: string, entity: { name: string }): void {
    this.#note(`despawn ${entity.name}`);
  }

  override onDispose(): void {
    this.#note("dispose");
  }

  ticks: TickContext[] = [];

  override onTick(tick: TickContext): void {
    this.ticks.push({ ...tick });
  }

  override onHandoffOut(): { said: number } {
    return { said: 7 };
  }

  override onHandoffIn(_avatar: unknown, data: unknown): void {
    this.#note(`handed ${JSON.stringify(data)}`);
  }
}
