import { type Answer, type Interest, interestOf } from "../services/explain/answer.ts";
import { displayWidth, fitted, padded } from "./display-width.ts";
import { styled } from "./style.ts";

type Fact = [title: string, value: string];

/** Columns that the value of another plugin may take. */
const MAX_VALUE_WIDTH = 120;

/** Why a viewer sees an entity as it does, for people: a sentence, and the numbers behind it. */
export function explanation(answer: Answer): string {
  const known = interestOf(answer);
  const others = Object.entries(answer.plugins)
    .map(([name, said]): [string, Record<string, unknown>] => [name, name === "interest" && known ? known.rest : said])
    .filter(([, said]) => Object.keys(said).length > 0);
  const blocks = [
    styled("bold", headline(answer, known?.interest)),
    facts([
      ...(known ? interestFacts(known.interest, answer) : distanceFact(answer)),
      ["zone", zoneText(answer)],
      ["owner", `zone ${answer.entity.owner.zone}, process ${answer.entity.owner.processId}`],
      ["viewer", viewerText(answer)],
      ...(answer.self ? [] : ([["entity", entityText(answer)]] as Fact[])),
    ]),
    ...others.map(
      ([name, said]) => `${styled("bold", shown(name))}\n${facts(Object.entries(said).map(([key, value]) => [shown(key), shown(value)]))}`,
    ),
  ];
  return blocks.join("\n\n");
}

function headline({ viewer, entity, self, distanceM }: Answer, interest: Interest | undefined): string {
  const apart = distanceM === null ? undefined : metres(distanceM);
  if (!interest) {
    const where = self ? `${viewer.id} is the viewer itself` : `${viewer.id} and ${entity.id} are ${apart ?? "an unknown distance"} apart`;
    return `${where}; no plugin here says whether ${viewer.id} sees ${self ? "its own body" : entity.id}.`;
  }
  const what = self ? "its own body" : entity.id;
  const away = self || apart === undefined ? "" : `: ${apart} away`;
  if (!viewer.connected)
    return `${viewer.id} is not connected at the moment, so nothing is sent to it${away && `; ${entity.id} is ${apart} away`}.`;
  const hasTier = interest.tier !== undefined && interest.tier !== "none";
  if (!interest.sees) {
    const waits =
      interest.waiting === true ? `${away === "" ? ":" : ","} ${hasTier ? `in the ${interest.tier} tier, ` : ""}waiting for its turn` : "";
    return `${viewer.id} does not see ${what}${waits === "" ? "" : " yet"}${away}${waits}.`;
  }
  const tier = hasTier ? ` in the ${interest.tier} tier` : "";
  const rate = isNumber(interest.hz) ? `${away === "" ? ":" : ","} ${timesASecond(interest.hz)}` : "";
  const sent = sentText(interest.sentFramesAgo);
  const timing = [sent, dueText(interest, isNumber(interest.sentFramesAgo))].filter((part) => part !== undefined).join(", ");
  return `${viewer.id} sees ${what}${tier}${away}${rate}${timing === "" ? "" : `; ${timing}`}.`;
}

function sentText(framesAgo: number | null | undefined): string | undefined {
  if (framesAgo === undefined) return undefined;
  if (framesAgo === null) return "nothing sent yet";
  return framesAgo === 0 ? "last sent in this frame" : `last sent ${frames(framesAgo)} ago`;
}

/** @param brief the word "frames" was just said. */
function dueText({ nextDueFrames, waiting }: Interest, brief: boolean): string | undefined {
  if (waiting === true) return "due and waiting for its turn";
  if (!isNumber(nextDueFrames)) return undefined;
  if (nextDueFrames <= 0) return "due now";
  return `next due in ${brief ? nextDueFrames : frames(nextDueFrames)}`;
}

