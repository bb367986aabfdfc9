import type { Plaintext } from "./values.ts";

/** Whether two values are the same: of one type, with the same members in the same order. */
export function equal(a: Plaintext, b: Plaintext): boolean {
  switch (a.kind) {
    case "struct": {
      if (b.kind !== "struct" || a.members.size !== b.members.size) return false;
      const others = [...b.members];
      return [...a.members].every(([name, member], index) => {
        const [otherName, other] = others[index] ?? [];
        return other !== undefined && name === otherName && equal(member, other);
      });
    }
    case "array":
      return (
        b.kind === "array" &&
        a.elements.length === b.elements.length &&
        a.elements.every((element, index) => {
          const other = b.elements[index];
          return other !== undefined && equal(element, other);
        })
      );
    default:
      return a.kind === b.kind && a.type === b.type && a.value === b.value;
  }
}
