import { createServer, type Server as HttpServer } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { matchMaker, Server } from "@colyseus/core";
import { WebSocketTransport } from "@colyseus/ws-transport";
import { BmError, type Environment, type World, type Zone } from "../config/index.ts";
import { openDataSource, storageProblem } from "../entities/data-source.ts";
import { defineZoneRoom, installZoneRouting, roomIdOfZone, ZONE_ROOM_NAME, ZoneRing, type ZoneRoom } from "../rooms/index.ts";
import { assemblePlugins } from "../sdk/index.ts";
import { openBacking } from "./backing.ts";
import { openEntityIds } from "./entity-ids.ts";
import { startHeartbeat } from "./heartbeat.ts";
import { createHttpRouter } from "./http.ts";
import { keepListed, unlistedZones } from "./listing-keeper.ts";
import { colyseusLogger, createLogger, type Logger } from "./logger.ts";
import { createMetrics } from "./metrics.ts";
import { guardRequests } from "./request-guard.ts";
import { resolvePlugins } from "./resolve-plugins.ts";
import { catchStrayErrors } from "./stray-errors.ts";
import { reportZones } from "./zone-report.ts";

export interface WorldServerOptions {
  world: World;
  /** Where the world was defined; plugin paths are relative to it. */
  worldFile: string;
  /** Zones that this process runs. @defaultValue all */
  zones?: readonly string[] | undefined;
  environment: Environment;
  /** @defaultValue structured lines on stderr, from `environment.logLevel` up */
  logger?: Logger | undefined;
}

/** A zone of this process, as of now. */
export interface ZoneStatus {
  name: string;
  west: number;
  east: number;
  capacity: number;
  players: number;
  entities: number;
  tickHz: number;
  /** Milliseconds of a world tick over the last 20 s. */
  frameMsP50: number;
  frameMsP95: number;
  /** Payload bytes over the last 20 s. */
  bytesOutPerSecond: number;
  plugins: string[];
  roomId: string;
}

/** A running server process: some or all zones of a world behind one port. One a process. */
export interface WorldServer {
  port: number;
  /** `http://…` that the SDK's `new Client(url)` takes. */
  url: string;
  status(): ZoneStatus[];
  rooms(): ZoneRoom[];
  /** Drains: no more joins, every client told, every plugin disposed, the port closed. */
  stop(): Promise<void>;
}

/** Milliseconds that the shared room listing gets to hear that this process is going. */
const LISTING_LIMIT_MS = 3000;

/** A frame of the transport may be this many times the limit on a message: above it the connection is cut without an answer. */
const HARD_FRAME_LIMIT_TIMES = 16;

/**
 * Starts zones of a world and answers on one port: Colyseus's matchmaking and WebSockets, and the HTTP routes.
 * @throws BmError for everything that the operator can mend: plugins, port, storage, presence, a zone that runs elsewhere.
 */
