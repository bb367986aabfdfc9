import assert from "node:assert/strict";
import { program, serve, type Served } from "./served.ts";

describe("the live rows of the dashboard", () => {
  let served: Served;
  let site: string;

  beforeEach(async () => {
    served = await serve();
    served.store.chain.begin({ height: 1, hash: "", time: 0 });
    site = await served.server.listen({ host: "127.0.0.1", port: 0 });
  });
  afterEach(() => served.close());

  /** A block with one call, as the monitor would have read it. */
  const addBlock = (height: number, name: string) => {
    served.store.database.atomically(() => {
      served.store.chain.add({
        ...{ height, hash: `ab1${height}`, previousHash: `ab1${height - 1}` },
        ...{ time: Date.now(), transactions: 1, aborted: [] },
        watched: [
          {
            ...{ id: `at1${height}`, position: 0, program, kind: "execute", function: name },
            ...{ status: "accepted", payer: undefined, fee: 1n, creditsIn: 0n, creditsOut: 0n },
            ...{ movements: [], changes: [], edition: undefined },
          },
        ],
      });
    });
  };
  /** The functions in the rows of a stream, until there are as many. */
  const rowsOf = async (path: string, wanted: number, headers: Record<string, string> = {}) => {
    const answer = await fetch(site + path, { headers });
    const found: string[] = [];
    let text = "";
    for await (const chunk of answer.body ?? []) {
      text += Buffer.from(chunk as Uint8Array).toString();
      const rows = [...text.matchAll(/<code>(f_\d+)<\/code>/g)].map(([, name = ""]) => name);
      found.splice(0, found.length, ...rows);
      if (found.length >= wanted) break;
    }
    return found;
  };

  it("are those that came after the page was made, once each, and then the new ones", async () => {
    addBlock(2, "f_2");
    const { body } = await served.server.inject({ url: "/" });
    const path = /data-live="([^"]+)"/.exec(body)?.[1]?.replaceAll("&#61;", "=");
    assert.equal(path, "/live?after=2");
    addBlock(3, "f_3");
    const rows = rowsOf(path, 2);
    setTimeout(() => {
      addBlock(4, "f_4");
    }, 300);
    assert.deepEqual(await rows, ["f_3", "f_4"]);
  });

  it("go on where a connection that was lost had come to", async () => {
    for (const height of [2, 3, 4]) addBlock(height, `f_${height}`);
    const rows = await rowsOf("/live?after=1", 1, { "last-event-id": "3" });
    assert.deepEqual(rows, ["f_4"]);
  });
});
