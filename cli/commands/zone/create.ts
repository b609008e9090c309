import { Args, Flags } from "@oclif/core";
import { BaseCommand } from "../../base-command.ts";
import { changeFlags, worldFlags } from "../../flags.ts";
import type { ZoneChangeResult } from "../../services/zone/change.ts";

export default class ZoneCreate extends BaseCommand {
  static override description = `Create a zone.
The zones cover every longitude already, so the degrees of a new one are taken from those that hold them: with --split, or after a
question on a terminal. A zone that is cut in two keeps its name west of the cut; the part east of it becomes NAME-east.`;
  static override examples = [
    "<%= config.bin %> zone create europe --longitude=-25..45 --split",
    {
      description: "20 degrees over ±180; only show what would change",
      command: "<%= config.bin %> zone create pacific --longitude=170..-170 --split --dry-run",
    },
  ];
  static override args = {
    name: Args.string({ description: "1 to 32 of a-z, 0-9 and -, starting with a letter.", required: true, ignoreStdin: true }),
  };
  static override flags = {
    longitude: Flags.string({
      description: "Degrees from -180 to 180, read eastward. At least 0.25 of them.",
      env: "BM_LONGITUDE",
      helpValue: "WEST..EAST",
      required: true,
    }),
    capacity: Flags.integer({ description: "Players. 5000 without it.", env: "BM_CAPACITY", helpValue: "N", min: 1, max: 100_000 }),
    split: Flags.boolean({ description: "Take the degrees from the zones that hold them.", env: "BM_SPLIT" }),
    ...changeFlags,
    ...worldFlags,
  };

  async run(): Promise<ZoneChangeResult> {
    const { args, flags } = await this.parse(ZoneCreate);
    const { parseLongitudeRange } = await import("../../../config/index.ts");
    const { openEditableWorld } = await import("../../services/zone/editable-world.ts");
    const { holdersOf, occupied, planCreate } = await import("../../services/zone/create.ts");
    const { carryOut, checked } = await import("../../services/zone/change.ts");
    const { typed } = await import("../../output/typed-command.ts");
    const { zoneChange } = await import("../../output/zone-change.ts");

    const wanted = { name: args.name, ...parseLongitudeRange(flags.longitude), capacity: flags.capacity };
    const editable = await openEditableWorld(flags.config);
    const plan = checked(editable, planCreate(editable.zones, wanted));
    const dryRun = flags["dry-run"];
    if (!flags.split && !dryRun && !this.interactive) throw occupied(wanted, holdersOf(editable.zones, wanted), flags.config);

    this.log(zoneChange(editable.world.zones, plan.world.zones, plan.changes));
    if (!flags.split && !dryRun) {
      const { cancelled, confirm } = await import("../../output/prompt.ts");
      if (!(await confirm("Take these degrees?"))) throw cancelled();
    }
    const result = carryOut(editable, plan, !dryRun);
    this.log(dryRun ? "Nothing was written." : typed(`Written to ${editable.directory}. Servers read it when they start: bm zone run`));
    return result;
  }
}
