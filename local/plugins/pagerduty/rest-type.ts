import { isDeepStrictEqual } from "node:util";
import type {
  Checked,
  CheckContext,
  Properties,
  PropertyPath,
  ResourceType,
} from "../server/resource-type.ts";
import { type Client, isGone } from "./client.ts";

/** What PagerDuty answers of one thing. */
export interface Answered {
  readonly id: string;
}

/** A resource that PagerDuty's REST API keeps as one document. */
export interface RestType<Inputs extends Properties, Document extends Answered> {
  readonly token: string;
  /** Under which name a document is sent and answered: `service`. */
  readonly wrapper: string;
  check(inputs: Inputs, context: CheckContext<Inputs>): Checked<Inputs>;
  replaces?(path: PropertyPath): boolean;
  /** The path of its collection: `/services`. */
  collectionOf(inputs: Inputs): string;
  /** The documents among which one that was made is found again. */
  list(client: Client, inputs: Inputs, signal: AbortSignal): Promise<readonly Document[]>;
  documentOf(inputs: Inputs): object;
  /** The inputs that would give this document, in the order and as sparse as the known ones. */
  inputsOf(document: Document, known: Partial<Inputs>): Inputs;
  /** What else there is to know of it. */
  outputsOf(document: Document): Properties;
  /** Of the id of an import, the one of the document and what the path needs. */
  importOf?(id: string): { readonly id: string; readonly inputs: Partial<Inputs> };
}

export function restType<Inputs extends Properties, Document extends Answered>(
  type: RestType<Inputs, Document>,
): ResourceType<Client, Inputs> {
  const { wrapper } = type;
  const unwrapped = (answer: Record<string, Document>): Document => {
    const document = answer[wrapper];
    if (document === undefined) throw new Error(`PagerDuty's answer has no ${wrapper}`);
    return document;
  };
  const propertiesOf = (document: Document, inputs: Inputs): Properties => ({
    ...type.outputsOf(document),
    ...inputs,
  });

  return {
    token: type.token,
    check: (inputs, context) => type.check(inputs, context),
    replaces: (path) => type.replaces?.(path) ?? false,

    create: async (client, inputs, { signal }) => {
      const document = type.documentOf(inputs);
      const findMade = async () => {
        const found = (await type.list(client, inputs, signal)).find((one) =>
          isDeepStrictEqual(type.documentOf(type.inputsOf(one, inputs)), document),
        );
        return found === undefined ? undefined : { [wrapper]: found };
      };
      const made = unwrapped(
        await client.create(type.collectionOf(inputs), { [wrapper]: document }, findMade, signal),
      );
      return { id: made.id, properties: propertiesOf(made, inputs) };
    },

    read: async (client, id, known, { signal }) => {
      const asked = known === undefined ? type.importOf?.(id) : undefined;
      const base = known?.inputs ?? asked?.inputs ?? {};
      const path = `${type.collectionOf(base as Inputs)}/${asked?.id ?? id}`;
      try {
        const document = unwrapped(await client.get(path, signal));
        const inputs = type.inputsOf(document, base);
        return { id: document.id, inputs, properties: propertiesOf(document, inputs) };
      } catch (error) {
        if (isGone(error)) return undefined;
        throw error;
      }
    },

    update: async (client, inputs, { id }, { signal }) => {
      const path = `${type.collectionOf(inputs)}/${id}`;
      const document = { [wrapper]: type.documentOf(inputs) };
      return propertiesOf(unwrapped(await client.put(path, document, signal)), inputs);
    },

    delete: (client, id, known, { signal }) =>
      client.delete(`${type.collectionOf(known.inputs)}/${id}`, signal),
  };
}
