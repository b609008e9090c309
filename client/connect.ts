import { ConnectionError, toConnectionError } from "./connection-error.ts";
import { ZoneClient } from "./room-session.ts";
import { type ConnectionSettings, completeSettings, type JoinOptions } from "./settings.ts";
import { WorldConnection } from "./world-connection.ts";

/**
 * Joins a world at a place; the server picks the zone. Done when the zone has said welcome and its first state is there, so
 * `self` and `entities` can be read at once.
 *
 * @param url address of the server, `http://…` or `ws://…`, or https and wss.
 * @throws ConnectionError with the server's `BM_…` code for a refusal, or one of `CLIENT_ERROR_CODES` for a fault. There is no
 * second try: nothing is lost yet, and the caller knows best.
 *
 * @example
 * const world = await connect("http://localhost:2567", { longitude: 2.2945, latitude: 48.8584, name: "Ada" });
 * world.on("enter", (id, entity) => console.log(id, entity.kind, positionOf(entity)));
 * world.input.moveEast = 1;
 */
export async function connect(url: string, joinOptions: JoinOptions, settings?: ConnectionSettings): Promise<WorldConnection> {
  let client: ZoneClient;
  try {
    client = new ZoneClient(url);
  } catch (error) {
    throw toConnectionError(error);
  }
  try {
    return await WorldConnection.open(client, joinOptions, completeSettings(settings));
  } catch (error) {
    const { code, message, ...details } = toConnectionError(error);
    throw code === "BM_CLIENT_UNREACHABLE" ? new ConnectionError(code, `${url}: ${message}`, { ...details, cause: error }) : error;
  }
}
