import { Args, Flags } from "@oclif/core";
import { BaseCommand } from "../../base-command.ts";
import { worldFlags } from "../../flags.ts";
import type { ZoneDetails } from "../../services/zone/show.ts";

export default class ZoneShow extends BaseCommand {
  static override description = "Show one zone: its place, neighbours, tiers and plugins, and who is in it when a server runs it.";
  static override examples = [
    "<%= config.bin %> zone show atlantic",
    "<%= config.bin %> zone show atlantic --url http://game.example:2567 --json",
  ];
  static override args = { name: Args.string({ description: "The zone.", required: true, ignoreStdin: true }) };
  static override flags = {
    url: Flags.string({
      description: "The server to ask. Without it the one on this machine, at PORT.",
      env: "BM_URL",
      helpValue: "http://HOST:PORT",
    }),
    ...worldFlags,
  };

  async run(): Promise<ZoneDetails> {
    const { args, flags } = await this.parse(ZoneShow);
    const { loadWorld } = await import("../../../config/index.ts");
    const { showZone } = await import("../../services/zone/show.ts");
    const { zoneDetails } = await import("../../output/zone-details.ts");
    const { serverUrl } = await import("../../services/server-url.ts");
    const url = serverUrl(flags.url);
    const { world } = await loadWorld({ configPath: flags.config });
    const shown = await showZone(world, args.name, url);
    this.log(zoneDetails(shown, url));
    return shown.details;
  }
}
