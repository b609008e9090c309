import type { Server as HttpServer, IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";

/** Methods that something here answers. */
const METHODS = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

/**
 * Answers requests that the host would trip over before anybody else hears of them: it makes a URL of the target and the Host header
 * without looking, and what that throws leaves the connection hanging. All its listeners hang on the server's events, so this
 * stands before `emit`.
 */
export function guardRequests(server: HttpServer): void {
  const emit = server.emit.bind(server);
  server.emit = ((event: string, ...args: unknown[]) => {
    if (event === "request" || event === "upgrade") {
      const [request, answer] = args as [IncomingMessage, ServerResponse | Duplex];
      normalise(request);
      const status = refusalOf(request);
      if (status !== undefined) {
        refuse(status, answer);
        return true;
      }
    }
    return emit(event, ...args);
  }) as typeof server.emit;
}

/** What chained proxies and health checks send, as the host can read it. */
function normalise(request: IncomingMessage): void {
  const { headers } = request;
  // Each proxy adds its own to the list; the first is what the client used.
  const scheme = String(headers["x-forwarded-proto"] ?? "")
    .split(",")[0]
    ?.trim();
  if (scheme === "http" || scheme === "https") headers["x-forwarded-proto"] = scheme;
  else delete headers["x-forwarded-proto"];
  // Answered like GET; Node itself leaves the body away.
  if (request.method === "HEAD") request.method = "GET";
}

function refusalOf({ method = "", url = "", headers }: IncomingMessage): string | undefined {
  if (!METHODS.has(method)) return "405 Method Not Allowed";
  if (!url.startsWith("/")) return "400 Bad Request";
  let parsed: URL;
  try {
    parsed = new URL(`http://${headers.host ?? "x"}${url}`);
  } catch {
    return "400 Bad Request";
  }
  // A request with credentials in its address is one that the host cannot make.
  return parsed.username || parsed.password ? "400 Bad Request" : undefined;
}

function refuse(status: string, answer: ServerResponse | Duplex): void {
  if ("writeHead" in answer) {
    const [code, ...words] = status.split(" ");
    answer.writeHead(Number(code), words.join(" "), { connection: "close" }).end();
  } else {
    answer.on("error", () => {});
    answer.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  }
}
