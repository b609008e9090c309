import { ENVIRONMENT_VARIABLES, type Environment, loadWorld, type World } from "../../../config/index.ts";
import { isBmError } from "../../output/error-report.ts";
import { environmentWith } from "../environment.ts";
import { act, type CheckResult, fine, reasonOf, skipped } from "./check.ts";
import { checkMemory, checkNode, checkOpenFiles } from "./machine.ts";
import { checkPort } from "./port.ts";
import { checkRedis } from "./presence.ts";
import { checkPostgres } from "./storage.ts";

/** What to run a world with. */
export interface DoctorOptions {
  configPath: string | undefined;
  /** Variables that flags say otherwise. */
  overrides: Record<string, string | undefined>;
}

/** Everything that a server needs, looked at; in the order in which it is printed. Takes as long as the slowest check, 3 s at most. */
export async function examine({ configPath, overrides }: DoctorOptions): Promise<CheckResult[]> {
  const { result: environment, value } = tried<Environment>("environment", environmentFound(overrides), () => environmentWith(overrides));
  const { result: world, value: loaded } = await triedLater<World>("world", async () => {
    const { world, file, builtIn } = await loadWorld({ configPath });
    return {
      value: world,
      found: `${file} is valid, with ${world.zones.length} ${world.zones.length === 1 ? "zone" : "zones"}${builtIn ? ", built in" : ""}`,
    };
  });
  const players = loaded?.zones.reduce((sum, zone) => sum + zone.capacity, 0);
  const unreadable = (check: string) => skipped(check, "needs an environment that can be used");
  const uncounted = (check: string) => skipped(check, "needs a valid world to know the number of players");
  return Promise.all([
    checkNode(),
    environment,
    value === undefined ? unreadable("port") : checkPort(value.port, value.host),
    players === undefined ? uncounted("open files") : checkOpenFiles(players),
    players === undefined ? uncounted("memory") : checkMemory(players),
    world,
    value === undefined ? unreadable("postgresql") : checkPostgres(value.databaseUrl),
    value === undefined ? unreadable("redis") : checkRedis(value.redisUrls),
  ]);
}

/** What is said of an environment in which no value is wrong. Names only: a value may be a secret. */
function environmentFound(overrides: DoctorOptions["overrides"]): string {
  const set = ENVIRONMENT_VARIABLES.filter((name) => (overrides[name] ?? process.env[name])?.trim());
  if (set.length === 0) return "no variable is set, so the defaults hold";
  return `${set.join(", ")} ${set.length === 1 ? "is set and has" : "are set and have"} the right form; of the others the defaults hold`;
}

function tried<T>(check: string, found: string, read: () => T): { result: CheckResult; value: T | undefined } {
  try {
    const value = read();
    return { result: fine(check, found), value };
  } catch (error) {
    return { result: failed(check, error), value: undefined };
  }
}

async function triedLater<T>(
  check: string,
  read: () => Promise<{ value: T; found: string }>,
): Promise<{ result: CheckResult; value: T | undefined }> {
  try {
    const { value, found } = await read();
    return { result: fine(check, found), value };
  } catch (error) {
    return { result: failed(check, error), value: undefined };
  }
}

function failed(check: string, error: unknown): CheckResult {
  return act(check, reasonOf(error), (isBmError(error) ? error.hint : undefined) ?? "see docs/ERRORS.md");
}
