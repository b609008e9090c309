import { BmError } from "../../../config/index.ts";

/** @throws BmError BM_ZONE_UNKNOWN naming those of `names` that no zone has, and the names there are. */
export function assertZonesExist(zones: readonly { name: string }[], names: readonly string[]): void {
  const known = zones.map((zone) => zone.name);
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  throw new BmError("BM_ZONE_UNKNOWN", `no zone is named ${unknown.join(" or ")}, expected one of ${known.join(", ")}`, {
    data: { got: unknown, zones: known },
    hint: "See the zones with: bm zone list",
  });
}
