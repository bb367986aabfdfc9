/**
 * How a stand-in provider plugin is written. A plugin is one file, `local/plugins/<name>/plugin.ts`:
 *
 *     await servePlugin<Client>({
 *       name: "aws",
 *       version: "7.48.0",
 *       connect: async (config) => (await import("./client.ts")).clientOf(config, process.env),
 *       credentials: (config) => [process.env.AWS_SECRET_ACCESS_KEY, config.secretKey],
 *       types: [bucket, bucketPolicy],
 *     });
 *
 * and one object a resource type, in a file of its own, that implements `ResourceType`. The server does
 * the rest: it speaks the protocol, takes secrets out of the values and puts them back, compares
 * inputs property by property, shows a preview, and reports half-made resources.
 *
 * What to know:
 *
 * - **Preview and no-op cost nothing.** A run without changes calls `check` and compares inputs; it
 *   never calls `connect`. Load an SDK with `await import()` inside `connect`, not at module level.
 * - **Values** are plain: strings, numbers, booleans, arrays, objects. A property without a value is
 *   left out (neither null nor undefined). In `check`, `same`, `replaces` and `preview` a value may be
 *   unknown (`isUnknown`), because the resource it comes from is not made yet.
 * - **Inputs and properties.** Inputs are what the program declares, after `check`. Properties are the
 *   outputs: return the inputs among them (`{...inputs, arn}`), or the outputs of that name are empty.
 * - **Drift** shows when `read` returns other inputs than it was given. So it returns every input that
 *   the program set, as it is now, and a property the program did not set only where it is not what
 *   the service gives by default. Where two spellings mean the same (JSON, a list without order) say so
 *   in `same`: the known spelling is kept then.
 * - **Import** is a `read` without `known`: all there is to go by is the id.
 * - **Gone** is `undefined` from `read`, and success from `delete`. A service that does not answer is
 *   an error, never "gone".
 * - **Errors**: throw a `LocalError` (what happened, to what, why; what to do next), or any Error. A
 *   resource that is there but does not work as it should is an `InitializationFailed`: its state is kept
 *   and the next run updates it. Credentials and secret inputs are cut out of every text.
 * - Nothing is retried by the server, and calls come concurrently.
 */
export interface ResourceType<
  Client,
  Inputs extends object = Properties,
  Outputs extends object = Properties,
> {
  /** As in a URN: `aws:s3/bucket:Bucket`. */
  readonly token: string;

  /** Fills in defaults and finds what is wrong, without the service. Left out: inputs are taken as they are. */
  check?(inputs: Inputs, context: CheckContext<Inputs>): Checked<Inputs>;

  /** Whether a change at that path makes a new resource instead of an update. Left out: none does. */
  replaces?(path: PropertyPath, olds: Inputs, news: Inputs): boolean;

  /** Whether the old one has to go before the new one is made. Left out: it goes afterwards. */
  deleteBeforeReplace?(olds: Inputs, news: Inputs): boolean;

  /**
   * Whether two different values at that path mean the same; one of them is undefined where it is not
   * set. Left out: none do.
   */
  same?(path: PropertyPath, left: unknown, right: unknown): boolean;

  /**
   * The properties that `create` or `update` would give. `current` is undefined for a creation. Left
   * out: the inputs over what is there now; outputs that are not among them are unknown in a creation.
   */
  preview?(
    client: Client,
    inputs: Inputs,
    current: Current<Inputs, Outputs> | undefined,
    context: CallContext,
  ): Promise<Properties>;

  create(client: Client, inputs: Inputs, context: CallContext): Promise<Created<Outputs>>;

  /** Called with what the state knows, or without in an import. */
  read(
    client: Client,
    id: string,
    known: Known<Inputs, Outputs> | undefined,
    context: CallContext,
  ): Promise<Live<Inputs, Outputs> | undefined>;

  /** Gives back all properties. Left out: every change makes a new resource. */
  update?(
    client: Client,
    inputs: Inputs,
    current: Current<Inputs, Outputs>,
    context: CallContext,
  ): Promise<Outputs>;

  delete(
    client: Client,
    id: string,
    known: Known<Inputs, Outputs>,
    context: CallContext,
  ): Promise<void>;

  /** Properties that are secret whatever the inputs are, such as a key that the service made. */
  readonly secretProperties?: readonly string[];
}

export type Properties = Record<string, unknown>;

/** From the inputs down: `["rules", 0, "days"]`. */
export type PropertyPath = readonly (string | number)[];

export interface CheckContext<Inputs> {
  /** The resource's name in the program. */
  readonly name: string;
  /** What the state knows; undefined for a new resource. */
  readonly olds: Inputs | undefined;
  /** Seven hexadecimal digits, for a name that the program leaves open. */
  readonly suffix: string;
}

export interface Checked<Inputs> {
  readonly inputs: Inputs;
  /** The property is a path as people write it: `rules[0].days`. */
  readonly failures?: readonly { readonly property: string; readonly reason: string }[];
}

export interface CallContext {
  /** The resource's name in the program. */
  readonly name: string;
  readonly urn: string;
  /** Aborted when the run is cancelled: end what you wait for. */
  readonly signal: AbortSignal;
  /** The program's `customTimeouts` for this operation. */
  readonly timeoutMs: number | undefined;
  /** Shows a line beside the resource until the next one: what is being waited for. */
  readonly status: (line: string) => void;
  /** Shows a warning that stays. */
  readonly warn: (text: string) => void;
}

interface Known<Inputs, Outputs> {
  readonly inputs: Inputs;
  readonly properties: Outputs;
}

interface Current<Inputs, Outputs> extends Known<Inputs, Outputs> {
  readonly id: string;
}

interface Created<Outputs> {
  readonly id: string;
  readonly properties: Outputs;
}

/** Of an import, `id` may be another spelling of the one that was asked for. */
interface Live<Inputs, Outputs> extends Known<Inputs, Outputs> {
  readonly id?: string;
}

/**
 * A function of the provider (`aws.getCallerIdentity`): arguments in, result out. With unknown arguments
 * it is not called.
 */
type Invoke<Client> = (client: Client, args: Properties) => Promise<Properties>;

export interface Plugin<Client> {
  /** The package: `aws`. */
  readonly name: string;
  /** The version of the npm package that this stands in for. */
  readonly version: string;
  /** The provider's own settings that are wrong; found before anything else is done. */
  checkConfig?(config: Properties): readonly { property: string; reason: string }[];
  /**
   * Called once, before the first call that needs the service. Settings of the provider are strings;
   * those that hold JSON objects or lists arrive as such.
   */
  connect(config: Properties): Promise<Client>;
  /** Texts that no error may contain; what is undefined or empty is passed over. */
  credentials?(config: Properties): readonly (string | undefined)[];
  readonly types: readonly ResourceType<Client>[];
  readonly invokes?: Readonly<Record<string, Invoke<Client>>>;
}

/** For `replaces`: a change at, above or below one of these paths. `rules[*].id` is any index. */
export function at(...paths: readonly string[]): (path: PropertyPath) => boolean {
  const wanted = paths.map((path) => path.split(/[.[\]]+/).filter((part) => part !== ""));
  return (path) =>
    wanted.some((parts) =>
      parts
        .slice(0, path.length)
        .every((part, index) => part === "*" || part === String(path[index])),
    );
}
