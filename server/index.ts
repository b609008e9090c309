export { startWorldServer, type WorldServer, type WorldServerOptions, type ZoneStatus } from "./world-server.ts";
export type { ZoneReport } from "./zone-report.ts";
