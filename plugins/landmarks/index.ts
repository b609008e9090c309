export { LandmarksPlugin } from "./landmarks.plugin.ts";
