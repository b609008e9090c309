import { Client, type Room } from "@colyseus/sdk";
import { defineWorld, type Environment, readEnvironment, type World, type WorldInput } from "../../config/index.ts";
import type { EntityState, ZoneRoom, ZoneWelcome } from "../../rooms/index.ts";
import { startWorldServer, type WorldServer } from "../../server/index.ts";
import { until } from "./until.ts";

/** Three zones, the built-in plugins, small limits that tests can reach. */
export const THREE_ZONES: WorldInput["zones"] = [
  { name: "west", west: -180, east: -60, capacity: 100 },
  { name: "middle", west: -60, east: 60, capacity: 100 },
  { name: "east", west: 60, east: 180, capacity: 100 },
];

/** Without the governor, whose steps depend on how busy the machine is. */
export const STEADY_INTEREST = { use: "interest", options: { governor: false } };

export interface TestWorld {
  world: World;
  server: WorldServer;
  zone(name: string): ZoneRoom;
  client(): Client;
  join(options: Record<string, unknown>): Promise<Player>;
}

/** A stock SDK client in the world, with what it has been told so far. */
export interface Player {
  room: Room;
  welcome: ZoneWelcome;
  /** Coded errors received, oldest first. */
  errors: { code: string; message: string; data?: Record<string, unknown> }[];
  /** Its own avatar as it sees it. */
  self(): EntityState;
  entities(): Map<string, EntityState>;
}

/** Starts a real server on a free port with a world for tests. One at a time in a process. */
export async function startTestWorld(input: Partial<WorldInput> = {}, environment: Partial<Environment> = {}): Promise<TestWorld> {
  const world = defineWorld({ name: "test", zones: THREE_ZONES, plugins: ["quantization", STEADY_INTEREST], ...input });
  const server = await startWorldServer({
    world,
    worldFile: import.meta.filename,
    environment: { ...readEnvironment({}), port: 0, logLevel: "silent", ...environment },
  });
  return {
    world,
    server,
    zone: (name) => server.rooms().find((room) => room.zone.name === name) as ZoneRoom,
    client: () => new Client(server.url),
    join: (options) => joinWith(new Client(server.url), options),
  };
}

/** Joins as any game would, and waits for the welcome. */
export async function joinWith(client: Client, options: Record<string, unknown>): Promise<Player> {
  const room = await client.joinOrCreate("zone", options);
  return await playerOf(room);
}

/** Listens on a room that was just joined and waits for its welcome and its first state. */
export async function playerOf(room: Room): Promise<Player> {
  const errors: Player["errors"] = [];
  let welcome: ZoneWelcome | undefined;
  room.onMessage("zone:welcome", (message: ZoneWelcome) => {
    welcome = message;
  });
  room.onMessage("error", (error: Player["errors"][number]) => errors.push(error));
  const entities = () => (room.state as { entities: Map<string, EntityState> }).entities;
  const told = await until("the welcome", () => welcome);
  await until("the own avatar in the state", () => entities()?.get(told.entityId));
  return { room, welcome: told, errors, entities, self: () => entities().get(told.entityId) as EntityState };
}

/** Breaks a player's connection as a dead network does: no close frame. */
export function cutConnection(zone: ZoneRoom, player: Player): void {
  const client = zone.clients.find(({ sessionId }) => sessionId === player.room.sessionId);
  if (!client) throw new Error(`session ${player.room.sessionId} is not connected`);
  (client.ref as unknown as { terminate(): void }).terminate();
}

/** Collects everything that the SDK and the schema decoder complain about while `work` runs. */
export async function complaintsDuring(work: () => Promise<void>): Promise<string[]> {
  const complaints: string[] = [];
  const { warn, error } = console;
  console.warn = (...parts) => complaints.push(parts.join(" "));
  console.error = (...parts) => complaints.push(parts.join(" "));
  try {
    await work();
  } finally {
    console.warn = warn;
    console.error = error;
  }
  return complaints;
}
