import { z } from "zod";

/** Bytes a second of one viewer. Source: requirements document, "Monitoring and Observability", bandwidth per player under 50 KB/s. */
const DEFAULT_BUDGET_BYTES_PER_SECOND = 50_000;

export const interestOptions = z.strictObject({
  /**
   * `tiered` sends each entity by tier and distance, encoded once; `stock` is the host's own, one view a client, for comparison.
   * @defaultValue tiered
   */
  serializer: z.enum(["tiered", "stock"]).default("tiered"),
  /** Bytes a second that a viewer is sent of the state at the most, 2000 to 100 000 000; full states apart. @defaultValue 50 000 */
  budgetBytesPerSecond: z.int().min(2000).max(100_000_000).default(DEFAULT_BUDGET_BYTES_PER_SECOND),
  /** Whether rates give way while ticks run late. @defaultValue true */
  governor: z.boolean().default(true),
  /** `stock` alone: how often each viewer's surroundings are looked over, Hz. @defaultValue 10 */
  scanHz: z.union([z.literal(5), z.literal(10), z.literal(15), z.literal(30)], "expected 5, 10, 15 or 30").default(10),
});
