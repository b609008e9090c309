import { Client, type InputHandle, type Room } from "@colyseus/sdk";
import { eastwardCm } from "../../../rooms/geography/distance.ts";
import { axisCm, xCmFromLongitude, yCmFromLatitude } from "../../../rooms/geography/fixed-point.ts";
import { degreesToRadians } from "../../../rooms/geography/metres.ts";
import type { MovementCommand } from "../../../rooms/movement/movement.ts";
import { type Home, seededRandom } from "./draw.ts";
import { MovementProof } from "./movement-proof.ts";
import { Wanderer, type WanderState } from "./wander.ts";

/** What a bot tells whoever keeps the count. */
export interface BotWitness {
  refused(code: string, message: string): void;
  /** A connection broke or was closed, and not by the bot. */
  dropped(closeCode: number, reason: string): void;
  reconnected(): void;
  /** The zone answered something with a coded `error` message. */
  answeredError(code: string, message: string): void;
  /** The SDK threw while it read a frame. */
  fault(error: unknown): void;
}

/** As much of the synchronised state as a bot reads; see docs/PROTOCOL.md. */
interface SeenEntity {
  cellX: number;
  cellY: number;
  x: number;
  y: number;
}
interface SeenState {
  entities: { get(id: string): SeenEntity | undefined; readonly size: number };
}

/** Seconds of one input step. Source: 60 inputs a second, docs/PROTOCOL.md, "Input". */
export const STEP_SECONDS = 1 / 60;

/** The SDK waits for ever for a frozen server; a join without a seat by then is refused. Source: the time a seat is kept, and 5 s. */
const JOIN_TIMEOUT_MS = 20_000;

/** A message that begins with one of ours. */
const CODE = /^BM_[A-Z0-9_]+/;

/** One player: a stock SDK client that wanders about its city, and remembers whether it was served as promised. */
export class Bot {
  readonly home: Home;
  readonly name: string;
  /** Inputs sent, by what it was doing. */
  readonly steps: Record<WanderState, number> = { walk: 0, stop: 0, gather: 0 };
  /** Joined once, whatever came of it later. */
  joined = false;
  welcomed = false;
  /** Its connection ended for good, reconnecting included. */
  gone = false;
  /** Most others that it saw at a time. */
  mostNeighbours = 0;
  /** When its next step is due, milliseconds of the process; kept by the swarm. */
  nextStepMs = 0;

  readonly #witness: BotWitness;
  readonly #wanderer: Wanderer;
  readonly #proof = new MovementProof();
  readonly #plazaXCm: number;
  readonly #plazaYCm: number;
  readonly #eastScale: number;
  #room: Room<unknown, SeenState> | undefined;
  #input: InputHandle<MovementCommand> | undefined;
  #entityId = "";
  #joining: Promise<void> | undefined;
  #up = false;
  #leaving = false;

