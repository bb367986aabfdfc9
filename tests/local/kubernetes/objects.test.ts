import assert from "node:assert/strict";
import { Objects } from "../../../local/kubernetes/node/objects.ts";

describe("a watched ConfigMap", () => {
  it("is read again when its watch begins: it may have changed since it was read", async () => {
    let read = 0;
    let begin = (): void => undefined;
    const objects = new Objects({
      find: () => Promise.resolve(undefined),
      follow: (_path, _query, { listed }) => {
        begin = () => {
          listed([]);
        };
        return Promise.resolve();
      },
    });
    const changed = () => (read += 1);
    objects.watch("configmaps", "space", "rules", changed, new AbortController().signal);
    assert.equal(await objects.data("configmaps", "space", "rules"), undefined);
    begin();
    assert.equal(read, 1);
    begin();
    assert.equal(read, 2, "and whenever it is listed anew");
  });
});
