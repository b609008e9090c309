import { METRES_PER_DEGREE } from "../../../../rooms/index.ts";
import { loadCities } from "../../bots/cities.ts";
import { defaultCityCount, drawHomes, type Random, seededRandom } from "../../bots/draw.ts";

/** Worlds to measure, in the order in which they run. */
export const CASE_NAMES = ["spread-1000", "spread-5000", "spread-10000", "cities-5000", "dense-1000", "square-5000"] as const;
export type CaseName = (typeof CASE_NAMES)[number];

/** Where a player walks about: a square or a circle of ground; whoever leaves it turns back. */
interface Region {
  longitudeDeg: number;
  latitudeDeg: number;
  shape: "square" | "circle";
  /** Half the side, or the radius, metres on the ground. */
  reachM: number;
}

/** One player at the start. */
export interface Placement {
  longitudeDeg: number;
  latitudeDeg: number;
  region: Region;
}

/** Others within the extended radius in the spread cases. Source: shared design document, "Replication". */
const SPREAD_OTHERS = 80;
/** Metres: the extended radius of the default tiers, which the spread is made for. */
const SIGHT_M = 1000;
/** A place on land at a middling latitude, so that longitude is narrowed as it mostly is. */
const MIDDLE = { longitudeDeg: 2.35, latitudeDeg: 48.85 };
/** All within 50 m of each other, with a few metres to turn round in. */
const DENSE_RADIUS_M = 21;
/** Bots stay this near to the middle of their city. Source: cli/services/bots/cities.ts, `BORDER_MARGIN_DEG`. */
const CITY_RADIUS_M = 150;

/** Players of a case unless somebody asks for another number. */
export function playersOf(name: CaseName): number {
  return Number(name.slice(name.lastIndexOf("-") + 1));
}

/** Where everybody of a case starts; the same for the same seed. O(players). */
export async function placementsOf(name: CaseName, players: number, seed: number): Promise<Placement[]> {
  const random = seededRandom(seed, `places of ${name}`);
  if (name === "cities-5000") return inCities(players, seed);
  if (name === "dense-1000") return inside({ ...MIDDLE, shape: "circle", reachM: DENSE_RADIUS_M }, players, random);
  const sideM = name === "square-5000" ? SIGHT_M : spreadSideM(players);
  return inside({ ...MIDDLE, shape: "square", reachM: sideM / 2 }, players, random);
}

/** Players by population over as many cities as `bm bots` would take. */
async function inCities(players: number, seed: number): Promise<Placement[]> {
  const zones = [{ name: "earth", west: -180, east: 180 }];
  const homes = drawHomes({ count: players, cityCount: defaultCityCount(players), seed, zones, cities: await loadCities() });
  return homes.map(({ longitudeDeg, latitudeDeg, city }) => ({
    longitudeDeg,
    latitudeDeg,
    region: { longitudeDeg: city.longitudeDeg, latitudeDeg: city.latitudeDeg, shape: "circle", reachM: CITY_RADIUS_M },
  }));
}

function inside(region: Region, players: number, random: Random): Placement[] {
  return Array.from({ length: players }, () => {
    let east = random() * 2 - 1;
    let north = random() * 2 - 1;
    while (region.shape === "circle" && east * east + north * north > 1) {
      east = random() * 2 - 1;
      north = random() * 2 - 1;
    }
    const shrink = Math.cos((region.latitudeDeg * Math.PI) / 180);
    return {
      longitudeDeg: region.longitudeDeg + (east * region.reachM) / (METRES_PER_DEGREE * shrink),
      latitudeDeg: region.latitudeDeg + (north * region.reachM) / METRES_PER_DEGREE,
      region,
    };
  });
}

/**
 * Side of the square in which players have {@link SPREAD_OTHERS} others in sight, those at its edges counted. Source: the share of
 * pairs in a square of side L that are nearer than r <= L is `π r²/L² − 8/3 r³/L³ + r⁴/(2 L⁴)`.
 */
function spreadSideM(players: number): number {
  const wanted = Math.min(0.95, SPREAD_OTHERS / Math.max(1, players - 1));
  let low = SIGHT_M;
  let high = SIGHT_M * 1000;
  for (let i = 0; i < 60; i++) {
    const sideM = (low + high) / 2;
    const q = SIGHT_M / sideM;
    const share = Math.PI * q ** 2 - (8 / 3) * q ** 3 + q ** 4 / 2;
    if (share > wanted) low = sideM;
    else high = sideM;
  }
  return low;
}
