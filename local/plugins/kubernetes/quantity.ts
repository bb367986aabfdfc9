import type { PropertyPath } from "../server/resource-type.ts";

const factors: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/** Whether two amounts are one: Kubernetes gives `1000m` back as `1`. */
export function sameQuantity(path: PropertyPath, left: unknown, right: unknown): boolean {
  if (!path.some((part) => part === "limits" || part === "requests" || part === "sizeLimit")) {
    return false;
  }
  const amount = amountOf(left);
  return amount !== undefined && amount === amountOf(right);
}

function amountOf(value: unknown): number | undefined {
  const match = /^([+-]?\d+(?:\.\d+)?)(?:[eE]([+-]?\d+)|([A-Za-z]*))$/.exec(String(value));
  const [, digits, exponent, unit = ""] = match ?? [];
  const factor = exponent === undefined ? factors[unit] : 10 ** Number(exponent);
  return digits === undefined || factor === undefined ? undefined : Number(digits) * factor;
}
