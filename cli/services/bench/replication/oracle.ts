import { type Decoder, Reflection } from "@colyseus/schema";
import type { Tiers } from "../../../../config/index.ts";
import { axisCm, type EntityState } from "../../../../rooms/index.ts";
import { Neighbours } from "./neighbours.ts";

/** Problems of one client that are told; the rest is counted. */
const TOLD = 5;
const TIMED_BIT = 0x80;
/** Code, clock and acknowledgement: `[code | 0x80][u32][u32]`. */
const TIMED_PREFIX_BYTES = 9;
/** Wire formulas of angles and velocities may differ from the server's in the last bit. */
const EPSILON = 1e-9;

/** Bytes of a state packet before the schema's own. */
function prefixBytes(packet: Uint8Array): number {
  return ((packet[0] as number) & TIMED_BIT) === 0 ? 1 : TIMED_PREFIX_BYTES;
}

/** A client with the stock decoder: it is given every byte of its stream and in the end holds what its player would see. */
export class OracleClient {
  /** Index of its player in the world. */
  readonly viewer: number;
  /** Whether what comes in is counted. */
  counting = false;
  payloadBytes = 0;
  /** Entities that packets brought news of, each once a packet. */
  updates = 0;
  /** What the decoder complained of. */
  readonly complaints: string[] = [];
  readonly #decoder: Decoder;
  readonly #waiting: Uint8Array[] = [];
  #touched = new Set<number>();

  /** @param handshake - `Reflection.encode` of the encoder; the decoder knows nothing else of the state's classes. */
  constructor(viewer: number, handshake: Uint8Array) {
    this.viewer = viewer;
    this.#decoder = Reflection.decode(handshake);
    // Without a listener the decoder tells nobody what changed.
    this.#decoder.triggerChanges = (changes) => {
      for (const { refId } of changes) this.#touched.add(refId);
    };
  }

  /** Takes a packet. Copied, as senders use their buffers again; decoded by {@link drain}, so that it costs little while time is taken. */
  receive(packet: Uint8Array): void {
    this.#waiting.push(packet.slice());
  }

  /** Decodes what has come in, in order. */
  drain(): void {
    const { error, warn } = console;
    console.error = console.warn = (...words: unknown[]) => {
      if (this.complaints.length < TOLD) this.complaints.push(words.join(" "));
    };
    try {
      for (const packet of this.#waiting) this.#decode(packet);
    } catch (thrown) {
      this.complaints.push(`the decoder threw: ${String(thrown)}`);
    } finally {
      Object.assign(console, { error, warn });
      this.#waiting.length = 0;
    }
  }

  /** What it holds, by id. */
  get seen(): ReadonlyMap<string, EntityState> {
    const { entities } = this.#decoder.state as { entities?: { entries(): Iterable<[string, EntityState]> } };
    return new Map(entities?.entries() ?? []);
  }

  #decode(packet: Uint8Array): void {
    const offset = prefixBytes(packet);
    this.#touched.clear();
    this.#decoder.decode(packet, { offset });
    if (!this.counting) return;
    this.payloadBytes += packet.length - offset;
    this.updates += this.#touched.size;
  }
}

/** Something that a client should or should not see. */
export interface Truth {
  id: string;
  entity: EntityState;
  distanceM: number;
}

/**
 * What is wrong with what a client holds after movement has come to rest: everything in range must be there and stand where it
 * stands, with heading and velocity when it is near enough for them; nothing beyond may be left. Empty when all is right.
 */
export function sightProblems(seen: ReadonlyMap<string, EntityState>, truth: readonly Truth[], tiers: Tiers): string[] {
  const problems: string[] = [];
  const farthestM = tiers.extended.radiusM * (1 + tiers.hysteresis);
  for (const { id, entity, distanceM } of truth) {
    const copy = seen.get(id);
    const at = `${id} at ${distanceM.toFixed(1)} m`;
    if (copy === undefined) {
      if (distanceM < tiers.extended.radiusM) problems.push(`${at} is not there`);
    } else if (distanceM > farthestM) problems.push(`${at} is still there`);
    else problems.push(...differences(copy, entity, distanceM < tiers.visual.radiusM).map((what) => `${at}: ${what}`));
  }
  return problems;
}

/** Holds every sampled client against the truth. */
export function verify(
  clients: readonly OracleClient[],
  ids: readonly string[],
  entities: readonly EntityState[],
  tiers: Tiers,
): { verified: { clients: number; entities: number }; problems: string[] } {
  const neighbours = new Neighbours(entities, tiers.extended.radiusM);
  const problems: string[] = [];
  let checked = 0;
  for (const client of clients) {
    client.drain();
    const seen = client.seen;
    const truth = entities.map((entity, i): Truth => {
      // Far away, where the plain distance no longer holds, only that it is far matters.
      const distanceM = i === client.viewer ? 0 : Math.sqrt(neighbours.squaredM2(client.viewer, i));
      return { id: ids[i] as string, entity, distanceM };
    });
    checked += truth.filter(({ distanceM }) => distanceM < tiers.extended.radiusM).length;
    const found = [...client.complaints, ...sightProblems(seen, truth, tiers)];
    const more = found.length > TOLD ? ` (and ${found.length - TOLD} more)` : "";
    if (found.length > 0) problems.push(`client of ${ids[client.viewer]}: ${found.slice(0, TOLD).join("; ")}${more}`);
  }
  return { verified: { clients: clients.length, entities: checked }, problems };
}

function differences(copy: EntityState, entity: EntityState, near: boolean): string[] {
  const found: string[] = [];
  for (const [cell, offset] of [
    ["cellX", "x"],
    ["cellY", "y"],
    ["cellZ", "z"],
  ] as const) {
    const got = axisCm(copy[cell], copy[offset]);
    const expected = axisCm(entity[cell], entity[offset]);
    if (got !== expected) found.push(`${offset} is ${got} cm, expected ${expected}`);
  }
  if (!near) return found;
  for (const field of ["yaw", "velocityX", "velocityY", "velocityZ"] as const) {
    if (!(Math.abs(copy[field] - entity[field]) < EPSILON)) found.push(`${field} is ${copy[field]}, expected ${entity[field]}`);
  }
  return found;
}
