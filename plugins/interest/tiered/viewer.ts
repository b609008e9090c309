import { PairQueue } from "./pair-queue.ts";

/** What replication asks about a client. */
export interface ViewerSource {
  /** Undefined for one that only looks on; it sees nothing. */
  readonly ownEntityId: string | undefined;
  /** It predicts its own body. */
  readonly predict: boolean;
  /** Number of the last input that was processed. */
  ack(): number;
  /** Its body as its last input left it: values in the order of MOVEMENT_FIELDS. */
  readonly predicted: Float64Array | undefined;
  /** Something else touched its body since the own body was last sent. Taken back when it is sent. */
  touched?: boolean;
  /** Sends a packet. The memory is not written again. */
  send(packet: Uint8Array): void;
}

/** Weight of each queue. Source: docs/REPLICATION.md, "Queues". */
export const QUEUE_WEIGHT = Int32Array.of(8, 4, 3, 2, 1);
/** Tier number of each queue: combat thrice, visual, extended. */
export const QUEUE_TIER = Int32Array.of(1, 1, 1, 2, 3);
export const QUEUES = 5;

/** One client and what it has. */
export class Viewer {
  readonly source: ViewerSource;
  /** Frames by which its slower tiers are put off, so that not all viewers are due at once. */
  readonly phase: number;
  /** By {@link QUEUE_TIER}. */
  readonly queues: readonly PairQueue[] = Array.from({ length: QUEUES }, () => new PairQueue());
  /** It got its full state and is served. */
  started = false;
  /** Bytes that it may still be sent. */
  budgetBytes = 0;
  /** Frame up to which {@link budgetBytes} is filled. */
  budgetFrame = 0;
  /** Pairs wait that did not fit. */
  backlog = false;
  /** Frame in which its combat pairs were last looked over for entities that are gone. */
  purgedFrame = -1;
  /** Row of its own entity, or -1. */
  ownRow = -1;
  /** Frame up to which it has its own body. */
  ownSent = -1;
  /** The own body must be sent whole. */
  ownLacksFields = false;
  /** Frame of its last packet, and the acknowledgement that was in it. */
  packetFrame = -1;
  packetAck = -1;
  /** Number of the last change that everybody gets which its full state had. */
  sharedFrom = 0;
  /** Where it last stood. */
  xCm = Number.NaN;
  yCm = 0;
  zCm = 0;

  constructor(source: ViewerSource, phase: number) {
    this.source = source;
    this.phase = phase;
  }

  /** Pairs of all tiers. */
  get pairs(): number {
    let pairs = 0;
    for (const queue of this.queues) pairs += queue.length;
    return pairs;
  }
}
