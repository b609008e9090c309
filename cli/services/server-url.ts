import { BmError, readEnvironment, showValue } from "../../config/index.ts";

/**
 * The address of the server that a command talks to, without a slash at its end: the one given, else this machine at `PORT`.
 * @throws BmError BM_ENV_INVALID when it is no http address, or `PORT` no port.
 */
export function serverUrl(given: string | undefined): string {
  if (given === undefined) return `http://localhost:${readEnvironment().port}`;
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (url?.protocol === "http:" || url?.protocol === "https:") return url.href.replace(/\/+$/, "");
  throw new BmError("BM_ENV_INVALID", `--url (BM_URL): is not an address, got ${showValue(given)}, expected http://HOST:PORT`, {
    data: { expected: "http://HOST:PORT" },
    hint: "Write the address with its scheme, for example --url http://localhost:2567",
  });
}
