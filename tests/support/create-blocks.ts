import { request } from "undici";

/** Has a devnode make this many blocks; those of `manualBlocks` make none by themselves. */
export async function createBlocks(devnodeUrl: string, count: number): Promise<void> {
  const { statusCode, body } = await request(`${devnodeUrl}/testnet/block/create`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ num_blocks: count }),
  });
  const text = await body.text();
  if (statusCode !== 200) throw new Error(`No blocks were made: ${text}`);
}
