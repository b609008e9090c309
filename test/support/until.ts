/** How long a condition may take before the test fails; far more than it should ever need. */
const DEADLINE_MS = 10_000;

/** Waits until `condition` gives something truthy, and returns it. Fails naming what was waited for. */
export async function until<T>(what: string, condition: () => T | Promise<T>, deadlineMs: number = DEADLINE_MS): Promise<NonNullable<T>> {
  const end = performance.now() + deadlineMs;
  for (;;) {
    const result = await condition();
    if (result) return result as NonNullable<T>;
    if (performance.now() > end) throw new Error(`waited ${deadlineMs} ms in vain for: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
