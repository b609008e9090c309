import { type Client, ClientState, SchemaSerializer } from "@colyseus/core";
import type { Encoder } from "@colyseus/schema";
import { DEFAULT_TICK_HZ } from "../../../../config/index.ts";
import type { ZoneState } from "../../../../rooms/index.ts";
import type { Measured } from "./document.ts";
import { type Job, timed } from "./measuring.ts";
import { StockWorld } from "./stock-world.ts";

/**
 * Measures what Colyseus does by itself: its own serializer, one view a client, a patch each world tick with all that has changed
 * in what the client may see. Who may see what is kept up to date outside of the time that is measured.
 */
export function runStock(job: Job): Measured {
  const serializer = new SchemaSerializer<ZoneState>();
  const stock = new StockWorld(job, ({ state }) => {
    serializer.reset(state as never);
    const { encoder } = serializer as unknown as { encoder: Encoder };
    return { encoder, handshake: () => serializer.handshake() as Uint8Array };
  });
  const { world } = stock;
  const clients = stock.views.map((view, viewer) => {
    const raw = (packet: Uint8Array) => stock.receive(viewer, packet);
    const ackSeq = () => world.steps;
    // As much of a client as the serializer looks at.
    const inputBuffer = Object.defineProperty({}, "ackSeq", { get: ackSeq });
    return { state: ClientState.JOINED, view, raw, _inputBuffer: inputBuffer } as unknown as Client;
  });
  for (const oracle of stock.oracles) {
    oracle.receive(serializer.getFullState(clients[oracle.viewer] as Client, { sNow: 0 }) as Uint8Array);
  }
  return stock.measure(job, (tick, moves, cost) => {
    for (const move of moves) stock.apply(move);
    const timing = { sNow: Math.round((tick * 1000) / DEFAULT_TICK_HZ) };
    timed(cost, () => serializer.applyPatches(clients, world.state as never, timing));
  });
}
