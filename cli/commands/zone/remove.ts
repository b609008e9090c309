import { Args, Flags } from "@oclif/core";
import { BaseCommand } from "../../base-command.ts";
import { changeFlags, worldFlags } from "../../flags.ts";
import type { ZoneChangeResult } from "../../services/zone/change.ts";

export default class ZoneRemove extends BaseCommand {
  static override description = "Remove a zone and give its degrees to one of its neighbours.";
  static override examples = [
    "<%= config.bin %> zone remove atlantic --into americas",
    { description: "Only show what would change", command: "<%= config.bin %> zone remove atlantic --into americas --dry-run" },
  ];
  static override args = { name: Args.string({ description: "The zone to remove.", required: true, ignoreStdin: true }) };
  static override flags = {
    into: Flags.string({
      description: "The neighbour that gets the degrees. Asked for on a terminal.",
      env: "BM_INTO",
      helpValue: "NEIGHBOUR",
    }),
    ...changeFlags,
    ...worldFlags,
  };

  async run(): Promise<ZoneChangeResult> {
    const { args, flags } = await this.parse(ZoneRemove);
    const { openEditableWorld } = await import("../../services/zone/editable-world.ts");
    const { heirsOf, intoMissing, planRemove } = await import("../../services/zone/remove.ts");
    const { carryOut, checked } = await import("../../services/zone/change.ts");
    const { typed } = await import("../../output/typed-command.ts");
    const { zoneChange } = await import("../../output/zone-change.ts");

    const editable = await openEditableWorld(flags.config);
    const heirs = heirsOf(editable.zones, args.name);
    if (flags.into === undefined && !this.interactive) throw intoMissing(args.name, heirs, flags.config);
    const into = flags.into ?? (await this.#ask(args.name, heirs));
    const plan = checked(editable, planRemove(editable.zones, args.name, into));
    this.log(zoneChange(editable.world.zones, plan.world.zones, plan.changes));
    const result = carryOut(editable, plan, !flags["dry-run"]);
    this.log(
      flags["dry-run"] ? "Nothing was written." : typed(`Written to ${editable.directory}. Servers read it when they start: bm zone run`),
    );
    return result;
  }

  async #ask(name: string, heirs: readonly string[]): Promise<string> {
    const { choose } = await import("../../output/prompt.ts");
    return choose(`Which zone gets the degrees of ${name}?`, heirs);
  }
}
