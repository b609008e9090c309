import { Args, Flags } from "@oclif/core";
import { BaseCommand } from "../base-command.ts";

export default class Explain extends BaseCommand {
  static override description = `Explain why a player sees an entity as it does: tier, rate, distance, what was sent and what comes next.
Ids are those that clients see. It is told on the server's own machine only.`;
  static override examples = ["<%= config.bin %> explain 42 57", "<%= config.bin %> explain 42 57 --url http://localhost:2568 --json"];
  static override args = {
    viewer: Args.string({ description: "Entity id of the player who looks.", required: true, ignoreStdin: true }),
    entity: Args.string({ description: "Id of what it looks at.", required: true, ignoreStdin: true }),
  };
  static override flags = {
    url: Flags.string({
      description: "The server to ask. Without it the one on this machine, at PORT.",
      env: "BM_URL",
      helpValue: "http://HOST:PORT",
    }),
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(Explain);
    const { askWhy } = await import("../services/explain/ask.ts");
    const { explanation } = await import("../output/explain.ts");
    const { serverUrl } = await import("../services/server-url.ts");
    const { document, answer } = await askWhy(serverUrl(flags.url), args.viewer, args.entity);
    this.log(explanation(answer));
    return document;
  }
}
