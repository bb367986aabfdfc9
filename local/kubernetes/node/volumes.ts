import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type {
  V1DownwardAPIVolumeFile,
  V1KeyToPath,
  V1ProjectedVolumeSource,
} from "@kubernetes/client-node";
import type { Api } from "../api.ts";
import type {
  Container,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  TokenRequest,
  Volume,
  Wire,
} from "../wire.ts";
import { type FolderFile, writeFolder } from "./atomic-folder.ts";
import { type Capacity, containerResource, podField } from "./fields.ts";
import { MissingReference, type Objects } from "./objects.ts";
import type { Mount } from "./mounts.ts";

/** What the volumes of one pod take their content from. */
export interface VolumeContext {
  readonly api: Api;
  readonly objects: Objects;
  readonly capacity: Capacity;
  /** Where the pod's own volumes are. */
  readonly directory: string;
}

/** Secrets of a pod are for the user who runs it only, unless the pod says otherwise. */
const secretMode = 0o600;
const fileMode = 0o644;

type Files = Map<string, FolderFile>;

/**
 * Makes the volumes of a pod, or brings their content up to date, and gives the folder of each.
 *
 * @throws MissingReference with what is not there yet, or what this node has not got
 */
export async function prepareVolumes(
  pod: Pod,
  context: VolumeContext,
): Promise<ReadonlyMap<string, string>> {
  const folders = new Map<string, string>();
  for (const volume of pod.spec?.volumes ?? []) {
    folders.set(volume.name, await prepare(pod, volume, context));
  }
  return folders;
}

/** Where each mount of the container is on this machine. */
export function mountsOf(container: Container, folders: ReadonlyMap<string, string>): Mount[] {
  return (container.volumeMounts ?? []).flatMap(({ name, mountPath, subPath }) => {
    const folder = folders.get(name);
    if (folder === undefined) return [];
    return [{ mountPath, hostPath: subPath === undefined ? folder : join(folder, subPath) }];
  });
}

/** The ConfigMaps and Secrets that are mounted: those whose changes reach the pod while it runs. */
export function mountedObjects(
  pod: Pod,
): { readonly kind: "configmaps" | "secrets"; readonly name: string }[] {
  const sources = (pod.spec?.volumes ?? []).flatMap((volume) => [
    { configMap: volume.configMap?.name, secret: volume.secret?.secretName },
    ...(volume.projected?.sources ?? []).map((source) => ({
      configMap: source.configMap?.name,
      secret: source.secret?.name,
    })),
  ]);
  return sources.flatMap(({ configMap, secret }) => [
    ...(configMap === undefined ? [] : [{ kind: "configmaps" as const, name: configMap }]),
    ...(secret === undefined ? [] : [{ kind: "secrets" as const, name: secret }]),
  ]);
}

async function prepare(pod: Pod, volume: Volume, context: VolumeContext): Promise<string> {
  const folder = join(context.directory, volume.name);
  const { configMap, secret, downwardAPI, projected, emptyDir, persistentVolumeClaim, hostPath } =
    volume;
  if (emptyDir !== undefined) {
    await mkdir(folder, { recursive: true });
    return folder;
  }
  if (persistentVolumeClaim !== undefined) {
    return claimedFolder(pod, persistentVolumeClaim.claimName, context.api);
  }
  if (hostPath !== undefined) {
    if (hostPath.type === "DirectoryOrCreate") await mkdir(hostPath.path, { recursive: true });
    if (existsSync(hostPath.path)) return hostPath.path;
    throw new MissingReference(
      `the hostPath ${hostPath.path} of volume ${volume.name} is not there`,
    );
  }
  const files: Files = new Map();
  if (configMap !== undefined) {
    const { name = "", items, optional, defaultMode = fileMode } = configMap;
    await addObject(files, pod, context, {
      kind: "configmaps",
      name,
      items,
      optional,
      defaultMode,
    });
  } else if (secret !== undefined) {
    const { secretName: name = "", items, optional, defaultMode } = secret;
    // The API fills in 0644 for what is not given.
    const mode = defaultMode === undefined || defaultMode === fileMode ? secretMode : defaultMode;
    const source = { kind: "secrets", name, items, optional, defaultMode: mode } as const;
    await addObject(files, pod, context, source);
  } else if (downwardAPI !== undefined) {
    addFields(files, pod, context.capacity, downwardAPI.items, downwardAPI.defaultMode ?? fileMode);
  } else if (projected !== undefined) {
    await addProjected(files, pod, context, projected);
  } else {
    const type = Object.keys(volume).find((key) => key !== "name") ?? "unknown";
    throw new MissingReference(`this node has no volumes of the type ${type} (${volume.name})`);
  }
  await writeFolder(folder, files);
  return folder;
}

