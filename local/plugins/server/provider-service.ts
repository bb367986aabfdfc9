import type grpc from "@grpc/grpc-js";
import type {
  CheckRequest,
  ConfigureRequest,
  CreateRequest,
  DeleteRequest,
  DiffRequest,
  InvokeRequest,
  ProviderHandshakeRequest,
  ReadRequest,
  UpdateRequest,
} from "@pulumi/pulumi/proto/provider_pb.js";
import { LocalError } from "../../errors.ts";
import { checkAnswer, diffAnswer, errorAnswer } from "./answers.ts";
import { changesBetween } from "./difference.ts";
import { engineLog } from "./engine-log.ts";
import { withoutSecrets } from "./failures.ts";
import type {
  CallContext,
  Plugin,
  Properties,
  PropertyPath,
  ResourceType,
} from "./resource-type.ts";
import { Empty, plugin as pluginMessages, provider, structOf, valuesOf } from "./stubs.ts";
import {
  containsUnknown,
  hexDigits,
  inKnownSpelling,
  markSecrets,
  plain,
  secretTexts,
} from "./values.ts";

/**
 * The methods of `pulumirpc.ResourceProvider` that an engine calls for a program in Node.js. Any other is
 * answered by gRPC as unimplemented, which the engine knows what to do with.
 */
