import grpc from "@grpc/grpc-js";
import type { LogSeverity } from "@pulumi/pulumi/proto/engine_pb.js";
import { engine, engineService } from "./stubs.ts";

type EngineClient = InstanceType<typeof engineService.EngineClient>;

/** What a plugin tells the person beside a resource. */
export interface EngineLog {
  status(urn: string, line: string): void;
  warn(urn: string, text: string): void;
}

/** `address` is asked for when there is something to say: the engine gives it with its first call. */
export function engineLog(address: () => string): EngineLog {
  let client: EngineClient | undefined;
  const log = (urn: string, severity: LogSeverity, message: string, ephemeral: boolean) => {
    client ??= new engineService.EngineClient(address(), grpc.credentials.createInsecure());
    const request = new engine.LogRequest();
    request.setUrn(urn);
    request.setSeverity(severity);
    request.setMessage(message);
    request.setEphemeral(ephemeral);
    client.log(request, () => undefined);
  };
  return {
    status: (urn, line) => {
      log(urn, engine.LogSeverity.INFO, line, true);
    },
    warn: (urn, text) => {
      log(urn, engine.LogSeverity.WARNING, text, false);
    },
  };
}
