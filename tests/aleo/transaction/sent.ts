import type { SentTransaction } from "../../../aleo/transaction/journal.ts";

/** A journal's entry whose transaction no node knows, where nothing else is said. */
export function sentTransaction(values: Partial<SentTransaction> = {}): SentTransaction {
  return {
    purpose: "deployment of token.aleo, edition 0",
    id: "at19ffu9qyj22e2y6wx8rgmrpwmglddxjx2e8zdesj0jnes29tqavxsu9xg37",
    text: '{"id":"at19ffu9qyj22e2y6wx8rgmrpwmglddxjx2e8zdesj0jnes29tqavxsu9xg37"}',
    height: 22,
    taken: false,
    ...values,
  };
}
