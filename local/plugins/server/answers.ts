import grpc from "@grpc/grpc-js";
import { type Change, pathText } from "./difference.ts";
import { explained, InitializationFailed, withoutSecrets } from "./failures.ts";
import type { Properties, PropertyPath } from "./resource-type.ts";
import { Any, provider, status, structOf } from "./stubs.ts";
import { markSecrets, secretTexts } from "./values.ts";

export interface InputFailure {
  readonly property: string;
  readonly reason: string;
}

export function checkAnswer(inputs: Properties, failures: readonly InputFailure[]) {
  const response = new provider.CheckResponse();
  response.setInputs(structOf(inputs));
  response.setFailuresList(
    failures.map(({ property, reason }) => {
      const failure = new provider.CheckFailure();
      failure.setProperty(property);
      failure.setReason(reason);
      return failure;
    }),
  );
  return response;
}

export function diffAnswer(changes: readonly Change[], replaces: (path: PropertyPath) => boolean) {
  const { DiffChanges } = provider.DiffResponse;
  const response = new provider.DiffResponse();
  response.setChanges(changes.length === 0 ? DiffChanges.DIFF_NONE : DiffChanges.DIFF_SOME);
  response.setHasdetaileddiff(true);
  response.setDiffsList(topOf(changes));
  response.setReplacesList(topOf(changes.filter(({ path }) => replaces(path))));
  for (const { path, kind } of changes) {
    const property = new provider.PropertyDiff();
    property.setKind(kindOf(kind, replaces(path)));
    property.setInputdiff(true);
    response.getDetaileddiffMap().set(pathText(path), property);
  }
  return response;
}

function topOf(changes: readonly Change[]): string[] {
  return [...new Set(changes.map(({ path }) => String(path[0])))];
}

function kindOf(kind: Change["kind"], replace: boolean) {
  const { Kind } = provider.PropertyDiff;
  switch (kind) {
    case "add":
      return replace ? Kind.ADD_REPLACE : Kind.ADD;
    case "delete":
      return replace ? Kind.DELETE_REPLACE : Kind.DELETE;
    case "update":
      return replace ? Kind.UPDATE_REPLACE : Kind.UPDATE;
  }
}

/** The error as the engine wants it; `given` are the values of the request, with their secrets marked. */
export function errorAnswer(
  error: unknown,
  given: Properties,
  credentials: readonly string[],
): Partial<grpc.ServiceError> {
  const secrets = [...credentials, ...secretTexts(given)];
  const message = explained(error, secrets);
  const metadata = new grpc.Metadata();
  if (error instanceof InitializationFailed) {
    const detail = new provider.ErrorResourceInitFailed();
    detail.setId(error.id);
    detail.setProperties(structOf(markSecrets(error.properties, given)));
    detail.setReasonsList(error.reasons.map((reason) => withoutSecrets(reason, secrets)));
    const details = new Any();
    details.pack(detail.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
    const answer = new status.Status();
    answer.setCode(grpc.status.UNKNOWN);
    answer.setMessage(message);
    answer.addDetails(details);
    // Where gRPC for Go looks for the details of an error.
    metadata.add("grpc-status-details-bin", Buffer.from(answer.serializeBinary()));
  }
  return { code: grpc.status.UNKNOWN, details: message, metadata };
}
