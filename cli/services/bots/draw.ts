import { METRES_PER_DEGREE } from "../../../rooms/geography/metres.ts";
import { type City, citiesWithin } from "./cities.ts";

/** Numbers in [0, 1), the same ones for the same seed on every machine. */
export type Random = () => number;

/** A zone as far as drawing needs it: a part of `GET /api/world`. */
interface DrawZone {
  readonly name: string;
  readonly west: number;
  readonly east: number;
}

/** Who lives where. */
export interface DrawRequest {
  /** Bots. */
  readonly count: number;
  /** Cities to spread them over; never fewer than one for each zone that gets a bot. */
  readonly cityCount: number;
  readonly seed: number;
  readonly zones: readonly DrawZone[];
  /** Largest first, as `loadCities` returns them. */
  readonly cities: readonly City[];
}

/** A city that was drawn, and its zone. */
interface DrawnCity {
  readonly city: City;
  readonly zone: string;
}

/** One bot's place in the world. */
export interface Home extends DrawnCity {
  /** Degrees; within {@link HOME_RADIUS_M} of the city's middle. */
  readonly longitudeDeg: number;
  readonly latitudeDeg: number;
}

/** How far from the middle of their city bots live, metres on the ground. Source: a plaza and the blocks around it. */
export const HOME_RADIUS_M = 100;

/** Bots to a city when nobody says how many: enough for a plaza to look like one. */
const BOTS_PER_CITY = 8;
const MIN_CITIES = 3;

/** Cities for a number of bots: few, so that bots meet. */
export function defaultCityCount(count: number): number {
  return Math.max(MIN_CITIES, Math.round(count / BOTS_PER_CITY));
}

/**
 * Draws a home for each bot, by population. With at least as many bots as zones every zone gets a city and a bot, zone by zone;
 * zones without any place for people get none. The same request draws the same homes; a larger count begins with the homes of the
 * smaller one when the cities are as many. O(cities) for each city drawn.
 */
export function drawHomes({ count, cityCount, seed, zones, cities }: DrawRequest): Home[] {
  const random = seededRandom(seed, "homes");
  const perZone = zones
    .map((zone) => citiesWithin(cities, zone).map((city): DrawnCity => ({ city, zone: zone.name })))
    .filter((list) => list.length > 0);
  if (perZone.length === 0) return [];
  const everyZone = count >= perZone.length;
  const drawn = everyZone ? perZone.map((list) => drawWeighted(list, populationOf, random)) : [];
  const taken = new Set(drawn.map(({ city }) => city));
  const rest = perZone.flat().filter(({ city }) => !taken.has(city));
  while (drawn.length < Math.min(cityCount, count) && rest.length > 0) {
    const next = drawWeighted(rest, populationOf, random);
    rest.splice(rest.indexOf(next), 1);
    drawn.push(next);
  }
  return Array.from({ length: count }, (_, index) => {
    // The first bots go to the first city of each zone, one after the other; all others where most people live.
    const place = everyZone && index < perZone.length ? (drawn[index] as DrawnCity) : drawWeighted(drawn, populationOf, random);
    return homeIn(place, random);
  });
}

/** One of `items`, each as likely as its weight says. O(n). */
export function drawWeighted<Item>(items: readonly Item[], weightOf: (item: Item) => number, random: Random): Item {
  let total = 0;
  for (const item of items) total += weightOf(item);
  let left = random() * total;
  for (const item of items) {
    left -= weightOf(item);
    if (left < 0) return item;
  }
  // Rounding may leave a crumb after the last one.
  return items.at(-1) as Item;
}

/**
 * A random number generator of its own for each `stream`, so that what one bot draws never shifts what another draws.
 * Source: sfc32 of PractRand (C. Doty-Humphrey), 128 bits of state, seeded with the 32-bit FNV-1a of the stream's name.
 */
export function seededRandom(seed: number, stream: string): Random {
  let hash = 0x811c9dc5;
  for (let i = 0; i < stream.length; i++) hash = Math.imul(hash ^ stream.charCodeAt(i), 0x01000193);
  let a = seed | 0;
  let b = Math.floor(seed / 2 ** 32) | 0;
  let c = hash;
  let counter = 1;
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  };
  // The author's own number of rounds until seeds that differ in one bit have nothing in common.
  for (let round = 0; round < 15; round++) next();
  return next;
}

function populationOf({ city }: DrawnCity): number {
  return city.population;
}

/** Anywhere in the circle, as likely as anywhere else in it. */
function homeIn(place: DrawnCity, random: Random): Home {
  const { longitudeDeg, latitudeDeg } = place.city;
  const angle = random() * 2 * Math.PI;
  const radiusM = Math.sqrt(random()) * HOME_RADIUS_M;
  const eastDeg = (Math.cos(angle) * radiusM) / (METRES_PER_DEGREE * Math.cos((latitudeDeg * Math.PI) / 180));
  return { ...place, longitudeDeg: longitudeDeg + eastDeg, latitudeDeg: latitudeDeg + (Math.sin(angle) * radiusM) / METRES_PER_DEGREE };
}
