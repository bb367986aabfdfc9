import { LocalError } from "../../errors.ts";
import { at, type CallContext, type ResourceType } from "../server/resource-type.ts";
import { containsUnknown, isObject } from "../server/values.ts";
import { ApiError } from "../../kubernetes/api-error.ts";
import { type Cluster, KindUnknownError, type Place } from "./cluster.ts";
import { type Kind, tokenOf } from "./kinds.ts";
import { liveInputs } from "./live-inputs.ts";
import {
  type Declared,
  declarable,
  idOf,
  type Manifest,
  metadataOf,
  named,
  outputsOf,
  placeOf,
  takesTheName,
} from "./manifest.ts";
import { sameQuantity } from "./quantity.ts";
import { untilGone, untilReady } from "./waiting.ts";

type Outputs = Record<string, unknown>;

/** A kind of Kubernetes as a resource type of Pulumi. */
export function objectType(served: Kind): ResourceType<Cluster, Declared, Outputs> {
  const { apiVersion, kind, replacing = [] } = served;
  const replaced = at("metadata.name", "metadata.namespace", ...replacing);
  const place = (declared: Declared): Place => {
    const { name, namespace } = metadataOf(declared);
    return {
      apiVersion,
      kind,
      name: String(name),
      ...(typeof namespace === "string" && { namespace }),
    };
  };
  const placeById = (id: string): Place => ({ apiVersion, kind, ...placeOf(id) });

  return {
    token: tokenOf(served),

    check: (declared, { name, olds, suffix }) => {
      const inputs = named(declared, { apiVersion, kind, name, suffix, olds });
      const failures =
        metadataOf(inputs).generateName === undefined
          ? []
          : [
              {
                property: "metadata.generateName",
                reason: "server-side apply needs a name: set metadata.name, or leave both out",
              },
            ];
      return { inputs, failures };
    },

    replaces: (path) => replaced(path),
    deleteBeforeReplace: takesTheName,
    same: sameQuantity,

    preview: async (cluster, inputs, current, context) => {
      if (!containsUnknown(inputs)) await tryOut(cluster, inputs, place(inputs), context, current);
      return { ...current?.properties, ...inputs };
    },

    create: async (cluster, inputs, context) => {
      const where = place(inputs);
      const there = await cluster.get(where);
      const fieldManager = managerOf(context);
      if (there !== undefined && !isManagedBy(fieldManager, there)) throw taken(there);
      const live = await applied(cluster, inputs, where, context);
      const ready = await untilReady(cluster, where, live, context);
      return { id: idOf(ready), properties: outputsOf(ready) };
    },

    read: async (cluster, id, known) => {
      const live = await cluster.get(placeById(id)).catch(whereKnown);
      if (live === undefined) return undefined;
      const inputs =
        known === undefined || Object.keys(known.inputs).length === 0
          ? declarable(live)
          : liveInputs(known.inputs, withText(live, known.inputs));
      return { id: idOf(live), inputs, properties: outputsOf(live) };
    },

    update: async (cluster, inputs, _current, context) => {
      const where = place(inputs);
      const live = await applied(cluster, inputs, where, context);
      return outputsOf(await untilReady(cluster, where, live, context));
    },

    delete: async (cluster, id, _known, context) => {
      const where = placeById(id);
      const wasThere = await cluster.delete(where).catch(whereKnown);
      if (wasThere === true) await untilGone(cluster, where, context);
    },

    ...(kind === "Secret" && { secretProperties: ["data", "stringData"] }),
  };
}

/** What is of a kind that the cluster has not got any more is gone with it. */
function whereKnown(error: unknown): undefined {
  if (!(error instanceof KindUnknownError)) throw error;
}

/** The same in every run of a stack, so that a run goes on where a killed one ended. */
function managerOf({ urn }: CallContext): string {
  const [, , stack = "", project = ""] = urn.split(":").filter((part) => part !== "");
  return `pulumi-kubernetes-${project}-${stack}`;
}

function isManagedBy(manager: string, live: Manifest): boolean {
  const { managedFields } = live.metadata;
  return (
    Array.isArray(managedFields) &&
    managedFields.some((entry) => isObject(entry) && entry.manager === manager)
  );
}

function taken(live: Manifest): LocalError {
  return new LocalError(
    `${live.kind} ${idOf(live)} is in the cluster already, and this stack did not make it.`,
    {
      remedy: `Take it over: pulumi import (id ${idOf(live)}). Or delete it, or declare another name.`,
    },
  );
}

async function applied(
  cluster: Cluster,
  inputs: Declared,
  where: Place,
  context: CallContext,
): Promise<Manifest> {
  try {
    return await cluster.apply(inputs, where, {
      fieldManager: managerOf(context),
      warn: context.warn,
    });
  } catch (error) {
    throw explainedRefusal(error, where);
  }
}

/**
 * Lets the API server refuse in the preview what it would refuse. Where the namespace is not there
 * yet, or the old object is still in the way, it can't say.
 */
async function tryOut(
  cluster: Cluster,
  inputs: Declared,
  where: Place,
  context: CallContext,
  current: { readonly id: string } | undefined,
): Promise<void> {
  if (current === undefined && (await cluster.get(where)) !== undefined) return;
  try {
    await cluster.apply(inputs, where, {
      fieldManager: managerOf(context),
      dryRun: true,
      warn: context.warn,
    });
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return;
    throw explainedRefusal(error, where);
  }
}

function explainedRefusal(error: unknown, { kind, name, namespace }: Place): unknown {
  if (!(error instanceof ApiError)) return error;
  const object = `${kind} ${namespace === undefined ? name : `${namespace}/${name}`}`;
  if (error.status === 409) {
    return new LocalError(`${object} has fields that somebody else has set: ${error.message}`, {
      remedy:
        "Take them over by enablePatchForce of the provider, or leave them out of the program.",
      cause: error,
    });
  }
  return new LocalError(`The API server refuses ${object}: ${error.message}`, {
    remedy: "Correct what the message names in the program.",
    cause: error,
  });
}

/** The server keeps the texts of a Secret as base64 only: here they are as the program gave them. */
function withText(live: Manifest, { kind, stringData }: Declared): Manifest {
  if (kind !== "Secret" || !isObject(stringData) || !isObject(live.data)) return live;
  const texts = Object.entries(live.data)
    .filter(([key]) => key in stringData)
    .map(([key, value]) => [key, Buffer.from(String(value), "base64").toString("utf8")]);
  return { ...live, stringData: Object.fromEntries(texts) as Record<string, string> };
}
