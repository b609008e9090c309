import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { until } from "./until.ts";

/** A real Redis on a private port with a fresh folder. */
export interface RedisServer {
  url: string;
  port: number;
  stop(): Promise<void>;
}

/** Starts `redis-server`; where the program is missing on a Debian machine with root, installs it first. */
export async function startRedis(port?: number): Promise<RedisServer> {
  const program = findRedis();
  port ??= await freePort();
  const folder = mkdtempSync(path.join(tmpdir(), "bm-redis-"));
  const child = spawn(program, ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, "--save", "", "--appendonly", "no"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.on("data", (chunk) => {
    output += chunk;
  });
  await until("redis-server to accept connections", () => output.includes("Ready to accept connections"));
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    stop: async () => {
      const closed = new Promise((resolve) => child.once("close", resolve));
      child.kill();
      await closed;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A port that nothing listens on at the moment. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const PLACES = ["/usr/bin/redis-server", "/usr/local/bin/redis-server", "/opt/homebrew/bin/redis-server"];

function findRedis(): string {
  const found = PLACES.find((place) => existsSync(place));
  if (found) return found;
  if (process.platform === "linux" && process.getuid?.() === 0 && existsSync("/usr/bin/apt-get")) {
    execFileSync("apt-get", ["update", "-qq"], { stdio: "ignore" });
    execFileSync("apt-get", ["install", "-y", "-qq", "--no-install-recommends", "redis-server"], {
      stdio: "ignore",
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    });
    const installed = PLACES.find((place) => existsSync(place));
    if (installed) return installed;
  }
  throw new Error(
    "the tests need the program redis-server: install it, for example with `sudo apt-get install redis-server` or `brew install redis`",
  );
}