function interestFacts(interest: Interest, answer: Answer): Fact[] {
  const { tier, why, hz, frameHz, frame, sentFramesAgo, nextDueFrames, waiting, queue, budget, loadLevel, loadStep } = interest;
  const lasting = (count: number) => (isNumber(frameHz) && frameHz > 0 ? ` (${Math.round((count / frameHz) * 1000)} ms)` : "");
  const rows: [string, string | undefined][] = [
    ["why", why],
    ...distanceFact(answer),
    ["tier", tier === undefined ? undefined : joined([tier, ...radiusTexts(interest)])],
    [
      "rate",
      isNumber(hz)
        ? joined([`${decimals(hz)} Hz`, isNumber(frameHz) ? `of ${decimals(frameHz)} frames a second` : undefined], " ")
        : undefined,
    ],
    [
      "last sent",
      sentFramesAgo === undefined ? undefined : sentFramesAgo === null ? "never" : `${frames(sentFramesAgo)} ago${lasting(sentFramesAgo)}`,
    ],
    [
      "next due",
      joined([
        isNumber(nextDueFrames) ? (nextDueFrames <= 0 ? "now" : `in ${frames(nextDueFrames)}${lasting(nextDueFrames)}`) : undefined,
        waiting === true ? "waiting for its turn" : undefined,
        isNumber(queue) ? `queue ${queue}` : undefined,
      ]),
    ],
    ["budget", budget && budgetText(budget)],
    ["load", joined([isNumber(loadLevel) ? `level ${loadLevel}` : undefined, loadStep])],
    ["frame", isNumber(frame) ? String(frame) : undefined],
  ];
  return rows.filter((row): row is Fact => row[1] !== undefined && row[1] !== "");
}

function radiusTexts({ radiusM, enterRadiusM, leaveRadiusM }: Interest): string[] {
  return [
    ...(isNumber(enterRadiusM) ? [`entered within ${metres(enterRadiusM)}`] : isNumber(radiusM) ? [`within ${metres(radiusM)}`] : []),
    ...(isNumber(leaveRadiusM) ? [`left beyond ${metres(leaveRadiusM)}`] : []),
  ];
}

function budgetText({ bytesPerSecond, availableBytes }: NonNullable<Interest["budget"]>): string | undefined {
  if (bytesPerSecond === null) return "unlimited";
  return joined([
    bytesPerSecond === undefined ? undefined : `${integer(bytesPerSecond)} bytes a second`,
    isNumber(availableBytes) ? `${integer(availableBytes)} bytes left now` : undefined,
  ]);
}

function distanceFact({ self, distanceM }: Answer): Fact[] {
  if (self) return [];
  return [["distance", distanceM === null ? "unknown, one of them is not at a place" : metres(distanceM)]];
}

function zoneText({ viewer, entity }: Answer): string {
  return viewer.zone === entity.zone ? viewer.zone : `${entity.zone}; ${viewer.id} is in ${viewer.zone}`;
}

function viewerText({ viewer }: Answer): string {
  return `${JSON.stringify(viewer.name)} at ${placeText(viewer)}${viewer.predict ? ", predicts its own body" : ""}${viewer.connected ? "" : ", not connected"}`;
}

function entityText({ entity }: Answer): string {
  return `${entity.kind}${entity.name === "" ? "" : ` ${JSON.stringify(entity.name)}`} at ${placeText(entity)}`;
}

function placeText({ longitude, latitude, altitude }: Answer["viewer" | "entity"]): string {
  if (longitude === null || latitude === null || altitude === null) return "no place";
  return `${longitude.toFixed(6)}, ${latitude.toFixed(6)}, ${altitude.toFixed(2)} m`;
}

function facts(rows: readonly Fact[]): string {
  const width = Math.max(...rows.map(([title]) => displayWidth(title)));
  return rows.map(([title, value]) => `${padded(title, width)}  ${value}`).join("\n");
}

/** A value of a plugin that nothing is known of: on one line, and not for ever. */
function shown(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what would draw on the terminal
  return fitted(text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, "?"), MAX_VALUE_WIDTH);
}

function joined(parts: readonly (string | undefined)[], separator = ", "): string | undefined {
  const there = parts.filter((part) => part !== undefined);
  return there.length === 0 ? undefined : there.join(separator);
}

function timesASecond(hz: number): string {
  if (hz === 1) return "once a second";
  return hz > 0 && hz < 1 ? `once in ${decimals(1 / hz)} s` : `${decimals(hz)} times a second`;
}

function frames(count: number): string {
  return `${integer(count)} ${count === 1 ? "frame" : "frames"}`;
}

/** Centimetres do not matter far away. */
function metres(value: number): string {
  return `${value.toLocaleString("en", { maximumFractionDigits: value < 10 ? 2 : value < 10_000 ? 1 : 0 })} m`;
}

function decimals(value: number): string {
  return value.toLocaleString("en", { maximumFractionDigits: 2 });
}

function integer(value: number): string {
  return value.toLocaleString("en", { maximumFractionDigits: 0 });
}

function isNumber(value: number | null | undefined): value is number {
  return typeof value === "number";
}
