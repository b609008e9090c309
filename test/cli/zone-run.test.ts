import { once } from "node:events";
import { createServer } from "node:net";
import { Client } from "@colyseus/sdk";
import { describe, expect, it, onTestFinished } from "vitest";
import { bm, errorParts, project, start } from "./support/bm.ts";

describe("bm zone run", () => {
  it("prints the zones, the address and how to join, and ends in order on Ctrl-C", async () => {
    const run = start(project(undefined), ["zone", "run", "--port", "0"]);
    await run.until("stdout", "zone=asia-pacific players=0/5000");
    run.child.kill("SIGINT");
    const { status, stdout, stderr } = await run.finished;
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const url = /^Listening at (http:\/\/localhost:\d+)\. Join it:$/m.exec(stdout)?.[1];
    expect(stdout).toContain(`  import { Client } from "@colyseus/sdk";
  const client = new Client("${url}");
  const room = await client.joinOrCreate("zone", { longitude: 2.2945, latitude: 48.8594 });
  room.onMessage("zone:welcome", ({ zone, entityId }) => console.log(\`zone \${zone}, entity \${entityId}\`));
Or fill it from another terminal, in this folder: npx bm bots --count 60 --url ${url}
`);
    expect(stdout.split("\n").slice(0, 2)).toEqual([
      "ZONE          LONGITUDE  CAPACITY  PLUGINS",
      "americas      -180..-60      5000  quantization, interest",
    ]);
    expect(stdout).toMatch(/^zone=atlantic players=0\/5000 entities=\d+ tick_hz=\d\S* frame_ms_p50=\S+ frame_ms_p95=\S+ out_bytes_s=\d+$/m);
    expect(stdout.endsWith("draining… (Ctrl-C again to stop at once)\nstopped\n")).toBe(true);
    await expect(fetch(`${url}/healthz`)).rejects.toThrow();
  });

  it("runs the named zones alone, prints one JSON document and nothing else on stdout, and ends on SIGTERM", async () => {
    const run = start(project(undefined), ["zone", "run", "asia-pacific", "asia-pacific", "--json"], { PORT: "0" });
    await run.until("stdout", "\n}\n");
    const document = JSON.parse(run.printed.stdout);
    const expected = { name: "asia-pacific", west: 60, east: 180, capacity: 5000, plugins: ["quantization", "interest"] };
    expect(document).toEqual({
      url: `http://localhost:${document.port}`,
      port: document.port,
      zones: [{ ...expected, roomId: expect.any(String) }],
    });
    const { zones } = (await (await fetch(`${document.url}/api/world`)).json()) as { zones: { name: string; healthy: boolean }[] };
    expect(zones.filter((zone) => zone.healthy).map((zone) => zone.name)).toEqual(["asia-pacific"]);
    await run.until("stderr", "zone=asia-pacific");
    run.child.kill("SIGTERM");
    const { status, stdout, stderr } = await run.finished;
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toEqual(document);
    expect(stderr).toContain("draining…");
  });

  it("on Ctrl-C tells every client before it ends", async () => {
    const run = start(project(undefined), ["zone", "run", "--port", "0", "--json"]);
    await run.until("stdout", "\n}\n");
    const room = await new Client(JSON.parse(run.printed.stdout).url).joinOrCreate("zone", { longitude: 13.4, latitude: 52.5 });
    const left = new Promise<number>((resolve) => room.onLeave(resolve));
    await run.until("stderr", "zone=atlantic players=1/5000");
    run.child.kill("SIGINT");
    // 4001: the server shuts down. A process that merely ends leaves 1006.
    expect(await left).toBe(4001);
    expect((await run.finished).status).toBe(0);
  });

  it("says where to join when no zone here has the place of the README", async () => {
    const run = start(project(undefined), ["zone", "run", "americas", "--port", "0"]);
    await run.until("stdout", "{ longitude: -120, latitude: 0 }");
  });

  it("refuses zones that there are not, all of them at once", async () => {
    const finished = await bm(project(undefined), ["zone", "run", "mars", "atlantic", "venus"]);
    expect({ status: finished.status, stdout: finished.stdout, ...errorParts(finished) }).toEqual({
      status: 2,
      stdout: "",
      wrong: "BM_ZONE_UNKNOWN: no zone is named mars or venus, expected one of americas, atlantic, asia-pacific",
      todo: "See the zones with: npx bm zone list",
    });
  });

  it("refuses a port that is none and one that is taken", async () => {
    const folder = project(undefined);
    const invalid = await bm(folder, ["zone", "run", "--port", "http"]);
    expect(errorParts(invalid).wrong).toBe(
      'BM_ENV_INVALID: --port (PORT): is not a port, got "http", expected a whole number from 0 to 65535',
    );
    expect(errorParts(invalid).todo).toBe("Write for example --port 2567, or leave it out and unset the variable.");
    const server = createServer();
    server.listen(0);
    await once(server, "listening");
    onTestFinished(() => void server.close());
    const { port } = server.address() as { port: number };
    const taken = await bm(folder, ["zone", "run", "--port", String(port), "--json"]);
    expect(taken.status).toBe(2);
    expect(JSON.parse(taken.stdout)).toMatchObject({
      error: { code: "BM_PORT_TAKEN", data: { port }, hint: `Stop it, or choose another port: npx bm zone run --port ${port + 1}` },
    });
    expect([invalid.status, taken.stderr]).toEqual([2, ""]);
  });
});
