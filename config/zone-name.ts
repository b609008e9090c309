import { BmError, showValue } from "./bm-error.ts";

/** What a zone name is, in words. */
export const ZONE_NAME_RULE = "1 to 32 of a-z, 0-9 and -, starting with a letter, not ending in -, and no device name such as con or nul";

const NAME = /^[a-z](?:[a-z0-9-]{0,30}[a-z0-9])?$/;
/** Windows opens a device for these whatever follows the point, so `con.json` cannot be a file there. */
const DEVICE = /^(?:con|nul|prn|aux|com[0-9]|lpt[0-9])$/;

/** Whether text can name a zone: it then is a file name everywhere and needs no quoting in a shell or an address. */
export function isZoneName(text: string): boolean {
  return NAME.test(text) && !DEVICE.test(text);
}

/** @throws BmError BM_ZONE_NAME when the text cannot name a zone. */
export function assertZoneName(text: string): void {
  if (isZoneName(text)) return;
  throw new BmError("BM_ZONE_NAME", `${showValue(text)} cannot name a zone, expected ${ZONE_NAME_RULE}`, {
    data: { got: text.slice(0, 100), expected: ZONE_NAME_RULE },
    hint: "Choose another name, for example north-atlantic.",
  });
}