export function providerService<Client>(
  plugin: Plugin<Client>,
  firstEngineAddress: string,
): grpc.UntypedServiceImplementation {
  const cancelled = new AbortController();
  let engineAddress = firstEngineAddress;
  const log = engineLog(() => engineAddress);
  let config: Properties = {};
  let credentials: readonly string[] = [];
  let connected: Promise<Client> | undefined;
  const client = () => (connected ??= plugin.connect(config));

  const typeOf = (token: string): ResourceType<Client> =>
    plugin.types.find((type) => type.token === token) ?? unknownType(plugin, token);

  const contextOf = (
    urn: string,
    name: string,
    timeoutSeconds: number,
    ...values: Properties[]
  ): CallContext => {
    const secrets = [...credentials, ...values.flatMap((value) => secretTexts(value))];
    return {
      name,
      urn,
      signal: cancelled.signal,
      timeoutMs: timeoutSeconds > 0 ? timeoutSeconds * 1_000 : undefined,
      status: (line) => {
        log.status(urn, withoutSecrets(line, secrets));
      },
      warn: (text) => {
        log.warn(urn, withoutSecrets(text, secrets));
      },
    };
  };

  /** A method that answers with what `work` gives, or with its error without the secrets of `given`. */
  const answering =
    <Request, Response>(
      work: (request: Request) => Response | Promise<Response>,
      given: (request: Request) => Properties = () => ({}),
    ): grpc.handleUnaryCall<Request, Response> =>
    ({ request }, reply) => {
      void (async () => {
        try {
          reply(null, await work(request));
        } catch (error) {
          reply(errorAnswer(error, given(request), credentials));
        }
      })();
    };

  const handshake = (request: ProviderHandshakeRequest) => {
    engineAddress = request.getEngineAddress() || engineAddress;
    const response = new provider.ProviderHandshakeResponse();
    response.setAcceptSecrets(true);
    return response;
  };

  const configure = (request: ConfigureRequest) => {
    const given = valuesOf(request.getArgs());
    config = parsedConfig(plain(given));
    credentials = [...secretTexts(given), ...(plugin.credentials?.(config) ?? [])].filter(
      (text) => text !== undefined,
    );
    const response = new provider.ConfigureResponse();
    response.setAcceptsecrets(true);
    response.setSupportspreview(true);
    return response;
  };

  const checkConfig = (request: CheckRequest) => {
    const news = valuesOf(request.getNews());
    return checkAnswer(news, plugin.checkConfig?.(parsedConfig(plain(news))) ?? []);
  };

  const diffConfig = (request: DiffRequest) => {
    const olds = plain(valuesOf(request.getOldInputs() ?? request.getOlds()));
    const news = plain(newsOf(request));
    return diffAnswer(
      changesBetween(olds, news, () => false),
      () => false,
    );
  };

  const check = (request: CheckRequest) => {
    const given = newsOf(request);
    const olds = plain(valuesOf(request.getOlds()));
    const type = typeOf(request.getType());
    const inputs = plain(given);
    const { inputs: taken, failures = [] } = type.check?.(inputs, {
      name: request.getName(),
      olds: Object.keys(olds).length === 0 ? undefined : olds,
      suffix: hexDigits(request.getRandomseed_asU8(), 7),
    }) ?? { inputs };
    return checkAnswer(markSecrets(taken, given), failures);
  };

  const diff = (request: DiffRequest) => {
    const type = typeOf(request.getType());
    const olds = plain(valuesOf(request.getOldInputs()));
    const news = plain(newsOf(request));
    const replaces = (path: PropertyPath) =>
      type.update === undefined || (type.replaces?.(path, olds, news) ?? false);
    const response = diffAnswer(changesBetween(olds, news, sameOf(type)), replaces);
    response.setDeletebeforereplace(type.deleteBeforeReplace?.(olds, news) ?? false);
    return response;
  };

  const create = async (request: CreateRequest) => {
    const given = valuesOf(request.getProperties());
    const type = typeOf(request.getType());
    const inputs = plain(given);
    const context = contextOf(request.getUrn(), request.getName(), request.getTimeout(), given);
    const response = new provider.CreateResponse();
    if (request.getPreview()) {
      const properties = await type.preview?.(await client(), inputs, undefined, context);
      response.setProperties(propertiesOf(type, properties ?? inputs, given));
      return response;
    }
    const { id, properties } = await type.create(await client(), inputs, context);
    response.setId(id);
    response.setProperties(propertiesOf(type, properties, given));
    return response;
  };

  const read = async (request: ReadRequest) => {
    const type = typeOf(request.getType());
    const properties = valuesOf(request.getProperties());
    const inputs = valuesOf(request.getInputs());
    const all = { ...properties, ...inputs };
    const known =
      Object.keys(all).length === 0
        ? undefined
        : { inputs: plain(inputs), properties: plain(properties) };
    const context = contextOf(request.getUrn(), request.getName(), request.getTimeout(), all);
    const live = await type.read(await client(), request.getId(), known, context);
    const response = new provider.ReadResponse();
    if (live === undefined) return response;
    const spelled = inKnownSpelling(known?.inputs ?? {}, plain(live.inputs), sameOf(type));
    response.setId(live.id ?? request.getId());
    response.setInputs(structOf(markSecrets(spelled, inputs)));
    response.setProperties(propertiesOf(type, live.properties, all));
    return response;
  };

  const update = async (request: UpdateRequest) => {
    const type = typeOf(request.getType());
    const given = newsOf(request);
    const olds = valuesOf(request.getOlds());
    const oldInputs = valuesOf(request.getOldInputs());
    const inputs = plain(given);
    const current = { id: request.getId(), inputs: plain(oldInputs), properties: plain(olds) };
    const context = contextOf(
      request.getUrn(),
      request.getName(),
      request.getTimeout(),
      ...[given, olds, oldInputs],
    );
    const response = new provider.UpdateResponse();
    if (request.getPreview()) {
      const properties =
        (await type.preview?.(await client(), inputs, current, context)) ??
        planned(inputs, current);
      response.setProperties(propertiesOf(type, properties, given));
      return response;
    }
    if (type.update === undefined) throw new Error(`${type.token} can't be updated`);
    const properties = await type.update(await client(), inputs, current, context);
    response.setProperties(propertiesOf(type, properties, given));
    return response;
  };

  const remove = async (request: DeleteRequest) => {
    const type = typeOf(request.getType());
    const properties = valuesOf(request.getProperties());
    const inputs = valuesOf(request.getOldInputs());
    const known = { inputs: plain(inputs), properties: plain(properties) };
    const context = contextOf(
      request.getUrn(),
      request.getName(),
      request.getTimeout(),
      ...[inputs, properties],
    );
    await type.delete(await client(), request.getId(), known, context);
    return new Empty();
  };

  const invoke = async (request: InvokeRequest) => {
    const call = plugin.invokes?.[request.getTok()] ?? unknownFunction(plugin, request.getTok());
    const args = valuesOf(request.getArgs());
    const response = new provider.InvokeResponse();
    if (containsUnknown(args)) return response;
    response.setReturn(structOf(await call(await client(), plain(args))));
    return response;
  };

  return {
    handshake: answering(handshake),
    getPluginInfo: answering(() => {
      const info = new pluginMessages.PluginInfo();
      info.setVersion(plugin.version);
      return info;
    }),
    getSchema: answering(() => {
      const response = new provider.GetSchemaResponse();
      response.setSchema(JSON.stringify({ name: plugin.name, version: plugin.version }));
      return response;
    }),
    checkConfig: answering(checkConfig, newsOf),
    diffConfig: answering(diffConfig, newsOf),
    configure: answering(configure, (request) => valuesOf(request.getArgs())),
    check: answering(check, newsOf),
    diff: answering(diff, newsOf),
    create: answering(create, (request) => valuesOf(request.getProperties())),
    read: answering(read, (request) => ({
      ...valuesOf(request.getProperties()),
      ...valuesOf(request.getInputs()),
    })),
    update: answering(update, newsOf),
    delete: answering(remove, (request) => ({
      ...valuesOf(request.getProperties()),
      ...valuesOf(request.getOldInputs()),
    })),
    invoke: answering(invoke, (request) => valuesOf(request.getArgs())),
    cancel: answering(() => {
      cancelled.abort();
      return new Empty();
    }),
  };
}