  constructor(index: number, home: Home, seed: number, witness: BotWitness) {
    this.home = home;
    this.name = `bot ${index + 1}`;
    this.#witness = witness;
    const { longitudeDeg, latitudeDeg } = home.city;
    this.#plazaXCm = xCmFromLongitude(longitudeDeg);
    this.#plazaYCm = yCmFromLatitude(latitudeDeg);
    this.#eastScale = Math.cos(degreesToRadians(latitudeDeg));
    const point = {
      eastM: (eastwardCm(this.#plazaXCm, xCmFromLongitude(home.longitudeDeg)) / 100) * this.#eastScale,
      northM: (yCmFromLatitude(home.latitudeDeg) - this.#plazaYCm) / 100,
    };
    this.#wanderer = new Wanderer(point, seededRandom(seed, `bot ${index}`));
  }

  /** It was welcomed, and its own movement came back. */
  get confirmed(): boolean {
    return this.welcomed && this.#proof.confirmed;
  }

  /** Connected and able to play. */
  get up(): boolean {
    return this.#up;
  }

  /** The last round trip, from an input to its acknowledgement, milliseconds; 0 before the first. */
  get rttMs(): number {
    return this.#up ? (this.#room?.clock.rtt() ?? 0) : 0;
  }

  /** Joins as any client does. Never rejects: the witness is told. */
  join(url: string): Promise<void> {
    this.#joining = this.#join(url);
    return this.#joining;
  }

  async #join(url: string): Promise<void> {
    const client = new Client(url);
    // In Node the SDK keeps the token of whoever signed in last, for the whole process.
    client.http.authToken = undefined;
    const { longitudeDeg, latitudeDeg } = this.home;
    const joining = client.joinOrCreate<SeenState>("zone", { longitude: longitudeDeg, latitude: latitudeDeg, name: this.name });
    try {
      const room = await inTime(joining);
      this.#room = room as Room<unknown, SeenState>;
      this.joined = true;
      this.#up = true;
      this.#listen(this.#room);
      if (this.#leaving) await this.#leaveRoom();
      else this.#input = this.#room.input<MovementCommand>();
    } catch (error) {
      this.#up = false;
      if (this.#leaving) return;
      const { code, message } = describe(error);
      this.#witness.refused(code, message);
    }
  }

  /** One input step. Cheap when there is nothing to move yet. Allocates nothing of its own. */
  step(): void {
    const input = this.#input;
    if (!this.#up || !this.welcomed || input === undefined) return;
    const self = this.#room?.state.entities.get(this.#entityId);
    if (self === undefined) return;
    const eastM = (eastwardCm(this.#plazaXCm, axisCm(self.cellX, self.x)) / 100) * this.#eastScale;
    const northM = (axisCm(self.cellY, self.y) - this.#plazaYCm) / 100;
    const wanderer = this.#wanderer;
    const { command } = wanderer;
    wanderer.advance(STEP_SECONDS, eastM, northM);
    this.#proof.observe(eastM, northM, command.moveEast, command.moveNorth);
    const { data } = input;
    data.moveEast = command.moveEast;
    data.moveNorth = command.moveNorth;
    data.yaw = command.yaw;
    data.buttons = command.buttons;
    if (input.send() > 0) this.steps[wanderer.state]++;
  }

  /** Notes who is about; once a second is enough. */
  lookAround(): void {
    if (!this.#up) return;
    this.mostNeighbours = Math.max(this.mostNeighbours, (this.#room?.state?.entities?.size ?? 0) - 1);
  }

  /** Leaves with consent, or gives up a connection that is down. Resolves when the room has closed; never rejects. */
  async leave(): Promise<void> {
    this.#leaving = true;
    await this.#joining;
    await this.#leaveRoom();
  }

  async #leaveRoom(): Promise<void> {
    const room = this.#room;
    if (room === undefined) return;
    const wasUp = this.#up;
    this.#up = false;
    room.reconnection.enabled = false;
    try {
      if (wasUp) await room.leave();
      else room.connection.close();
    } catch {
      // It is closed already.
    }
  }

  #listen(room: Room<unknown, SeenState>): void {
    room.onMessage("zone:welcome", ({ entityId }: { entityId: string }) => {
      this.#entityId = entityId;
      this.welcomed = true;
    });
    room.onMessage("error", ({ code, message }: { code?: unknown; message?: unknown }) =>
      this.#witness.answeredError(String(code), String(message)),
    );
    // Without it the SDK warns of every message that a bot has no use for.
    room.onMessage("*", () => {});
    let down = false;
    room.onDrop((code, reason) => {
      this.#up = false;
      if (this.#leaving) return;
      down = true;
      this.#witness.dropped(code, reason ?? "");
    });
    room.onReconnect(() => {
      down = false;
      this.#up = !this.#leaving;
      this.#witness.reconnected();
    });
    room.onLeave((code, reason) => {
      this.#up = false;
      this.gone = true;
      // A connection that broke was counted when it did, whether or not it came back.
      if (!this.#leaving && !down) this.#witness.dropped(code, reason ?? "");
    });
    // What the decoder throws would otherwise end the process, and with it every other bot.
    const { events } = room.connection;
    const receive = events.onmessage;
    events.onmessage = (event: unknown) => {
      try {
        receive?.(event as never);
      } catch (error) {
        this.#witness.fault(error);
      }
    };
  }
}

/** Rejects when there is no seat in time; a room that opens after all is left. */
async function inTime(joining: Promise<Room>): Promise<Room> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      joining.then((room) => room.leave()).catch(() => {});
      reject(Object.assign(new Error(`no seat within ${JOIN_TIMEOUT_MS / 1000} s`), { code: "TIMEOUT" }));
    }, JOIN_TIMEOUT_MS);
  });
  try {
    return await Promise.race([joining, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Our code where the server gave one, else what the network said (`ECONNREFUSED`), else the number of the SDK. */
function describe(error: unknown): { code: string; message: string } {
  const {
    message = String(error),
    code,
    cause,
  } = error as { message?: string; code?: string | number; cause?: { code?: string; message?: string } };
  return {
    code: CODE.exec(message)?.[0] ?? cause?.code ?? (code === undefined ? "UNKNOWN" : String(code)),
    message: cause?.message === undefined ? message : `${message}: ${cause.message}`,
  };
}
