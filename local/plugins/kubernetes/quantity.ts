import { parseQuantity } from "../../kubernetes/quantity.ts";
import type { PropertyPath } from "../server/resource-type.ts";

/** Whether two amounts are one: Kubernetes gives `1000m` back as `1`. */
export function sameQuantity(path: PropertyPath, left: unknown, right: unknown): boolean {
  if (!path.some((part) => part === "limits" || part === "requests" || part === "sizeLimit")) {
    return false;
  }
  const amount = amountOf(left);
  return amount !== undefined && amount === amountOf(right);
}

function amountOf(value: unknown): number | undefined {
  try {
    return parseQuantity(String(value));
  } catch {
    return undefined;
  }
}
