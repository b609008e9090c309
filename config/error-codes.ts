/** Who is told, and who can act. `client`: a game client's request; `operator`: whoever runs `bm`; `modder`: whoever writes a plugin. */
type Audience = "client" | "operator" | "modder";

interface ErrorCodeEntry {
  /** HTTP status used where the error answers an HTTP request; 500 where it never does. */
  status: number;
  audience: Audience;
  /** One sentence for docs/ERRORS.md: what it means and what to do. */
  text: string;
}

/** Every error code there is. docs/ERRORS.md lists the same set; a test holds the two together. */
export const ERROR_CODES = {
  BM_CONFIG_INVALID: {
    status: 500,
    audience: "operator",
    text: "The world definition has one or more problems; each line names the path, the value and what was expected.",
  },
  BM_CONFIG_MISSING: {
    status: 500,
    audience: "operator",
    text: "No world definition at the place that was named. Check `BM_CONFIG` or the working directory.",
  },
  BM_CONFIG_UNREADABLE: {
    status: 500,
    audience: "operator",
    text: "A config file exists but cannot be read, parsed or run. The message has the file and the reason.",
  },
  BM_CONFIG_READONLY: {
    status: 500,
    audience: "operator",
    text: "The zones of this world are not files that the command may change; edit the world definition by hand.",
  },
  BM_ZONE_UNKNOWN: { status: 404, audience: "operator", text: "No zone of that name. The message lists the names there are." },
  BM_ZONE_EXISTS: { status: 409, audience: "operator", text: "A zone of that name exists already. Choose another name." },
  BM_ZONE_NAME: {
    status: 400,
    audience: "operator",
    text: "A zone name is 1 to 32 of a-z, 0-9 and `-`, starting with a letter and not ending in `-`.",
  },
  BM_ZONE_RANGE: {
    status: 400,
    audience: "operator",
    text: "A longitude range is not of the form WEST..EAST in degrees, or is empty or narrower than 0.25 degrees.",
  },
  BM_ZONE_OCCUPIED: { status: 409, audience: "operator", text: "The degrees belong to other zones. Take them with `--split`." },
  BM_ZONE_REMAINDER: {
    status: 409,
    audience: "operator",
    text: "The new range would leave nothing of another zone, or less than 0.25 degrees. Choose another range, or remove that zone first with `bm zone remove`.",
  },
  BM_ZONE_NOT_NEIGHBOUR: { status: 400, audience: "operator", text: "Degrees can only be given to a zone that touches the removed one." },
  BM_ZONE_BUSY: {
    status: 409,
    audience: "operator",
    text: "Another process is changing the zone files. Run the command again when it is done.",
  },
  BM_ZONE_CHANGED: {
    status: 409,
    audience: "operator",
    text: "Another command changed the zone files after this one read them. Nothing was written; run it again.",
  },
  BM_ZONE_LAST: {
    status: 409,
    audience: "operator",
    text: "The last zone of a world cannot be removed: some zone must cover every longitude.",
  },
  BM_ENV_INVALID: { status: 500, audience: "operator", text: "An environment variable or flag has a value that cannot be used." },
  BM_PORT_TAKEN: {
    status: 500,
    audience: "operator",
    text: "Another program listens on the port. Stop it, or choose another with `--port` or `PORT`.",
  },
  BM_ZONE_RUNNING: {
    status: 409,
    audience: "operator",
    text: "Another process already runs the zone. Stop it first, or run other zones here.",
  },
  BM_STORAGE_UNREACHABLE: { status: 503, audience: "operator", text: "PostgreSQL does not answer at `DATABASE_URL`." },
  BM_PRESENCE_UNREACHABLE: { status: 503, audience: "operator", text: "Redis does not answer at `REDIS_URL`." },
  BM_SERVER_UNREACHABLE: {
    status: 503,
    audience: "operator",
    text: "No BlueMarble server answers at the address. Start one with `bm zone run`.",
  },
  BM_EXPLAIN_FORBIDDEN: {
    status: 403,
    audience: "operator",
    text: "Who sees whom, and where, is told on the server's own machine only, and not through a proxy. Run `bm explain` there.",
  },
  BM_EXPLAIN_INVALID: {
    status: 400,
    audience: "operator",
    text: "A viewer or entity is not an id. Ids are 1 to 16 digits, as `zone:welcome` sends them and clients see them.",
  },
  BM_EXPLAIN_UNKNOWN: {
    status: 404,
    audience: "operator",
    text: "The viewer or the entity is in no zone of this process, or the viewer is no player. Ask the process that runs their zone.",
  },
  BM_CLI_USAGE: {
    status: 400,
    audience: "operator",
    text: "The words after `bm` name no command, or have an unknown flag, a missing argument or a value that cannot be used. See `bm --help`.",
  },
  BM_CLI_CANCELLED: { status: 499, audience: "operator", text: "The command was cancelled; nothing was changed. Run it again." },
  BM_INTERNAL: { status: 500, audience: "operator", text: "A fault of ours. The log has the details." },

  BM_PLUGIN_UNKNOWN: {
    status: 500,
    audience: "modder",
    text: "The world names a plugin that is neither built in, nor a file, nor an installed package.",
  },
  BM_PLUGIN_UNREADABLE: {
    status: 500,
    audience: "modder",
    text: "The file of a plugin has an error, throws when it is loaded, or does not export one plugin class. The message has the reason and the line.",
  },
  BM_PLUGIN_INVALID: {
    status: 500,
    audience: "modder",
    text: "A plugin breaks the contract: no name, a duplicate, a missing dependency, a cycle, wrong options, or fields that clash.",
  },
  BM_PLUGIN_FAILED: {
    status: 500,
    audience: "modder",
    text: "A hook of a plugin threw. The message names the plugin and the hook; the zone goes on.",
  },

  BM_ENTITY_POSITION: {
    status: 500,
    audience: "modder",
    text: "A plugin gave an entity a position that is no place on Earth: not finite, or off the globe. Nobody sees the entity until it has one.",
  },
  BM_ENTITY_INVALID: {
    status: 500,
    audience: "modder",
    text: "A plugin spawned an entity whose kind, position or size cannot be; it was not added.",
  },

  BM_JOIN_OPTIONS: { status: 400, audience: "client", text: "The join options are not an object of known keys." },
  BM_JOIN_LONGITUDE: {
    status: 400,
    audience: "client",
    text: "`longitude` must be a finite number of degrees; it is normalised to [-180, 180).",
  },
  BM_JOIN_LATITUDE: {
    status: 400,
    audience: "client",
    text: "`latitude` must be a finite number of degrees within the limits of the world.",
  },
  BM_JOIN_ALTITUDE: {
    status: 400,
    audience: "client",
    text: "`altitude` must be a finite number of metres within the limits of the world.",
  },
  BM_JOIN_NAME: { status: 400, audience: "client", text: "`name` must be 1 to 32 printable characters." },
  BM_JOIN_TOKEN: { status: 400, audience: "client", text: "`token` must be a string of at most 4096 characters." },
  BM_JOIN_PREDICT: { status: 400, audience: "client", text: "`predict` must be true or false." },
  BM_JOIN_METHOD: { status: 403, audience: "client", text: 'Rooms are made by the server: use `joinOrCreate("zone", …)`.' },
  BM_JOIN_ROOM: { status: 404, audience: "client", text: "The room is not a zone, or not the zone that owns the longitude." },
  BM_JOIN_TOO_LARGE: { status: 413, audience: "client", text: "The join request is larger than the server reads." },
  BM_AUTH_UNSUPPORTED: { status: 401, audience: "client", text: "This world has no accounts: join without a token." },
  BM_RECONNECT_REFUSED: {
    status: 410,
    audience: "client",
    text: "The place of a dropped player is not kept any more, or the token was used or is not of this world. Join anew.",
  },
  BM_ZONE_FULL: { status: 503, audience: "client", text: "The zone has as many players as joins may bring. Try again later." },
  BM_ZONE_DOWN: { status: 503, audience: "client", text: "No process runs the zone that owns the longitude. Try again later." },
  BM_MESSAGE_UNKNOWN: { status: 400, audience: "client", text: "The zone has no message of that type." },
  BM_MESSAGE_INVALID: { status: 400, audience: "client", text: "The payload of a message is not what its type demands." },
  BM_MESSAGE_MALFORMED: { status: 400, audience: "client", text: "The bytes are not a frame of the protocol." },
  BM_MESSAGE_TOO_LARGE: { status: 413, audience: "client", text: "A message is larger than the limit; it was dropped." },
  BM_INPUT_INVALID: { status: 400, audience: "client", text: "An input value is not finite or out of range; it counted as no movement." },
  BM_LIMIT_MESSAGES: {
    status: 429,
    audience: "client",
    text: "More messages or input steps a second than the limit, burst included. Messages above it are dropped; who goes on is disconnected.",
  },
  BM_LIMIT_UNREAD: {
    status: 429,
    audience: "client",
    text: "The client reads nothing while more than 1 MiB waits for it. The connection is cut without a word, which it would not read.",
  },
  BM_LIMIT_BYTES: {
    status: 429,
    audience: "client",
    text: "More bytes a second than the limit, burst included. The connection is closed.",
  },
} as const satisfies Record<string, ErrorCodeEntry>;

/** A stable error code: `BM_<AREA>_<WHAT>`. */
export type BmErrorCode = keyof typeof ERROR_CODES;
