// What tsc does not copy: data files that the compiled code reads beside itself.
import { cpSync } from "node:fs";

cpSync("config/zones", "dist/config/zones", { recursive: true });
