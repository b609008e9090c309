/** Where the clients stand: thinned out around a city, in one crowd, or where people live. */
export const LOAD_CASES = ["spread", "dense", "cities"] as const;
export type LoadCase = (typeof LOAD_CASES)[number];

/** `ours`: the serializer of the interest plugin. `stock`: that of Colyseus, the peer that ours is measured against. */
export const LOAD_SERIALIZERS = ["ours", "stock"] as const;
type LoadSerializer = (typeof LOAD_SERIALIZERS)[number];

/** What `bm bench load` is asked for; as it stands in the document. */
export interface LoadParameters {
  readonly clients: number;
  readonly case: LoadCase;
  readonly serializer: LoadSerializer;
  /** Clients predict their own body: inputs in batches, ten packets a second rather than sixty. */
  readonly predict: boolean;
  /** Length of the measured window. */
  readonly seconds: number;
  /** Joins a second. */
  readonly ramp: number;
  /** The same seed draws the same places and ways. */
  readonly seed: number;
  /** Whether the server may lower its rates under load. */
  readonly governor: boolean;
  /** Players that the zone has room for. */
  readonly capacity: number;
}

/** How far a run is, for who watches it. */
export interface LoadProgress {
  phase: "starting" | "joining" | "settling" | "measuring" | "standing" | "checking";
  joined: number;
  clients: number;
  /** Seconds of the phase, or clients checked. */
  done: number;
  /** What `done` goes up to; undefined where nobody knows. */
  of: number | undefined;
}
