import { BmError, readEnvironment, showValue } from "../../config/index.ts";

/**
 * The address of the server that a command talks to: the one given, else this machine at `PORT`.
 * @throws BmError BM_ENV_INVALID when it is no http address, or `PORT` no port.
 */
export function serverUrl(given: string | undefined): string {
  if (given === undefined) return `http://localhost:${readEnvironment().port}`;
  if (URL.canParse(given) && ["http:", "https:"].includes(new URL(given).protocol)) return given;
  throw new BmError("BM_ENV_INVALID", `--url: is not an address, got ${showValue(given)}, expected http://host:port`, {
    data: { expected: "http://host:port" },
    hint: "Write the address with its scheme, for example --url http://localhost:2567",
  });
}
