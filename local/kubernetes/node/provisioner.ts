import { mkdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Api } from "../api.ts";
import { ApiError } from "../api-error.ts";
import { provisionerName } from "../bootstrap.ts";
import type { ApiObject, PersistentVolume, PersistentVolumeClaim } from "../wire.ts";
import { nodeName } from "./registration.ts";

const provisionedBy = "pv.kubernetes.io/provisioned-by";
const wantedFrom = [
  "volume.kubernetes.io/storage-provisioner",
  "volume.beta.kubernetes.io/storage-provisioner",
];

/** Makes a folder for each claim of the class `local`, and deletes it when its volume is released. */
export class Provisioner {
  readonly #api: Api;
  readonly #directory: string;
  readonly #log: (line: string) => void;

  constructor(api: Api, directory: string, log: (line: string) => void) {
    this.#api = api;
    this.#directory = directory;
    this.#log = log;
  }

  /** Works until `signal` aborts. */
  async follow(signal: AbortSignal): Promise<void> {
    await Promise.all([
      this.#follow(
        "persistentvolumeclaims",
        (claim) => this.#provide(claim as PersistentVolumeClaim),
        signal,
      ),
      this.#follow(
        "persistentvolumes",
        (volume) => this.#reclaim(volume as PersistentVolume),
        signal,
      ),
    ]);
  }

  #follow(
    kind: string,
    take: (object: ApiObject) => Promise<void>,
    signal: AbortSignal,
  ): Promise<void> {
    const attempt = (object: ApiObject) => {
      take(object).catch((error: unknown) => {
        this.#log(`${kind}: ${String(error)}`);
      });
    };
    return this.#api.follow<ApiObject>(
      `/api/v1/${kind}`,
      {},
      {
        listed: (objects) => {
          objects.forEach(attempt);
        },
        changed: attempt,
        deleted: () => undefined,
        lost: (error) => {
          this.#log(`the watch of ${kind}: ${String(error)}`);
        },
      },
      signal,
    );
  }

  async #provide(claim: PersistentVolumeClaim): Promise<void> {
    const {
      name = "",
      namespace = "",
      uid = "",
      annotations,
      deletionTimestamp,
    } = claim.metadata ?? {};
    const wanted = wantedFrom.some((key) => annotations?.[key] === provisionerName);
    if (!wanted || claim.spec?.volumeName !== undefined || deletionTimestamp !== undefined) return;
    const path = join(this.#directory, `${namespace}.${name}.${uid}`);
    mkdirSync(path, { recursive: true, mode: 0o700 });
    const volume: PersistentVolume = {
      apiVersion: "v1",
      kind: "PersistentVolume",
      metadata: { name: `pvc-${uid}`, annotations: { [provisionedBy]: provisionerName } },
      spec: {
        accessModes: claim.spec?.accessModes ?? ["ReadWriteOnce"],
        capacity: { storage: claim.spec?.resources?.requests?.storage ?? "1Gi" },
        claimRef: { apiVersion: "v1", kind: "PersistentVolumeClaim", name, namespace, uid },
        persistentVolumeReclaimPolicy: "Delete",
        storageClassName: claim.spec?.storageClassName ?? "",
        local: { path },
        nodeAffinity: {
          required: {
            nodeSelectorTerms: [
              {
                matchExpressions: [
                  { key: "kubernetes.io/hostname", operator: "In", values: [nodeName] },
                ],
              },
            ],
          },
        },
      },
    };
    await ignoring(409, () => this.#api.create("/api/v1/persistentvolumes", volume));
  }

  async #reclaim(volume: PersistentVolume): Promise<void> {
    const { metadata, spec, status } = volume;
    const isOurs = metadata?.annotations?.[provisionedBy] === provisionerName;
    const released = status?.phase === "Released" || status?.phase === "Failed";
    if (!isOurs || !released || spec?.persistentVolumeReclaimPolicy !== "Delete") return;
    const path = spec.local?.path;
    if (path?.startsWith(`${this.#directory}/`)) await rm(path, { recursive: true, force: true });
    await ignoring(404, () =>
      this.#api.remove(`/api/v1/persistentvolumes/${metadata.name ?? ""}`, {}),
    );
  }
}

async function ignoring(status: number, call: () => Promise<unknown>): Promise<void> {
  try {
    await call();
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== status) throw error;
  }
}
