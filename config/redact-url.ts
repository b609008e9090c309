/** What {@link redactUrl} returns for text that it cannot take apart. */
export const NOT_AN_ADDRESS = "(not an address)";

/**
 * An address as it may be logged: user, password, query and fragment replaced by `***`. What cannot be taken apart with certainty
 * is not shown at all: `:`, `/`, `?` or `#` in a password that was not encoded moves the rest of it into other parts.
 * @returns for example `postgres://***@db:5432/game`, or {@link NOT_AN_ADDRESS}.
 */
export function redactUrl(url: string): string {
  let parts: URL;
  try {
    parts = new URL(url);
  } catch {
    return NOT_AN_ADDRESS;
  }
  // Without // there is no host: `admin:secret@db` parses as the scheme `admin:`.
  if (!url.trim().toLowerCase().startsWith(`${parts.protocol}//`)) return NOT_AN_ADDRESS;
  if (/@|%40/i.test(parts.pathname + parts.search + parts.hash)) return `${parts.protocol}//***`;
  const login = parts.username === "" && parts.password === "" ? "" : "***@";
  return `${parts.protocol}//${login}${parts.host}${parts.pathname}${parts.search && "?***"}${parts.hash && "#***"}`;
}
