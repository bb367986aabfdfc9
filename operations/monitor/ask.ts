import { given } from "../../aleo/environment.ts";
import { AleoError } from "../../aleo/errors.ts";
import { isThere } from "../../aleo/file-error.ts";
import type { Network } from "../../aleo/network.ts";
import {
  type Action,
  type ActionName,
  actions,
  type InputOf,
  type ResultOf,
} from "../../monitor/control/actions.ts";
import { MonitorSettingError } from "../../monitor/errors.ts";
import { readRules } from "../../monitor/rule/rule-file.ts";
import { monitorSettings, routesOf } from "../../monitor/settings.ts";
import { Store } from "../../monitor/store/store.ts";
import type { Environment } from "../../settings.ts";

class NoMonitorError extends AleoError {}

const patienceMs = 10_000;
/** A test waits for every receiver, twice. */
const testPatienceMs = 60_000;

/**
 * Asks a monitor for something, or changes something in it: in the database that MONITOR_DATABASE
 * names, else over HTTP at MONITOR_URL (with MONITOR_TOKEN for a change), else in the network's own
 * database.
 * @throws NoMonitorError where there is neither, or no answer
 * @throws FileError for a database that this user may not look for
 * @throws ControlError, DatabaseError for what can't be done
 */
export async function askMonitor<Name extends ActionName>(
  network: Network,
  environment: Environment,
  name: Name,
  input: InputOf<Name>,
): Promise<ResultOf<Name>> {
  const action = actions[name] as unknown as Action<InputOf<Name>, ResultOf<Name>>;
  const url = monitorUrl(environment);
  if (url !== undefined) {
    const token = action.changes ? (environment.MONITOR_TOKEN ?? "") : "";
    return (await overHttp(url, token, name, { network, input })) as ResultOf<Name>;
  }
  const { database, rulesFile } = monitorSettings(network, environment);
  const isKept = isThere(database);
  if (!isKept && action.needsNoMonitor !== true) {
    throw new NoMonitorError(`There is no monitor's database at ${database}.`, {
      remedy:
        "Set MONITOR_URL to the monitor's address, or run this where the monitor runs (in a cluster: `kubectl exec` into its pod) with MONITOR_DATABASE as it is set there.",
    });
  }
  const store = Store.openToLook(isKept ? database : ":memory:", network);
  const desk = {
    ...{ network, store, now: Date.now, rules: () => readRules(rulesFile) },
    routes: () => routesOf(environment, Date.now),
  };
  try {
    return await action.run(desk, input);
  } finally {
    store.close();
  }
}

/**
 * Where a monitor is asked; undefined where its database is used.
 * @throws MonitorSettingError for what is no URL
 */
function monitorUrl(environment: Environment): string | undefined {
  const url = given(environment, "MONITOR_URL");
  if (url === undefined || given(environment, "MONITOR_DATABASE") !== undefined) return undefined;
  if (URL.canParse(url)) return url;
  throw new MonitorSettingError(`MONITOR_URL is ${JSON.stringify(url)}, which is no URL.`, {
    remedy: "Set it to the monitor's address, such as http://127.0.0.1:8080.",
  });
}

async function overHttp(url: string, token: string, name: string, order: unknown) {
  const { request } = await import("undici");
  const { host } = new URL(url);
  const answer = await request(new URL(`/control/${name}`, url), {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...(token === "" ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(order),
    signal: AbortSignal.timeout(name === "test" ? testPatienceMs : patienceMs),
  })
    .then(async ({ statusCode, body }) => ({ statusCode, text: await body.text() }))
    .catch((error: unknown) => {
      throw new NoMonitorError(`The monitor at ${host} does not answer: ${String(error)}.`, {
        remedy: "Check that it runs (/healthz) and that MONITOR_URL is its address.",
        cause: error,
      });
    });
  const { result, problem, remedy } = parsed(answer.text);
  if (answer.statusCode === 200) return result;
  throw new NoMonitorError(
    `The monitor at ${host} refuses: ${problem ?? `HTTP ${answer.statusCode}`}`,
    {
      remedy:
        remedy ??
        "Check that MONITOR_URL is the monitor's address, and that it is of the same version as this aleo-ops.",
    },
  );
}

interface Answer {
  readonly result?: unknown;
  readonly problem?: string;
  readonly remedy?: string;
}

function parsed(text: string): Answer {
  try {
    return JSON.parse(text) as Answer;
  } catch {
    return {};
  }
}
