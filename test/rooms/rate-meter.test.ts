import { expect, test } from "vitest";
import { RateMeter } from "../../rooms/rate-meter.ts";

const RATE = { perSecond: 10, burst: 20 };

test("lets the burst through at once, then the rate", () => {
  const meter = new RateMeter(RATE, 0);
  expect(Array.from({ length: 21 }, () => meter.use(1, 0))).toEqual([...Array<string>(20).fill("ok"), "over"]);
  expect(meter.use(1, 200)).toBe("ok");
  expect(meter.use(1, 200)).toBe("over");
  expect(meter.use(1, 400)).toBe("ok");
});

test("tells who goes on all the same from who had a hiccup, and holds no grudge for ever", () => {
  const meter = new RateMeter(RATE, 0);
  expect(meter.use(40, 0)).toBe("over");
  expect(meter.use(1, 0)).toBe("far over");
  expect(meter.use(1_000_000, 0)).toBe("far over");
  expect(meter.use(1, 2200)).toBe("ok");
});

test("does not save up more than the burst", () => {
  const meter = new RateMeter(RATE, 0);
  expect(meter.use(21, 3_600_000)).toBe("over");
});
