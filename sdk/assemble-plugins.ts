import { z } from "zod";
import { BmError, showValue, type World, type Zone } from "../config/index.ts";
import {
  buildStateTypes,
  type FieldContribution,
  mergeFields,
  messagesOf,
  type PluginInstance,
  type PluginStatics,
  type PluginType,
  type StateTypes,
  schemaProblem,
  TICK_PHASES,
  type WorldPlugin,
} from "../rooms/index.ts";

/** Plugin classes with the options that the world gives them, in the order of the world definition. */
export interface ResolvedPlugin {
  /** As the world definition names it: a built-in plugin, or a module. */
  use: string;
  type: PluginType;
}

/** A world's plugins, checked, ordered, and the schema that they make together. */
export interface AssembledPlugins {
  plugins: readonly WorldPlugin[];
  stateTypes: StateTypes;
}

/**
 * Checks plugins against the contract and each other, and puts them in order: as the world lists them, but each after what
 * it `requires` and comes `after`.
 * @throws BmError `BM_PLUGIN_INVALID` with every problem: names, duplicates, missing and circular dependencies, options with
 * their path, ticks that do not fit the frame rate, misnamed or clashing messages, fields.
 */
export function assemblePlugins(world: World, resolved: readonly ResolvedPlugin[]): AssembledPlugins {
  const problems: string[] = [];
  const byName = new Map<string, ResolvedPlugin>();
  for (const plugin of resolved) {
    const name = plugin.type.pluginName;
    if (typeof name !== "string" || !/^[a-z][a-z0-9-]{0,31}$/.test(name)) {
      problems.push(`${plugin.type.name}: pluginName: got ${showValue(name)}, expected 1 to 32 of a-z, 0-9 and -, starting with a letter`);
    } else if (byName.has(name)) problems.push(`plugin ${name} is listed twice`);
    else byName.set(name, plugin);
  }
  const ordered = order(byName, problems);
  const messages = new Map<string, string>();
  const movers: string[] = [];
  const senders: string[] = [];
  const plugins = ordered.map(({ use, type }) => {
    checkTick(type, world.frameHz, problems);
    const optionsByZone = new Map<string, unknown | false>();
    const found: OptionProblems = new Map();
    for (const zone of world.zones) optionsByZone.set(zone.name, optionsIn(zone, use, type, found));
    reportOptions(type.pluginName, found, world, problems);
    const probe = makeProbe(type, optionsByZone, problems);
    if (probe) checkMessages(type.pluginName, probe, messages, problems);
    if (probe?.movement) movers.push(type.pluginName);
    if (probe?.serializer) senders.push(type.pluginName);
    return { type, optionsOf: (zone: Zone) => optionsByZone.get(zone.name) ?? false };
  });
  if (senders.length > 1) problems.push(`plugins ${senders.join(" and ")} both replace the serializer; one may`);
  if (movers.length > 1) problems.push(`plugins ${movers.join(" and ")} both replace movement; one may`);
  if (problems.length > 0) throw invalid(problems);
  const contributions: FieldContribution[] = ordered.map(({ type }) => ({
    plugin: type.pluginName,
    fields: type.fields,
    encodings: type.encodings,
  }));
  return { plugins, stateTypes: buildStateTypes(mergeFields(contributions)) };
}

function invalid(problems: readonly string[]): BmError {
  const unique = [...new Set(problems)];
  return new BmError(
    "BM_PLUGIN_INVALID",
    `the plugins of the world have ${unique.length} problem${unique.length === 1 ? "" : "s"}:\n  ${unique.join("\n  ")}`,
    {
      data: { problems: unique },
      hint: "mend the plugin, or its entry under `plugins` in the world definition",
    },
  );
}

/** Depth-first, in the order of the list: stable, and it names a cycle by its members. */
function order(byName: ReadonlyMap<string, ResolvedPlugin>, problems: string[]): ResolvedPlugin[] {
  const done = new Set<string>();
  const out: ResolvedPlugin[] = [];
  const visit = (name: string, path: readonly string[]): void => {
    if (done.has(name)) return;
    if (path.includes(name)) {
      problems.push(`plugins come after one another in a circle: ${[...path.slice(path.indexOf(name)), name].join(" after ")}`);
      return;
    }
    const plugin = byName.get(name) as ResolvedPlugin;
    const { requires = [], after = [] } = plugin.type as PluginStatics;
    for (const dependency of [...requires, ...after]) {
      if (byName.has(dependency)) visit(dependency, [...path, name]);
      else if (requires.includes(dependency)) problems.push(`plugin ${name} requires plugin ${dependency}, which the world does not use`);
    }
    if (done.has(name)) return;
    done.add(name);
    out.push(plugin);
  };
  for (const name of byName.keys()) visit(name, []);
  return out;
}

const NO_OPTIONS = z.strictObject({});

/** What is wrong with a plugin's options, by the zones in which it is. */
type OptionProblems = Map<string, string[]>;

function optionsIn(zone: Zone, use: string, type: PluginType, problems: OptionProblems): unknown | false {
  const given = zone.plugins[use];
  if (given === undefined || given === false) return false;
  const parsed = (type.options ?? NO_OPTIONS).safeParse(given);
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues) {
    const { path, text } = schemaProblem(issue, given);
    const problem = `options${path === "" || path.startsWith("[") ? path : `.${path}`}: ${text}`;
    problems.set(problem, [...(problems.get(problem) ?? []), zone.name]);
  }
  return false;
}

/** One line a problem, however many zones have it: most are the world's, not a zone's. */
function reportOptions(name: string, found: OptionProblems, world: World, problems: string[]): void {
  for (const [problem, zones] of found) {
    const where = zones.length === world.zones.length ? "" : ` (zone ${zones.join(", ")})`;
    problems.push(`plugin ${name}: ${problem}${where}`);
  }
}

function checkTick({ pluginName, tick }: PluginType, frameHz: number, problems: string[]): void {
  if (!tick) return;
  if (!TICK_PHASES.includes(tick.phase))
    problems.push(`plugin ${pluginName}: tick.phase: got ${showValue(tick.phase)}, expected ${TICK_PHASES.join(", ")}`);
  const { hz } = tick;
  if (hz !== "frame" && hz !== "tick" && !(hz >= 1 && Number.isInteger(frameHz / hz)))
    problems.push(
      `plugin ${pluginName}: tick.hz: got ${showValue(hz)}, expected "frame", "tick" or a divisor of the frame rate ${frameHz}`,
    );
}

/** An instance that never sees a room, to read what instances declare. Wrong options are reported already. */
function makeProbe(type: PluginType, optionsByZone: ReadonlyMap<string, unknown | false>, problems: string[]): PluginInstance | undefined {
  const options = [...optionsByZone.values()].find((value) => value !== false);
  if (options === undefined) return undefined;
  try {
    return new type(options as never);
  } catch (error) {
    problems.push(`plugin ${type.pluginName}: its constructor threw: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}

function checkMessages(name: string, instance: PluginInstance, owners: Map<string, string>, problems: string[]): void {
  for (const message of Object.keys(messagesOf({ instance }))) {
    if (!message.startsWith(`${name}:`) || message.length <= name.length + 1) {
      problems.push(`plugin ${name}: message ${showValue(message)} is not named "${name}:<verb>"`);
    }
    const other = owners.get(message);
    if (other) problems.push(`plugins ${other} and ${name} both declare message ${showValue(message)}`);
    owners.set(message, name);
  }
}
