import http from "node:http";

/** What the server keeps for a client that is about to connect. */
export interface Seat {
  readonly processId: string;
  readonly roomId: string;
  readonly sessionId: string;
}

/** Sockets that carry joins; each waits for its answer. Source: as many as joins are under way at a time. */
const MAX_SOCKETS = 24;
/** A server that has not answered by then is overrun. */
const TIMEOUT_MS = 20_000;
/** Far more than a seat or a refusal. */
const MAX_ANSWER_BYTES = 65_536;

/** Asks for seats as the SDK does, over a few connections that stay open. */
export class Matchmaker {
  readonly #agent = new http.Agent({ keepAlive: true, maxSockets: MAX_SOCKETS });
  readonly #port: number;

  constructor(port: number) {
    this.#port = port;
  }

  /** Rejects with what the server said. */
  reserve(options: Record<string, unknown>): Promise<Seat> {
    const body = JSON.stringify(options);
    return new Promise((resolve, reject) => {
      const request = http.request(
        {
          agent: this.#agent,
          host: "127.0.0.1",
          port: this.#port,
          method: "POST",
          path: "/matchmake/joinOrCreate/zone",
          headers: { accept: "application/json", "content-type": "application/json", "content-length": Buffer.byteLength(body) },
          timeout: TIMEOUT_MS,
        },
        (response) => {
          let text = "";
          response.setEncoding("utf8");
          response.on("data", (part: string) => {
            text += part;
            if (text.length > MAX_ANSWER_BYTES) response.destroy(new Error("an answer without end"));
          });
          response.on("error", reject);
          response.on("end", () => {
            try {
              const answer = JSON.parse(text) as Partial<Seat> & { error?: string };
              if (response.statusCode !== 200 || answer.sessionId === undefined)
                throw new Error(answer.error ?? `HTTP ${response.statusCode}`);
              resolve(answer as Seat);
            } catch (error) {
              reject(error);
            }
          });
        },
      );
      request.on("timeout", () => request.destroy(new Error(`no seat within ${TIMEOUT_MS / 1000} s`)));
      request.on("error", reject);
      request.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
