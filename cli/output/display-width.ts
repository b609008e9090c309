import { stripVTControlCharacters } from "node:util";

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });

/** Drawn over two columns. Source: Unicode, EastAsianWidth.txt, classes W and F, in blocks; and emoji drawn as pictures. */
const WIDE =
  /^(?:\p{Emoji_Presentation}|.\uFE0F|[\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uA960-\uA97F\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF01-\uFF60\uFFE0-\uFFE6]|[\u{17000}-\u{18DFF}\u{1B000}-\u{1B2FF}\u{1F200}-\u{1F2FF}\u{20000}-\u{3FFFD}])/u;
/** Drawn over none: marks without a letter, joiners, control characters. */
const EMPTY = /^[\p{Mark}\p{Control}\p{Format}]+$/u;

/** Columns that text takes on a terminal: colours count nothing, Chinese and emoji two each. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const { segment } of graphemes.segment(stripVTControlCharacters(text))) width += graphemeWidth(segment);
  return width;
}

/** The text cut to at most `width` columns, its last one an ellipsis where something is missing. Colours are lost. */
export function fitted(text: string, width: number): string {
  const plain = stripVTControlCharacters(text);
  if (displayWidth(plain) <= width) return plain;
  let result = "";
  let used = 0;
  for (const { segment } of graphemes.segment(plain)) {
    used += graphemeWidth(segment);
    if (used > width - 1) break;
    result += segment;
  }
  return width > 0 ? `${result}…` : "";
}

/** Blanks after the text up to `width` columns, or before it. */
export function padded(text: string, width: number, align: "left" | "right" = "left"): string {
  const blanks = " ".repeat(Math.max(0, width - displayWidth(text)));
  return align === "left" ? text + blanks : blanks + text;
}

function graphemeWidth(grapheme: string): number {
  if (EMPTY.test(grapheme)) return 0;
  return WIDE.test(grapheme) ? 2 : 1;
}