function newsOf(request: CheckRequest | DiffRequest | UpdateRequest): Properties {
  return valuesOf(request.getNews());
}

/** Settings arrive as strings, of which some hold JSON. */
function parsedConfig(config: Properties): Properties {
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => {
      if (typeof value !== "string" || !/^[[{]/.test(value)) return [key, value];
      try {
        return [key, JSON.parse(value) as unknown];
      } catch {
        return [key, value];
      }
    }),
  );
}

function sameOf<Client>(type: ResourceType<Client>) {
  return (path: PropertyPath, left: unknown, right: unknown): boolean =>
    type.same?.(path, left, right) ?? false;
}

function propertiesOf<Client>(
  type: ResourceType<Client>,
  properties: Properties,
  given: Properties,
) {
  return structOf(markSecrets(plain(properties), given, type.secretProperties));
}

/** What is there now with the new inputs over it. */
function planned(
  inputs: Properties,
  current: { readonly inputs: Properties; readonly properties: Properties },
): Properties {
  const kept = Object.entries(current.properties).filter(([key]) => !(key in current.inputs));
  return { ...Object.fromEntries(kept), ...inputs };
}

function unknownType<Client>({ name, version, types }: Plugin<Client>, token: string): never {
  throw new LocalError(
    `The stand-in for the ${name} provider does not know the resource type ${token}. It serves: ${types.map((type) => type.token).join(", ")}.`,
    {
      remedy: `Where Pulumi can download plugins the real one is used: \`pulumi plugin install resource ${name} ${version}\`. Or add the type in local/plugins/${name}/.`,
    },
  );
}

function unknownFunction<Client>({ name, invokes = {} }: Plugin<Client>, token: string): never {
  const known = Object.keys(invokes).join(", ");
  throw new LocalError(
    `The stand-in for the ${name} provider does not know the function ${token}.${known === "" ? "" : ` It serves: ${known}.`}`,
    { remedy: `Do without it, or add it in local/plugins/${name}/.` },
  );
}
