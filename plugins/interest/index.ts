export { InterestPlugin } from "./interest.plugin.ts";
