/** What the close codes that a bot may meet mean. Source: RFC 6455, section 7.4.1, and `CloseCode` of Colyseus. */
const TEXTS: Readonly<Record<string, string>> = {
  1000: "the server closed it",
  1001: "the server went away",
  1005: "closed without a code",
  1006: "the connection broke",
  4000: "the server sent it away",
  4001: "the server shut down",
  4002: "the server closed it for an error",
  4003: "it could not reconnect",
  4010: "the server restarts",
};

/** What a close code means; undefined for one that is not known. */
export function closeText(code: number | string): string | undefined {
  return TEXTS[String(code)];
}

/** A close code with its meaning, where there is one: `4001 the server shut down`. */
export function closeCodeInWords(code: number | string): string {
  const text = closeText(code);
  return text === undefined ? String(code) : `${code} ${text}`;
}
