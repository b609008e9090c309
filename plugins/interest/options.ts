import { z } from "zod";

export const interestOptions = z.strictObject({
  /** How often each viewer's surroundings are looked over, Hz. @defaultValue 10 */
  scanHz: z.union([z.literal(5), z.literal(10), z.literal(15), z.literal(30)], "expected 5, 10, 15 or 30").default(10),
});
