import { z } from "zod";

/** One landmark: an upright cylinder that one can see, walk around and stand on. */
const landmark = z.strictObject({
  name: z.string().min(1).max(32),
  /** Degrees. */
  longitude: z.number().min(-180).max(180),
  /** Degrees. */
  latitude: z.number().min(-90).max(90),
  /** Metres; altitude of the base. */
  altitude: z.number().min(-500).max(9000).default(0),
  radiusM: z.number().positive().max(500),
  heightM: z.number().positive().max(2000),
});

/** Places and sizes are rounded facts about the buildings themselves. */
const FAMOUS = [
  { name: "Eiffel Tower", longitude: 2.2945, latitude: 48.8584, radiusM: 62, heightM: 330 },
  { name: "Elizabeth Tower", longitude: -0.1246, latitude: 51.5007, radiusM: 8, heightM: 96 },
  { name: "Colosseum", longitude: 12.4922, latitude: 41.8902, radiusM: 80, heightM: 48 },
  { name: "Great Pyramid of Giza", longitude: 31.1342, latitude: 29.9792, radiusM: 115, heightM: 139 },
  { name: "Statue of Liberty", longitude: -74.0445, latitude: 40.6892, radiusM: 25, heightM: 93 },
  { name: "Space Needle", longitude: -122.3493, latitude: 47.6205, radiusM: 21, heightM: 184 },
  { name: "Christ the Redeemer", longitude: -43.2105, latitude: -22.9519, radiusM: 5, heightM: 38 },
  { name: "Angel of Independence", longitude: -99.1677, latitude: 19.427, radiusM: 10, heightM: 45 },
  { name: "Taj Mahal", longitude: 78.0421, latitude: 27.1751, radiusM: 29, heightM: 73 },
  { name: "Burj Khalifa", longitude: 55.2744, latitude: 25.1972, radiusM: 60, heightM: 828 },
  { name: "Tokyo Tower", longitude: 139.7454, latitude: 35.6586, radiusM: 40, heightM: 333 },
  { name: "Sydney Tower", longitude: 151.209, latitude: -33.8705, radiusM: 15, heightM: 309 },
];

export const landmarksOptions = z.strictObject({
  /** @defaultValue a dozen famous buildings. */
  list: z
    .array(landmark)
    .max(10_000)
    .default(FAMOUS.map((place) => ({ altitude: 0, ...place }))),
});