async function claimedFolder(pod: Pod, claimName: string, api: Api): Promise<string> {
  const path = `/api/v1/namespaces/${pod.metadata?.namespace ?? ""}/persistentvolumeclaims/${claimName}`;
  const claim = await api.find<PersistentVolumeClaim>(path);
  if (claim?.status?.phase !== "Bound") {
    throw new MissingReference(`persistentvolumeclaim "${claimName}" is not bound`);
  }
  const volumeName = claim.spec?.volumeName ?? "";
  const volume = await api.find<PersistentVolume>(`/api/v1/persistentvolumes/${volumeName}`);
  const folder = volume?.spec?.local?.path ?? volume?.spec?.hostPath?.path;
  if (folder === undefined) {
    throw new MissingReference(
      `the volume ${volumeName} of ${claimName} is no folder of this machine`,
    );
  }
  // Made once, by the provisioner: an empty one in its place would hide that the data is gone.
  if (!existsSync(folder)) {
    throw new MissingReference(`the folder ${folder} of ${claimName} is not there`);
  }
  return folder;
}

interface ObjectSource {
  readonly kind: "configmaps" | "secrets";
  readonly name: string;
  readonly items: Wire<V1KeyToPath>[] | undefined;
  readonly optional: boolean | undefined;
  readonly defaultMode: number;
}

async function addObject(
  files: Files,
  pod: Pod,
  { objects }: VolumeContext,
  { kind, name, items, optional, defaultMode }: ObjectSource,
): Promise<void> {
  const what = kind === "secrets" ? "secret" : "configmap";
  const data = await objects.data(kind, pod.metadata?.namespace ?? "", name);
  if (data === undefined) {
    if (optional === true) return;
    throw new MissingReference(`${what} "${name}" not found`);
  }
  const chosen = items ?? [...data.keys()].map((key) => ({ key, path: key, mode: undefined }));
  for (const { key, path, mode } of chosen) {
    const content = data.get(key);
    if (content !== undefined) files.set(path, { content, mode: mode ?? defaultMode });
    else if (optional !== true) {
      throw new MissingReference(`${what} "${name}" has no key ${key}`);
    }
  }
}

function addFields(
  files: Files,
  pod: Pod,
  capacity: Capacity,
  items: readonly Wire<V1DownwardAPIVolumeFile>[] | undefined,
  defaultMode: number,
): void {
  for (const { path, fieldRef, resourceFieldRef, mode } of items ?? []) {
    const container = pod.spec?.containers.find(
      ({ name }) => name === resourceFieldRef?.containerName,
    );
    const value =
      fieldRef !== undefined
        ? podField(pod, fieldRef.fieldPath)
        : container === undefined || resourceFieldRef === undefined
          ? undefined
          : containerResource(
              container,
              resourceFieldRef.resource,
              resourceFieldRef.divisor,
              capacity,
            );
    if (value === undefined) throw new MissingReference(`this node has no value for ${path}`);
    files.set(path, { content: Buffer.from(value), mode: mode ?? defaultMode });
  }
}

async function addProjected(
  files: Files,
  pod: Pod,
  context: VolumeContext,
  { sources, defaultMode = fileMode }: Wire<V1ProjectedVolumeSource>,
): Promise<void> {
  for (const { configMap, secret, downwardAPI, serviceAccountToken, ...others } of sources ?? []) {
    if (configMap !== undefined) {
      const { name = "", items, optional } = configMap;
      const source = { kind: "configmaps", name, items, optional, defaultMode } as const;
      await addObject(files, pod, context, source);
    } else if (secret !== undefined) {
      const { name = "", items, optional } = secret;
      const source = { kind: "secrets", name, items, optional, defaultMode: secretMode } as const;
      await addObject(files, pod, context, source);
    } else if (downwardAPI !== undefined) {
      addFields(files, pod, context.capacity, downwardAPI.items, defaultMode);
    } else if (serviceAccountToken !== undefined) {
      const { path, audience, expirationSeconds = 3607 } = serviceAccountToken;
      const content = await token(pod, context.api, audience, expirationSeconds);
      files.set(path, { content, mode: secretMode });
    } else {
      const type = Object.keys(others)[0] ?? "unknown";
      throw new MissingReference(`this node has no projected volumes of the type ${type}`);
    }
  }
}

/** How long before the end of a token the pod's volumes are made anew, in ms; undefined for never. */
export function tokenRefreshMs(pod: Pod): number | undefined {
  const seconds = (pod.spec?.volumes ?? [])
    .flatMap(({ projected }) => projected?.sources ?? [])
    .flatMap(({ serviceAccountToken }) =>
      serviceAccountToken === undefined ? [] : [serviceAccountToken.expirationSeconds ?? 3607],
    );
  return seconds.length === 0 ? undefined : Math.min(...seconds) * 800;
}

async function token(
  pod: Pod,
  api: Api,
  audience: string | undefined,
  expirationSeconds: number,
): Promise<Buffer> {
  const { name = "", namespace = "", uid = "" } = pod.metadata ?? {};
  const account = pod.spec?.serviceAccountName ?? "default";
  const { status } = await api.create<TokenRequest>(
    `/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`,
    {
      apiVersion: "authentication.k8s.io/v1",
      kind: "TokenRequest",
      spec: {
        audiences: audience === undefined ? [] : [audience],
        expirationSeconds,
        boundObjectRef: { apiVersion: "v1", kind: "Pod", name, uid },
      },
    },
  );
  return Buffer.from(status?.token ?? "");
}
