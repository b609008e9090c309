import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { BmError, type BmErrorCode } from "../../../../config/index.ts";
import type { LoadParameters } from "./options.ts";
import type { ServerAnswer, ServerRequest } from "./server-main.ts";
import type { MemorySample, StartedServer, WindowSample } from "./server-samples.ts";

/** A process that has not closed its zone by then is ended. */
const STOP_LIMIT_MS = 5000;
/** Most of what the server writes that is kept, to be shown when it fails. */
const MAX_STDERR_CHARACTERS = 4000;

/** The server of a run, in a process of its own, so that it shares neither thread nor heap with its load. */
export class ServerProcess {
  /** Rejects when the process ends before it was told to; never resolves. */
  readonly died: Promise<never>;
  readonly #child: ChildProcess;
  readonly #waiting: { resolve(answer: ServerAnswer): void; reject(error: Error): void }[] = [];
  #stderr = "";
  #ending = false;

  constructor() {
    // Beside this module: TypeScript in a checkout, JavaScript in a build.
    const file = path.join(import.meta.dirname, `server-main${path.extname(import.meta.filename)}`);
    // Memory is compared after a collection.
    this.#child = fork(file, { execArgv: ["--expose-gc"], stdio: ["ignore", "ignore", "pipe", "ipc"] });
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-MAX_STDERR_CHARACTERS);
    });
    this.#child.on("message", (message: ServerAnswer | { type: string }) => {
      // The host's own monitoring may tell whoever started its process about itself.
      if ("answer" in message) this.#waiting.shift()?.resolve(message);
    });
    this.died = new Promise((_, reject) => {
      const end = (why: string) => {
        if (this.#ending) return;
        const error = new BmError("BM_INTERNAL", `the server of the bench ${why}${this.#stderr === "" ? "" : `: ${this.#stderr.trim()}`}`);
        for (const { reject: refuse } of this.#waiting.splice(0)) refuse(error);
        reject(error);
      };
      this.#child.on("error", (error) => end(`cannot be run: ${error.message}`));
      this.#child.on("exit", (code, signal) => end(`ended by itself with ${signal ?? `status ${code}`}`));
    });
    this.died.catch(() => {});
  }

  /** What the server logged, warnings and up. */
  get logged(): string {
    return this.#stderr.trim();
  }

  /** @throws BmError whatever a server refuses to start with. */
  async start(parameters: LoadParameters): Promise<StartedServer> {
    const answer = await this.#ask({ ask: "start", parameters }, "started");
    return answer.started;
  }

  async memory(): Promise<MemorySample> {
    return (await this.#ask({ ask: "memory" }, "memory")).memory;
  }

  /** Begins the measured window. */
  async begin(): Promise<void> {
    await this.#ask({ ask: "begin" }, "begun");
  }

  /** Ends it. */
  async end(): Promise<WindowSample> {
    return (await this.#ask({ ask: "end" }, "sample")).sample;
  }

  /** Stops the server, and the process whatever it does. Never rejects; may be called again. */
  async stop(): Promise<void> {
    const child = this.#child;
    this.#ending = true;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit").catch(() => {});
    const timer = setTimeout(() => child.kill("SIGKILL"), STOP_LIMIT_MS);
    if (child.connected) child.send({ ask: "stop" } satisfies ServerRequest, () => {});
    else child.kill("SIGKILL");
    await ended;
    clearTimeout(timer);
  }

  #ask<Kind extends ServerAnswer["answer"]>(request: ServerRequest, kind: Kind): Promise<Extract<ServerAnswer, { answer: Kind }>> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({
        reject,
        resolve: (answer) => {
          if (answer.answer === kind) resolve(answer as Extract<ServerAnswer, { answer: Kind }>);
          else if (answer.answer === "failed") {
            const { code, message, hint, stack } = answer.error;
            const error = new BmError(code as BmErrorCode, message, hint === undefined ? {} : { hint });
            reject(stack === undefined ? error : Object.assign(error, { stack }));
          } else reject(new BmError("BM_INTERNAL", `the server of the bench answered ${answer.answer}, expected ${kind}`));
        },
      });
      this.#child.send(request, (error) => {
        if (error) reject(error);
      });
    });
  }
}
