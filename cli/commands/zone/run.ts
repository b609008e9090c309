import { Args, Flags } from "@oclif/core";
import type { WorldServer, WorldServerOptions } from "../../../server/index.ts";
import { BaseCommand } from "../../base-command.ts";
import { worldFlags } from "../../flags.ts";
import type { ZoneScreen } from "../../output/zone-screen.ts";

/** How often the zones are looked at. */
const LOOK_MS = 1000;

export default class ZoneRun extends BaseCommand {
  static override description = `Run zones of the world in this process: those named, or all.
Ctrl-C closes them in order; a second one ends at once. With --json the address and the zones are printed once they are up.`;
  static override examples = [
    "<%= config.bin %> zone run",
    "<%= config.bin %> zone run americas atlantic --port 2568",
    { description: "Any free port, for a script to read", command: "<%= config.bin %> zone run --port 0 --json" },
  ];
  static override args = { names: Args.string({ description: "Zones to run.", multiple: true, ignoreStdin: true }) };
  static override flags = {
    // Read as text: the environment is checked in one place, and the flag is only another way to say it.
    port: Flags.string({ description: "Port of HTTP and WebSocket; 0 for any free one. 2567 without it.", env: "PORT", helpValue: "N" }),
    host: Flags.string({ description: "Address to listen at. Every address without it.", env: "BM_HOST", helpValue: "ADDRESS" }),
    ...worldFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(ZoneRun);
    const { loadWorld } = await import("../../../config/index.ts");
    const { drain, stopRequest } = await import("../../services/drain.ts");
    const { environmentFor, running, startZones } = await import("../../services/zone/run.ts");
    const { zoneBanner } = await import("../../output/zone-banner.ts");

    const screen = await this.#screen();
    const stop = stopRequest(() => screen.log("draining… (Ctrl-C again to stop at once)"));
    try {
      const environment = environmentFor({ port: flags.port, host: flags.host });
      const loaded = await loadWorld({ configPath: flags.config });
      const server = await startZones(loaded, args.names ?? [], environment, await this.#logger(screen, environment.logLevel));
      const zones = running(server);
      if (this.jsonEnabled()) this.logJson(zones);
      else this.log(zoneBanner(zones));
      const timer = this.#look(server, screen);
      await stop.asked;
      clearInterval(timer);
      await drain(() => server.stop());
      screen.log("stopped");
    } finally {
      stop.release();
    }
  }

  #look(server: WorldServer, screen: ZoneScreen): NodeJS.Timeout {
    screen.show(server.status());
    return setInterval(() => screen.show(server.status()), LOOK_MS);
  }

  async #screen(): Promise<ZoneScreen> {
    const { LiveScreen, PlainScreen } = await import("../../output/zone-screen.ts");
    if (process.stdout.isTTY && !this.jsonEnabled()) return new LiveScreen(process.stdout);
    return new PlainScreen((line) => this.note(line));
  }

  /** Where the log would be written over the live lines, it goes through the screen. */
  async #logger(screen: ZoneScreen, level: string): Promise<WorldServerOptions["logger"]> {
    if (!process.stdout.isTTY || !process.stderr.isTTY || this.jsonEnabled()) return undefined;
    const { pino } = await import("pino");
    return pino({ level, base: null }, { write: (line: string) => screen.log(line) });
  }
}
