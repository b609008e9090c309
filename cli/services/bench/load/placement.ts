import { degreesToRadians, METRES_PER_DEGREE } from "../../../../rooms/geography/metres.ts";
import { loadCities } from "../../bots/cities.ts";
import { defaultCityCount, drawHomes, type Random, seededRandom } from "../../bots/draw.ts";
import type { LoadCase, LoadParameters } from "./options.ts";

/** Where one client starts, and how far it goes from there. */
export interface Place {
  /** Degrees. */
  readonly longitude: number;
  readonly latitude: number;
  /** Metres; beyond, it turns back. */
  readonly roamM: number;
}

/** Paris: a latitude at which a degree of longitude is two thirds of one at the equator, as for many people. */
const CENTRE = { longitude: 2.3522, latitude: 48.8566 };

/** Others within {@link SIGHT_M} of a client in the case `spread`. Source: CONTRACT of the benchmark: a lively town, not a crowd. */
const SPREAD_NEIGHBOURS = 80;
/** The radius of the extended tier by default. */
const SIGHT_M = 1000;
/** Share of all pairs that may be in sight of each other where there are too few clients for {@link SPREAD_NEIGHBOURS}. */
const MAX_SHARE_IN_SIGHT = 0.9;

/** `dense`: everybody within 50 m of everybody, wherever they go: 2 × (15 + 8) is 46. */
const DENSE_RADIUS_M = 15;
const DENSE_ROAM_M = 8;
/** Elsewhere: far enough that walking matters, near enough that nobody changes the density. */
const ROAM_M = 20;

/** One place for each client; the same ones for the same parameters. */
export async function placesOf({ case: where, clients, seed }: Pick<LoadParameters, "case" | "clients" | "seed">): Promise<Place[]> {
  if (where === "cities") {
    const zones = [{ name: "all", west: -180, east: 180 }];
    const homes = drawHomes({ count: clients, cityCount: defaultCityCount(clients), seed, zones, cities: await loadCities() });
    return homes.map(({ longitudeDeg, latitudeDeg }) => ({ longitude: longitudeDeg, latitude: latitudeDeg, roamM: ROAM_M }));
  }
  const random = seededRandom(seed, "places");
  const radiusM = where === "dense" ? DENSE_RADIUS_M : spreadRadiusM(clients);
  return Array.from({ length: clients }, () => placeWithin(radiusM, where, random));
}

/**
 * Radius in metres of the disc over which clients are spread evenly so that each has {@link SPREAD_NEIGHBOURS} others in sight on
 * average, those at the edge included.
 */
export function spreadRadiusM(clients: number): number {
  const share = Math.min(MAX_SHARE_IN_SIGHT, SPREAD_NEIGHBOURS / Math.max(1, clients - 1));
  let low = SIGHT_M / 2;
  let high = SIGHT_M * 1000;
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (shareWithin(SIGHT_M / middle) > share) low = middle;
    else high = middle;
  }
  return high;
}

/** Share of the pairs of points in a unit disc that are within a distance of each other. Source: the disc line picking distribution. */
function shareWithin(distance: number): number {
  const s = Math.min(2, distance);
  return 1 + (2 / Math.PI) * (s * s - 1) * Math.acos(s / 2) - (s / Math.PI) * (1 + (s * s) / 2) * Math.sqrt(1 - (s * s) / 4);
}

function placeWithin(radiusM: number, where: LoadCase, random: Random): Place {
  const angle = random() * 2 * Math.PI;
  const distanceM = Math.sqrt(random()) * radiusM;
  const northDeg = (Math.sin(angle) * distanceM) / METRES_PER_DEGREE;
  const eastDeg = (Math.cos(angle) * distanceM) / (METRES_PER_DEGREE * Math.cos(degreesToRadians(CENTRE.latitude)));
  return {
    longitude: CENTRE.longitude + eastDeg,
    latitude: CENTRE.latitude + northDeg,
    roamM: where === "dense" ? DENSE_ROAM_M : ROAM_M,
  };
}
