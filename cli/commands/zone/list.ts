import { BaseCommand } from "../../base-command.ts";
import { worldFlags } from "../../flags.ts";
import type { ListedZone } from "../../services/zone/list.ts";

export default class ZoneList extends BaseCommand {
  static override description = "List the zones of the world, eastward from -180.";
  static override examples = ["<%= config.bin %> zone list", "<%= config.bin %> zone list --json"];
  static override flags = { ...worldFlags };

  async run(): Promise<ListedZone[]> {
    const { flags } = await this.parse(ZoneList);
    const { loadWorld, widthDeg } = await import("../../../config/index.ts");
    const { listed, pluginsOf } = await import("../../services/zone/list.ts");
    const { table } = await import("../../output/table.ts");
    const { formatRange, ring } = await import("../../output/ring.ts");
    const { world } = await loadWorld({ configPath: flags.config });
    this.log(
      table(world.zones, [
        { title: "ZONE", value: (zone) => zone.name },
        { title: "LONGITUDE", value: (zone) => formatRange(zone.west, zone.east) },
        { title: "DEGREES", value: (zone) => Number(widthDeg(zone.west, zone.east).toFixed(4)) },
        { title: "CAPACITY", value: (zone) => zone.capacity },
        { title: "PLUGINS", value: (zone) => pluginsOf(zone).join(", ") || "none" },
      ]),
    );
    this.log();
    this.log(ring(world.zones));
    return world.zones.map(listed);
  }
}
