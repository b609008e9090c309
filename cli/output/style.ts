import { styleText } from "node:util";

type Format = Parameters<typeof styleText>[0];

/**
 * Text in a colour, where the stream is a terminal that shows colours; `NO_COLOR` and `FORCE_COLOR` are honoured.
 * @param stream where it will be written. @defaultValue stdout
 */
export function styled(format: Format, text: string, stream: NodeJS.WriteStream = process.stdout): string {
  // Node 20, on which help and `bm doctor` still run, does not look at the stream by itself.
  if (stream.isTTY !== true && process.env.FORCE_COLOR === undefined) return text;
  return styleText(format, text, { stream, validateStream: true });
}
