import { type Environment, readEnvironment } from "../../config/index.ts";

/** Variables that commands have a flag for, and what the flag looks like. */
const EXAMPLES: Readonly<Record<string, string>> = {
  PORT: "--port 2567",
  BM_HOST: "--host 127.0.0.1",
  DATABASE_URL: "--database-url postgres://user:password@localhost:5432/game",
  REDIS_URL: "--redis-url redis://localhost:6379",
};

/**
 * The environment with flags laid over it.
 * @param flags by the name of the variable that each stands for; undefined where it was not given.
 * @throws BmError BM_ENV_INVALID, naming the flags of this command beside their variables.
 */
export function environmentWith(flags: Readonly<Record<string, string | undefined>>): Environment {
  const given = Object.entries(flags).filter(([, value]) => value !== undefined);
  const examples = Object.entries(EXAMPLES).filter(([variable]) => variable in flags);
  return readEnvironment({ ...process.env, ...Object.fromEntries(given) }, Object.fromEntries(examples));
}
