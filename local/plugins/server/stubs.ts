/** The generated messages and services of the protocol, which come with @pulumi/pulumi. */
import { createRequire } from "node:module";
import engineService from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import engine from "@pulumi/pulumi/proto/engine_pb.js";
import plugin from "@pulumi/pulumi/proto/plugin_pb.js";
import providerStubs from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import provider from "@pulumi/pulumi/proto/provider_pb.js";
import status from "@pulumi/pulumi/proto/status_pb.js";
import type { Any as AnyMessage } from "google-protobuf/google/protobuf/any_pb.js";
import type { Empty as EmptyMessage } from "google-protobuf/google/protobuf/empty_pb.js";
import type { Struct as StructMessage } from "google-protobuf/google/protobuf/struct_pb.js";
import type { Properties } from "./resource-type.ts";

// The copy that the messages above are made with, wherever npm puts it.
const requireFromPulumi = createRequire(import.meta.resolve("@pulumi/pulumi/package.json"));
const { Struct } = requireFromPulumi("google-protobuf/google/protobuf/struct_pb.js") as {
  Struct: typeof StructMessage;
};
const { Empty } = requireFromPulumi("google-protobuf/google/protobuf/empty_pb.js") as {
  Empty: typeof EmptyMessage;
};
const { Any } = requireFromPulumi("google-protobuf/google/protobuf/any_pb.js") as {
  Any: typeof AnyMessage;
};

export { Any, Empty, engine, engineService, plugin, provider, providerStubs, status };

export function structOf(values: Properties): StructMessage {
  return Struct.fromJavaScript(values as Parameters<typeof Struct.fromJavaScript>[0]);
}

export function valuesOf(struct: StructMessage | undefined): Properties {
  return struct === undefined ? {} : struct.toJavaScript();
}