export async function startWorldServer(options: WorldServerOptions): Promise<WorldServer> {
  const { world, environment } = options;
  const chosen = chooseZones(world, options.zones);
  const logger = options.logger ?? createLogger(environment.logLevel);
  const assembled = assemblePlugins(world, await resolvePlugins(world, options.worldFile));
  const storage = environment.databaseUrl === undefined ? undefined : await openDataSource(environment.databaseUrl);
  const backing = await openBacking(environment.redisUrls).catch(async (error) => {
    await storage?.destroy();
    throw error;
  });

  const rooms = (): ZoneRoom[] =>
    chosen.flatMap(({ name }) => (matchMaker.getLocalRoomById(roomIdOfZone(name)) as ZoneRoom | undefined) ?? []);
  const metrics = createMetrics(rooms);
  const onRefusal = (error: BmError): void => {
    metrics.countRefusal(error.code);
    logger.debug({ code: error.code, ...error.data }, error.message);
  };
  const stopCatching = catchStrayErrors(logger, metrics.countStray);
  const uninstallRouting = installZoneRouting({ world, ring: new ZoneRing(world.zones), onRefusal });

  const httpServer = createServer();
  guardRequests(httpServer);
  const transport = new WebSocketTransport({
    server: httpServer,
    // We ping ourselves, a few connections at a time.
    pingInterval: 0,
    maxPayload: world.limits.messageBytes * HARD_FRAME_LIMIT_TIMES,
  });
  const server = new Server({
    transport,
    presence: backing.presence,
    driver: backing.driver,
    ...(environment.publicAddress === undefined ? {} : { publicAddress: environment.publicAddress }),
    // Signals are the command's business; and the host would exit the process on any stray error.
    gracefullyShutdown: false,
    greet: false,
    logger: colyseusLogger(logger),
    // A room is made here and only here: whatever else asks for one is refused.
    selectProcessIdToCreateRoom: () => Promise.reject(new BmError("BM_JOIN_METHOD", "rooms are made by the server")),
  });
  const problems = async (): Promise<string[]> => {
    const found: string[] = [];
    const up = new Set(rooms().map((room) => room.zone.name));
    for (const { name } of chosen) if (!up.has(name)) found.push(`zone ${name} is not up`);
    const presence = await backing.problem();
    if (presence) found.push(`presence: ${presence}`);
    else for (const name of await unlistedZones(chosen)) if (up.has(name)) found.push(`zone ${name} is not in the room listing`);
    const stored = storage && (await storageProblem(storage));
    if (stored) found.push(`storage: ${stored}`);
    return found;
  };
  server.router = createHttpRouter({ world, zones: () => reportZones(world), problems, metrics, onRefusal });

  let stopHeartbeat = () => {};
  let stopKeeping = () => {};
  let stopping: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    stopHeartbeat();
    stopKeeping();
    await Promise.all(rooms().map((room) => room.drain()));
    // Clears the room listing, which takes a Redis that answers.
    await Promise.race([server.gracefullyShutdown(false), delay(LISTING_LIMIT_MS, undefined, { ref: false })]);
    uninstallRouting();
    stopCatching();
    metrics.stop();
    httpServer.closeAllConnections();
    // Who does not answer the closing of its connection, because it reads nothing, is not waited for.
    for (const socket of (transport as unknown as { wss: { clients: Set<{ terminate(): void }> } }).wss.clients) socket.terminate();
    await new Promise<void>((resolve) => httpServer.close(() => resolve()));
    backing.close();
    await storage?.destroy();
    logger.flush?.();
  };
  const stop = (): Promise<void> => {
    stopping ??= close();
    return stopping;
  };

  try {
    await listen(server, httpServer, environment);
    const ids = await openEntityIds(backing.presence, { shared: environment.redisUrls !== undefined });
    matchMaker.defineRoomType(
      ZONE_ROOM_NAME,
      defineZoneRoom({
        world,
        plugins: assembled.plugins,
        stateTypes: assembled.stateTypes,
        nextEntityId: () => ids.next(),
        log: (level, zone, message, data) => logger[level]({ zone, ...data }, message),
      }),
    );
    for (const zone of chosen) await createZoneRoom(zone);
    stopHeartbeat = startHeartbeat(rooms);
    if (environment.redisUrls) stopKeeping = keepListed(logger);
  } catch (error) {
    await stop();
    throw error;
  }

  const { port } = httpServer.address() as { port: number };
  return {
    port,
    url: `http://${urlHost(environment.host)}:${port}`,
    rooms,
    stop,
    status: () => rooms().map(statusOf),
  };
}

function chooseZones(world: World, names: readonly string[] | undefined): readonly Zone[] {
  if (!names || names.length === 0) return world.zones;
  return [...new Set(names)].map((name) => {
    const zone = world.zones.find((candidate) => candidate.name === name);
    if (zone) return zone;
    throw new BmError(
      "BM_ZONE_UNKNOWN",
      `no zone named "${name}"; there are ${world.zones.map((candidate) => candidate.name).join(", ")}`,
      { data: { name }, hint: "see `bm zone list`" },
    );
  });
}

/** The host leaves a promise open for ever when the port is taken, so the socket's own error is listened for. */
async function listen(server: Server, httpServer: HttpServer, { host, port }: Environment): Promise<void> {
  // The transport's own listener only prints the stack.
  httpServer.removeAllListeners("error");
  const failed = new Promise<never>((_, reject) => {
    httpServer.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE")
        reject(
          new BmError("BM_PORT_TAKEN", `port ${port} is taken by another program`, {
            data: { port },
            hint: `stop it, or choose another: --port ${port + 1}`,
            cause: error,
          }),
        );
      else
        reject(
          new BmError("BM_ENV_INVALID", `cannot listen at ${host ?? "any address"}, port ${port}: ${error.message}`, {
            data: { host, port },
            hint: "choose another with --host and --port",
            cause: error,
          }),
        );
    });
  });
  await Promise.race([server.listen(port, host), failed]);
}

async function createZoneRoom(zone: Zone): Promise<void> {
  const roomId = roomIdOfZone(zone.name);
  const other = await matchMaker.driver.findOne({ roomId });
  if (other) {
    throw new BmError("BM_ZONE_RUNNING", `zone ${zone.name} is run by process ${other.processId} already`, {
      data: { zone: zone.name, processId: other.processId },
      hint: "stop that process, or name other zones: bm zone run NAME",
    });
  }
  await matchMaker.handleCreateRoom(ZONE_ROOM_NAME, { zone: zone.name });
}

function urlHost(host: string | undefined): string {
  if (host === undefined || host === "0.0.0.0" || host === "::") return "localhost";
  return host.includes(":") ? `[${host}]` : host;
}

function statusOf(room: ZoneRoom): ZoneStatus {
  const [frameMsP50 = 0, frameMsP95 = 0] = room.metrics.frameTimeMs([0.5, 0.95]);
  const { name, west, east, capacity } = room.zone;
  return {
    name,
    west,
    east,
    capacity,
    players: room.load.players,
    entities: room.entities.size,
    ...room.metrics.rates(),
    frameMsP50,
    frameMsP95,
    plugins: room.pluginHost.plugins.map((plugin) => plugin.name),
    roomId: room.roomId,
  };
}
