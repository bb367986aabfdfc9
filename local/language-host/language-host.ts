/**
 * Stand-in for Pulumi's nodejs language host (`pulumi-language-nodejs`), which is part of the
 * release archive only: used where the CLI was built from its Go module. It serves the part of
 * `pulumirpc.LanguageRuntime` that a run of an installed program needs, and prints its port on the
 * first line, as the engine expects of a plugin.
 */
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import type * as Grpc from "@grpc/grpc-js";
import type {
  AboutResponse,
  GetRequiredPackagesResponse,
  GetRequiredPluginsResponse,
  LanguageHandshakeResponse,
  RunPluginRequest,
  RunPluginResponse,
  RunRequest,
  RunResponse,
} from "@pulumi/pulumi/proto/language_pb.js";
import type { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb.js";

// The engine starts its plugins in the project's directory: its own @pulumi/pulumi is the one used.
const requireFromProject = createRequire(join(process.cwd(), "package.json"));
const pulumiDirectory = join(requireFromProject.resolve("@pulumi/pulumi/package.json"), "..");
const requireFromPulumi = createRequire(join(pulumiDirectory, "package.json"));
const grpc = requireFromPulumi("@grpc/grpc-js") as typeof Grpc;
const { LanguageRuntimeService } = requireFromPulumi("./proto/language_grpc_pb.js") as {
  LanguageRuntimeService: Grpc.ServiceDefinition;
};
const language = requireFromPulumi("./proto/language_pb.js") as {
  AboutResponse: typeof AboutResponse;
  GetRequiredPackagesResponse: typeof GetRequiredPackagesResponse;
  GetRequiredPluginsResponse: typeof GetRequiredPluginsResponse;
  LanguageHandshakeResponse: typeof LanguageHandshakeResponse;
  RunPluginResponse: typeof RunPluginResponse;
  RunResponse: typeof RunResponse;
};
const plugin = requireFromPulumi("./proto/plugin_pb.js") as { PluginInfo: typeof PluginInfo };
const { Empty } = requireFromPulumi("google-protobuf/google/protobuf/empty_pb.js") as {
  Empty: new () => object;
};

/** @pulumi/pulumi/cmd/run ends with this code when it has told the user what is wrong itself. */
const exitAfterLoggedError = 32;

let engineAddress = process.argv.slice(2).find((argument) => !argument.startsWith("-")) ?? "";
let programs: { kill(): void }[] = [];

type Reply<T> = (error: Partial<Grpc.ServiceError> | null, response?: T) => void;

function runProgram(request: RunRequest, reply: (response: RunResponse) => void): void {
  const info = request.getInfo();
  const flags: Record<string, string> = {
    monitor: request.getMonitorAddress(),
    engine: engineAddress,
    project: request.getProject(),
    stack: request.getStack(),
    organization: request.getOrganization(),
    pwd: request.getPwd(),
    "root-directory": info?.getRootDirectory() ?? request.getPwd(),
    parallel: String(request.getParallel()),
  };
  const options: { nodeargs?: unknown; typescript?: unknown } =
    info?.getOptions()?.toJavaScript() ?? {};
  const config = Object.fromEntries(request.getConfigMap().getEntryList());
  const child = spawn(
    "node",
    [
      ...nodeArguments(options.nodeargs),
      join(pulumiDirectory, "cmd", "run"),
      ...Object.entries(flags)
        .filter(([, value]) => value !== "")
        .map(([name, value]) => `--${name}=${value}`),
      ...(request.getDryrun() ? ["--dry-run"] : []),
      info?.getEntryPoint() ?? ".",
      ...request.getArgsList(),
    ],
    {
      cwd: info?.getProgramDirectory() ?? request.getPwd(),
      env: {
        ...process.env,
        PULUMI_CONFIG: JSON.stringify(config),
        PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
        PULUMI_NODEJS_TYPESCRIPT: options.typescript === false ? "false" : "true",
      },
      // The first line of this process is its port; the program's own output goes to the engine's
      // terminal through it as well.
      stdio: ["ignore", "inherit", "inherit"],
    },
  );
  programs.push(child);
  const done = (error: string, bail: boolean) => {
    programs = programs.filter((other) => other !== child);
    const response = new language.RunResponse();
    response.setError(error);
    response.setBail(bail);
    reply(response);
  };
  child.once("error", (error) => {
    done(`node could not be started: ${error.message}`, false);
  });
  child.once("exit", (code, signal) => {
    if (code === 0) done("", false);
    else if (code === exitAfterLoggedError) done("", true);
    else done(`Program exited with ${signal ?? `code ${String(code)}`}`, false);
  });
}

function nodeArguments(option: unknown): string[] {
  return typeof option === "string" ? option.split(" ").filter((part) => part !== "") : [];
}

/** Runs a policy pack, as the real host does: the engine reads its port from its first line. */
function runPolicyPack(
  request: RunPluginRequest,
  output: Grpc.ServerWritableStream<RunPluginRequest, RunPluginResponse>,
): void {
  const directory = request.getInfo()?.getProgramDirectory() ?? request.getPwd();
  const child = spawn(
    "node",
    [join(pulumiDirectory, "cmd", "run-policy-pack"), ...request.getArgsList(), directory],
    {
      cwd: directory,
      env: Object.fromEntries(
        request.getEnvList().map((entry) => {
          const end = entry.indexOf("=");
          return [entry.slice(0, end), entry.slice(end + 1)];
        }),
      ),
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  programs.push(child);
  const send = (fill: (response: RunPluginResponse) => void) => {
    const response = new language.RunPluginResponse();
    fill(response);
    output.write(response);
  };
  child.stdout.on("data", (chunk: Buffer) => {
    send((response) => response.setStdout(chunk));
  });
  child.stderr.on("data", (chunk: Buffer) => {
    send((response) => response.setStderr(chunk));
  });
  child.once("error", (error) => {
    output.destroy(error);
  });
  child.once("close", (code) => {
    programs = programs.filter((other) => other !== child);
    send((response) => response.setExitcode(code ?? 1));
    output.end();
  });
  output.once("cancelled", () => child.kill());
}

const server = new grpc.Server();
server.addService(LanguageRuntimeService, {
  handshake: (
    call: { request: { getEngineAddress(): string } },
    reply: Reply<LanguageHandshakeResponse>,
  ) => {
    engineAddress = call.request.getEngineAddress();
    reply(null, new language.LanguageHandshakeResponse());
  },
  getPluginInfo: (_call: unknown, reply: Reply<PluginInfo>) => {
    const info = new plugin.PluginInfo();
    const { version } = requireFromPulumi("./package.json") as { version: string };
    info.setVersion(version);
    reply(null, info);
  },
  // Plugins are not worked out from the program: the engine asks for each when a resource needs it.
  getRequiredPlugins: (_call: unknown, reply: Reply<GetRequiredPluginsResponse>) => {
    reply(null, new language.GetRequiredPluginsResponse());
  },
  getRequiredPackages: (_call: unknown, reply: Reply<GetRequiredPackagesResponse>) => {
    reply(null, new language.GetRequiredPackagesResponse());
  },
  about: (_call: unknown, reply: Reply<AboutResponse>) => {
    const response = new language.AboutResponse();
    response.setExecutable(process.execPath);
    response.setVersion(process.versions.node);
    reply(null, response);
  },
  cancel: (_call: unknown, reply: Reply<object>) => {
    for (const program of programs) program.kill();
    reply(null, new Empty());
  },
  runPlugin: (call: Grpc.ServerWritableStream<RunPluginRequest, RunPluginResponse>) => {
    if (call.request.getKind() === "analyzer") {
      runPolicyPack(call.request, call);
      return;
    }
    const details = `This stand-in runs policy packs, not ${call.request.getKind()} plugins.`;
    call.emit("error", { code: grpc.status.UNIMPLEMENTED, details });
  },
  run: (call: { request: RunRequest }, reply: Reply<RunResponse>) => {
    runProgram(call.request, (response) => {
      reply(null, response);
    });
  },
});

process.on("exit", () => {
  for (const program of programs) program.kill();
});
// The engine asks its plugins to end with SIGINT, and waits for seconds for one that does not.
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => process.exit());
}
server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error !== null) throw error;
  process.stdout.write(`${String(port)}\n`);
});
