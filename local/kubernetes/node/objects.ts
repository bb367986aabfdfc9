import type { Api } from "../api.ts";
import type { ApiObject, ConfigMap, Secret } from "../wire.ts";

/** What a pod refers to is not there: the pod waits, and says so. */
export class MissingReference extends Error {
  override readonly name = "MissingReference";
}

type Kind = "configmaps" | "secrets";

/** Reads the ConfigMaps and Secrets of pods; one that is not there is undefined. */
export class Objects {
  readonly #api: Pick<Api, "find" | "follow">;

  constructor(api: Pick<Api, "find" | "follow">) {
    this.#api = api;
  }

  /** The data of a ConfigMap or a Secret, by key. */
  async data(
    kind: Kind,
    namespace: string,
    name: string,
  ): Promise<ReadonlyMap<string, Buffer> | undefined> {
    const object = await this.#api.find<ConfigMap | Secret>(
      `/api/v1/namespaces/${namespace}/${kind}/${name}`,
    );
    return object === undefined ? undefined : dataOf(kind, object);
  }

  /**
   * Calls `changed` whenever that object comes, changes or goes, until `signal` aborts, and once when
   * the watch begins: what was read before that may be older.
   */
  watch(
    kind: Kind,
    namespace: string,
    name: string,
    changed: () => void,
    signal: AbortSignal,
  ): void {
    const path = `/api/v1/namespaces/${namespace}/${kind}`;
    const query = { fieldSelector: `metadata.name=${name}` };
    const handlers = { listed: changed, changed, deleted: changed, lost: () => undefined };
    void this.#api.follow<ApiObject>(path, query, handlers, signal);
  }
}

function dataOf(kind: Kind, object: ConfigMap | Secret): Map<string, Buffer> {
  const fromBase64 = (text: string) => Buffer.from(text, "base64");
  if (kind === "secrets") {
    return entries((object as Secret).data, fromBase64);
  }
  const { data, binaryData } = object as ConfigMap;
  return new Map([
    ...entries(data, (text) => Buffer.from(text)),
    ...entries(binaryData, fromBase64),
  ]);
}

function entries(
  data: Readonly<Record<string, string>> | undefined,
  decode: (text: string) => Buffer,
): Map<string, Buffer> {
  return new Map(Object.entries(data ?? {}).map(([key, text]) => [key, decode(text)]));
}
