import { createEndpoint, createRouter, type Router } from "@colyseus/core";
import { BmError, type World } from "../config/index.ts";
import { explain, noteCaller } from "./explain.ts";
import type { ZoneReport } from "./zone-report.ts";

/** What the HTTP routes show; see docs/PROTOCOL.md, "HTTP". */
export interface HttpOptions {
  world: World;
  zones(): Promise<ZoneReport[]>;
  /** Why the process cannot do its work; empty when it can. */
  problems(): Promise<string[]>;
  metrics: { text(): Promise<string>; contentType: string };
  onRefusal(error: BmError): void;
}

/** `/healthz`, `/readyz`, `/metrics`, `/api/world` and `/api/explain`, and the size limit of join requests. */
export function createHttpRouter(options: HttpOptions): Router {
  const endpoints = {
    // Without one the host answers with its own name and version.
    root: createEndpoint("/", { method: "GET" }, async () =>
      text(200, `BlueMarble world "${options.world.name}": see /api/world, /readyz and /metrics\n`),
    ),
    healthz: createEndpoint("/healthz", { method: "GET" }, async () => text(200, "ok\n")),
    readyz: createEndpoint("/readyz", { method: "GET" }, async () => {
      const problems = await options.problems();
      return json(problems.length === 0 ? 200 : 503, { ready: problems.length === 0, problems });
    }),
    metrics: createEndpoint("/metrics", { method: "GET" }, async () =>
      text(200, await options.metrics.text(), options.metrics.contentType),
    ),
    world: createEndpoint("/api/world", { method: "GET" }, async () => json(200, { zones: await options.zones() })),
    explain: createEndpoint("/api/explain", { method: "GET", requireRequest: true }, async ({ request }) =>
      answered(() => explain(request, options.world)),
    ),
  };
  const onRequest = (request: Request) => {
    noteCaller(request);
    return refuseLargeBody(request, options);
  };
  return createRouter(endpoints, { onRequest }) as unknown as Router;
}

/** What a route finds out, or the coded error that it ends in. */
function answered(work: () => unknown): Response {
  try {
    return json(200, work());
  } catch (error) {
    if (!(error instanceof BmError)) throw error;
    const { code, message, hint, data } = error;
    return json(error.status, { error: { code, message, hint, data } });
  }
}

/** A body is read whole into memory before anyone looks at it, so its size is judged by its header. */
function refuseLargeBody(request: Request, { world, onRefusal }: HttpOptions): Response | undefined {
  if (request.method !== "POST") return undefined;
  const limit = world.limits.joinBodyBytes;
  const length = request.headers.get("content-length");
  if (length !== null && Number(length) <= limit) return undefined;
  const error = new BmError(
    "BM_JOIN_TOO_LARGE",
    `request body: got ${length === null ? "no content-length" : `${length} bytes`}, expected at most ${limit} bytes`,
    {
      data: { field: "body", value: length, limit },
    },
  );
  onRefusal(error);
  // The shape that the SDK turns into an error with this message.
  return json(error.status, { code: error.status, error: `${error.code} ${error.message}`, message: `${error.code} ${error.message}` });
}

function text(status: number, body: string, contentType = "text/plain; charset=utf-8"): Response {
  return new Response(body, { status, headers: { "content-type": contentType } });
}

function json(status: number, body: unknown): Response {
  return new Response(`${JSON.stringify(body)}\n`, { status, headers: { "content-type": "application/json; charset=utf-8" } });
}
