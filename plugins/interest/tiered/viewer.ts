import { PairRings } from "./pair-rings.ts";

/** What replication asks about a client. */
export interface ViewerSource {
  /** Undefined for one that only looks on; it sees nothing. */
  readonly ownEntityId: string | undefined;
  /** It predicts its own body: what its own input makes of it, it knows by itself; see `ownInput`. */
  readonly predict: boolean;
  /** Number of the last input that was processed. */
  ack(): number;
  /** Sends a packet. The memory is not written again. */
  send(packet: Uint8Array): void;
}

/** Weight of each queue. Source: docs/REPLICATION.md, "Queues". */
export const QUEUE_WEIGHT = Int32Array.of(8, 4, 3, 2, 1);
/** Tier number of each queue: combat thrice, visual, extended. */
export const QUEUE_TIER = Int32Array.of(1, 1, 1, 2, 3);

/** One client and what it has. */
export class Viewer {
  readonly source: ViewerSource;
  /** Frames by which its slower tiers are put off, so that not all viewers are due at once. */
  readonly phase: number;
  /** Its pairs, in the queues of {@link QUEUE_TIER}. */
  readonly rings = new PairRings();
  /** Its place in the replicator's list. */
  index = -1;
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
  /** Index in the map of an own entity that went under it and that its client is yet to forget, or -1. */
  lostIndex = -1;
  /** Frame up to which it has its own body. */
  ownSent = -1;
  /** The own body must be sent whole. */
  ownLacksFields = false;
  /** Frame of its last packet, and the acknowledgement that was in it. */
  packetFrame = -1;
  packetAck = -1;
  /** Number of the last change that everybody gets which its full state had. */
  sharedFrom = 0;
  /**
   * As of its last scan: how much nearer or farther anyone may get before a tier of its pairs up to the visual one can change, and what
   * the table's drift, jumps and frame were then.
   */
  clearCm = -1;
  clearDriftCm = 0;
  clearJumps = 0;
  clearFrame = -1;
  /** Where it last stood. */
  xCm = Number.NaN;
  yCm = 0;
  zCm = 0;

  constructor(source: ViewerSource, phase: number) {
    this.source = source;
    this.phase = phase;
  }
}
