import { connect, createServer, type Server, type Socket } from "node:net";

/** A network between clients and a server on this machine: slow, unsteady, cut or dead, as a test wants it. */
export interface LatencyProxy {
  /** `http://…` of the near end. */
  readonly url: string;
  readonly port: number;
  /** Milliseconds that every byte takes in each direction. */
  delayMs: number;
  /** Up to as many milliseconds more, at random; the order of bytes stays. */
  jitterMs: number;
  /** Connections as of now. */
  readonly connections: number;
  /** Connections ever made. */
  readonly accepted: number;
  /** Ends every connection without a word, as a lost network does. */
  cut(): void;
  /** Takes connections and answers nothing, nor passes anything on, as a stopped process does. */
  freeze(): void;
  /** Passes everything on again; what came in between is lost with its connection. */
  thaw(): void;
  /** Cuts, and lets nobody in. */
  block(): void;
  /** Lets connections in again, to another port if given. */
  unblock(targetPort?: number): void;
  close(): Promise<void>;
}

export async function startLatencyProxy(targetPort: number, delayMs = 0, jitterMs = 0): Promise<LatencyProxy> {
  const pairs = new Set<[Socket, Socket]>();
  let target = targetPort;
  let frozen = false;
  let blocked = false;
  let accepted = 0;

  const server: Server = createServer((near) => {
    if (blocked) {
      near.resetAndDestroy();
      return;
    }
    accepted++;
    const far = connect(target, "localhost");
    const pair: [Socket, Socket] = [near, far];
    pairs.add(pair);
    for (const socket of pair) {
      socket.setNoDelay(true);
      socket.on("error", () => {});
    }
    pass(near, far, pair);
    pass(far, near, pair);
  });

  function pass(from: Socket, to: Socket, pair: [Socket, Socket]): void {
    let lastDueMs = 0;
    const later = (action: () => void): void => {
      const now = performance.now();
      lastDueMs = Math.max(lastDueMs, now + proxy.delayMs + Math.random() * proxy.jitterMs);
      setTimeout(action, lastDueMs - now);
    };
    // Timers of equal time fire in order, but those of times a hair apart may not: a queue keeps the bytes straight.
    const queue: Buffer[] = [];
    from.on("data", (chunk) => {
      if (frozen) return;
      queue.push(chunk);
      later(() => {
        const next = queue.shift();
        if (next && !to.destroyed) to.write(next);
      });
    });
    from.on("close", () => {
      pairs.delete(pair);
      later(() => to.destroy());
    });
  }

  await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
  const { port } = server.address() as { port: number };
  const proxy: LatencyProxy = {
    url: `http://localhost:${port}`,
    port,
    delayMs,
    jitterMs,
    get connections() {
      return pairs.size;
    },
    get accepted() {
      return accepted;
    },
    cut() {
      for (const pair of [...pairs]) for (const socket of pair) socket.destroy();
      pairs.clear();
    },
    freeze() {
      frozen = true;
    },
    thaw() {
      frozen = false;
      proxy.cut();
    },
    block() {
      blocked = true;
      proxy.cut();
    },
    unblock(port = target) {
      blocked = false;
      target = port;
    },
    async close() {
      proxy.cut();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
  return proxy;
}
