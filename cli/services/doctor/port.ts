import { listenError, nextPort, portOwner } from "../port-probe.ts";
import { readLiveWorld } from "../zone/live-world.ts";
import { act, type CheckResult, fine, reasonOf } from "./check.ts";

/** Whether a server could listen, or one of ours does already. */
export async function checkPort(port: number, host: string | undefined): Promise<CheckResult> {
  const check = "port";
  if (port === 0) return fine(check, "0, the system chooses a free one");
  const error = await listenError(port, host);
  if (error === undefined) return fine(check, `${port} is free`);
  if (error.code === "EADDRINUSE") {
    const { zones, answer } = await readLiveWorld(`http://${urlHost(host)}:${port}`);
    if (zones !== undefined)
      return fine(check, `a BlueMarble server answers at ${port}, with ${zones.length} ${zones.length === 1 ? "zone" : "zones"}`);
    const what = answer === "other" ? "which is no BlueMarble server" : "which does not answer";
    return act(
      check,
      `${port} is taken by ${portOwner(port)}, ${what}`,
      `stop it, or choose another port: bm zone run --port ${nextPort(port)}`,
    );
  }
  if (error.code === "EACCES")
    return act(check, `${port} may not be listened at by this user`, "choose a port above 1023: bm zone run --port 2567");
  return act(check, `cannot listen at ${host ?? "every address"}, port ${port}: ${reasonOf(error)}`, "correct BM_HOST, or unset it");
}

function urlHost(host: string | undefined): string {
  if (host === undefined || host === "0.0.0.0" || host === "::") return "localhost";
  return host.includes(":") ? `[${host}]` : host;
}
