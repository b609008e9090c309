import type { Client } from "@colyseus/core";
import type { z } from "zod";
import { BmError } from "../config/index.ts";
import type { HostedPlugin, PluginHost } from "./plugin-host.ts";
import { type SchemaIssue, schemaProblem } from "./schema-problem.ts";
import type { ZoneRoom } from "./zone.room.ts";

/** Any schema of the Standard Schema kind; zod's are. */
type MessageFormat = Pick<z.ZodType, "~standard">;

type Handler = (client: Client, payload: unknown, context: unknown) => unknown;
type Declared = Handler | { format: MessageFormat; handler: Handler };

/**
 * Registers the messages of a room's plugins with the host. Payloads are checked here rather than by the host, which
 * disconnects a client for a payload that does not fit; here it gets a coded error and stays.
 */
export function bindPluginMessages(room: ZoneRoom, host: PluginHost): void {
  for (const plugin of host.plugins) {
    for (const [type, declared] of Object.entries(messagesOf(plugin))) {
      const { format, handler } = typeof declared === "function" ? { format: undefined, handler: declared } : declared;
      room.onMessage(type, (client: Client, payload: unknown, context: unknown) => {
        try {
          const checked = format ? checkPayload(type, format, payload) : payload;
          const result = host.runMessage(plugin, type, () => handler.call(plugin.instance, client, checked, context));
          return result instanceof Promise ? result.catch((error) => answer(room, client, type, error)) : result;
        } catch (error) {
          return answer(room, client, type, error);
        }
      });
    }
  }
}

/** The messages that a plugin declares, by type. */
export function messagesOf(plugin: Pick<HostedPlugin, "instance">): Record<string, Declared> {
  return ((plugin.instance as unknown as { messages?: Record<string, Declared> }).messages ?? {}) as Record<string, Declared>;
}

function checkPayload(type: string, format: MessageFormat, payload: unknown): unknown {
  const result = format["~standard"].validate(payload);
  if (result instanceof Promise)
    throw new BmError("BM_PLUGIN_FAILED", `message ${type}: its schema is asynchronous, and messages are checked at once`);
  if (!result.issues) return result.value;
  const { path, got, text } = schemaProblem(result.issues[0] as SchemaIssue, payload);
  const field = path || "payload";
  throw new BmError("BM_MESSAGE_INVALID", `${type} ${field}: ${text}`, { data: { type, field, value: got } });
}

/** A refusal goes to the sender with its code; a fault of the plugin as one, without its inner workings. */
function answer(room: ZoneRoom, client: Client, type: string, error: unknown): void {
  if (error instanceof BmError && error.code !== "BM_PLUGIN_FAILED") room.refuse(client, error);
  else room.refuse(client, new BmError("BM_PLUGIN_FAILED", `message ${type} could not be handled`, { data: { type } }));
}
